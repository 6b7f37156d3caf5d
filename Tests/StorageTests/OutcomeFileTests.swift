import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

@Suite("The seal of outcomes")
struct OutcomeFileTests {
    private let outcome: Outcome
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        var outcome = Outcome(
            unit: try UnitID("one"),
            stage: .tile,
            status: .ok,
            fingerprint: Fingerprint(stage: "tile", parameters: ["a": "1"], inputs: ["slide": "x/y"]),
            figures: ["patches": 3, "tissue_um2": 0.1, "pi": .pi, "small": 1e-300],
            facts: ["grid": "20x", "words": "seal \"and\" /é\u{1}\n"],
            outputs: ["patches/one.h5": "ff"]
        )
        outcome.sizes = ["patches/one.h5": 12]
        outcome.notes = ["\"seal\" : \"\","]
        outcome.unexamined = 0.25
        self.outcome = outcome
    }

    @Test("What is written is read again, byte by byte the same")
    func roundTrip() throws {
        let (one, two) = (scratch.file("one.json"), scratch.file("two.json"))
        try outcome.write(to: one)
        let read = try Outcome.read(one)
        #expect(read == outcome)
        try read.write(to: two)
        #expect(try Data(contentsOf: one) == Data(contentsOf: two))
    }

    @Test("Outcomes of earlier versions have none and are read")
    func unsealed() throws {
        try CanonicalJSON.write(outcome, to: scratch.file("one.json"))
        #expect(try Outcome.read(scratch.file("one.json")) == outcome)
    }

    @Test(
        "A changed figure, fact, size, note or seal is damage",
        arguments: [
            ("\"patches\" : 3", "\"patches\" : 4"), ("\"20x\"", "\"40x\""), ("one.h5\" : 12", "one.h5\" : 13"),
            ("\"ok\"", "\"empty\""), ("\"seal\" : \"", "\"seal\" : \"0"), ("0.25", "0.5"), ("}\n", "}\n\n"),
        ]
    )
    func changed(_ old: String, _ new: String) throws {
        let url = scratch.file("one.json")
        try outcome.write(to: url)
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: url)
        let error = #expect(throws: StorageError.self) { try Outcome.read(url) }
        #expect(error?.code == .file)
        #expect(try Outcome.readUndamaged(url) == nil)
    }
}
