import Foundation
import Records
import Testing

@Suite struct ReadoutTests {
    private static let all: [Readout] = [
        .class(count: 3), .ordinal(count: 4), .labels([Readout.LabelWeights(yes: 2, no: 0.5)]),
        .number(Readout.NumberScale(mean: 3, sd: 2, huber: 1)),
        .hazards(Readout.Hazards(edges: [1, 2], end: 5, alpha: 0.5)),
        .risk(Readout.RiskScale(times: [1, 4], hazards: [0.1, 0.3])),
    ]

    @Test func whatIsWrittenIsReadUnderNamedKeys() throws {
        for readout in Self.all + [.several(Self.all.map { Readout.Part(name: "a", readout: $0) })] {
            let data = try JSONEncoder().encode(readout)
            #expect(try JSONDecoder().decode(Readout.self, from: data) == readout)
            #expect(!String(decoding: data, as: UTF8.self).contains("_0"))
        }
    }

    @Test(arguments: [
        (#"{"labels": {"_0": [{"yes": 2, "no": 0.5}]}}"#, 2),
        (#"{"number": {"_0": {"mean": 3, "sd": 2, "huber": 1}}}"#, 3),
        (#"{"hazards": {"_0": {"edges": [1, 2], "end": 5, "alpha": 0.5}}}"#, 4),
        (#"{"risk": {"_0": {"times": [1, 4], "hazards": [0.1, 0.3]}}}"#, 5), (#"{"class": {"count": 3}}"#, 0),
    ])
    func checkpointsOfBeforeAreRead(text: String, place: Int) throws {
        #expect(try JSONDecoder().decode(Readout.self, from: Data(text.utf8)) == Self.all[place])
    }

    @Test(arguments: [
        "{}", #"{"other": 1}"#, #"{"class": {"count": 2}, "ordinal": {"count": 3}}"#, #"{"number": {"mean": 1}}"#,
    ])
    func whatIsNoneIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Readout.self, from: Data(text.utf8)) }
    }
}
