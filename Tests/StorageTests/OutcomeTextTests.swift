import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// What is read quickly against what a decoder reads.
@Suite struct OutcomeTextTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let numbers = [0, 1, -1, 0.25, 1e-300, 1.7e308, 4_503_599_627_370_497, 3.0e-5, 123.456]
    private static let texts = ["", "null", "{\"mask_mpp\":8,\"a\":[1,2]}", "two\nlines", "\u{1}", "[{,]}:"]

    private func outcome(_ random: inout CounterRandom) throws -> Outcome {
        func isSet() -> Bool { random.index(below: 2) == 0 }
        func text() -> String {
            isSet() ? random.text() : Self.texts[random.index(below: Self.texts.count)]
        }
        func table<Value>(_ value: () -> Value) -> [String: Value] {
            (0..<random.index(below: 6)).reduce(into: [:]) { table, _ in table[text()] = value() }
        }
        func number() -> Double { Self.numbers[random.index(below: Self.numbers.count)] }
        let format = random.index(below: 100)
        var outcome = Outcome(
            unit: try UnitID(isSet() ? "S 1" : "Fälle.2"),
            stage: StageName(isSet() ? "tile" : "features_é"),
            status: [.ok, .empty, .failed, .refused][random.index(below: 4)],
            failure: isSet() ? Failure(.slideOpen, "S1", text()) : nil,
            fingerprint: Fingerprint(format: format, stage: "tile", parameters: table(text), inputs: table(text)),
            figures: table(number),
            facts: table(text),
            outputs: table(text)
        )
        if isSet() { outcome.sizes = table { [0, 1, 1 << 40][random.index(below: 3)] } }
        if isSet() { outcome.unexamined = number() }
        if isSet() { outcome.notes = [text(), "b"] }
        if isSet() { outcome.accepted = [Mismatch(member: .scale, first: text(), second: "0.25")] }
        return outcome
    }

    @Test(arguments: seeds(20)) func everyOutcomeIsReadAsADecoderReadsIt(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "outcomes")
        for _ in 0..<50 {
            let (wanted, file) = (try outcome(&random), scratch.file("o.json"))
            try wanted.write(to: file)
            let data = try Data(contentsOf: file)
            let read = try #require(OutcomeText.outcome(data), "\(String(decoding: data, as: UTF8.self))")
            #expect(try read == CanonicalJSON.decode(Outcome.self, made: data, file))
        }
    }

    @Test func whatIsNotAsThisProgramWritesItIsLeftToTheDecoder() throws {
        let text = """
            {"facts":{},"figures":{"a":1},"fingerprint":{"format":1,"inputs":{},"parameters":{},"stage":"tile"},
            "outputs":{"a":"b"},"stage":"tile","status":"ok","unit":"S1"}
            """
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        func read(_ old: String, _ new: String) -> Outcome? {
            OutcomeText.outcome(Data(text.replacing(old, with: new).utf8))
        }
        #expect(read("", "") != nil)
        for (old, new) in [
            ("\"unit\":\"S1\"", "\"unit\":\"../S1\""), ("\"ok\"", "\"fine\""), ("\"a\":1", "\"a\":x"),
            ("\"a\":1", "\"a\":1,\"a\":2"), ("\"a\":\"b\"", "\"a\":1"), ("\"format\":1", "\"format\":1.5"),
            ("\"format\":1,", ""), ("\"facts\":{},", ""), ("\"facts\":{}", "\"facts\":null"),
            ("\"S1\"}", "\"S1\",\"x\":1}"),
            ("\"unit\":\"S1\"}", "\"unit\":\"S1\""), ("\"stage\":\"tile\",", "\"stage\" \"tile\","),
            ("\"S1\"}", "\"S1\",\"notes\":null}"), ("\"S1\"}", "\"S1\"} x"), ("\"S1\"}", "\"S1\"}{}"),
            ("\"a\":1", "\"a\":nan"), ("\"a\":1", "\"a\":inf"), ("\"a\":1", "\"a\":1e999"), ("\"a\":1", "\"a\":0x1p3"),
            ("\"a\":1", "\"a\":+1"), ("\"format\":1", "\"format\":+1"), ("\"a\":\"b\"", "\"a\":\"\u{1}\""),
            ("\"S1\"}", "\"S1\",\"unit\":\"S1\"}"), ("\"S1\"}", "\"S1\",\"notes\":\(deep)}"),
        ] { #expect(read(old, new) == nil, "\(new)") }
    }
}
