import Records
import Testing

@Suite struct OutcomeTests {
    private func outcome(_ unit: String, mpp: String, sizes: [String: Int]?) throws -> Outcome {
        var outcome = Outcome(
            unit: try UnitID(unit),
            stage: .tile,
            status: .ok,
            fingerprint: Fingerprint(stage: "tile", parameters: ["mpp": mpp], inputs: ["slide": unit]),
            outputs: ["patches/\(unit).h5": "a", "thumbnails/\(unit).jpg": "b"]
        )
        outcome.sizes = sizes
        return outcome
    }

    /// What is held once must not change what is said: the bytes of outcomes are compared.
    @Test func anOutcomeThatSharesItsTextsWithAnotherIsTheSame() throws {
        let sizes = ["patches/b.h5": 1, "thumbnails/b.jpg": 2]
        let first = try outcome("a", mpp: "0.5", sizes: nil)
        for other in [
            try outcome("b", mpp: "0.5", sizes: sizes), try outcome("b", mpp: "0.25", sizes: sizes),
            try outcome("b", mpp: "0.5", sizes: nil), try outcome("b", mpp: "0.5", sizes: ["patches/b.h5": 1]),
            try outcome("b", mpp: "0.5", sizes: ["patches/b.h5": 1, "elsewhere/b.h5": 2]),
        ] {
            #expect(other.sharing(with: first) == other)
        }
    }
}
