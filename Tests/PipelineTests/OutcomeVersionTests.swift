import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct OutcomeVersionTests {
    /// As an encoder has it, by which jobs of earlier versions have their versions.
    private struct Version: Encodable {
        var fingerprint: Fingerprint
        var outputs: [String: String]
    }

    private func outcome(_ words: [String]) throws -> Outcome {
        Outcome(
            unit: try UnitID("S1"),
            stage: .tile,
            status: .ok,
            fingerprint: Fingerprint(
                format: 2,
                stage: words[0],
                parameters: [words[1]: "{\"mask_mpp\":8}", "B": "1", "a": words[2]],
                inputs: ["slide": words[3]]
            ),
            outputs: ["20x/patches/S 1.h5": words[4], "20X": "b"]
        )
    }

    @Test(arguments: seeds(20)) func aVersionIsTheDigestOfTheEncodersLine(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "versions")
        for _ in 0..<20 {
            let outcome = try outcome((0..<5).map { _ in random.text() })
            let wanted = try CanonicalJSON.fingerprint(
                Version(fingerprint: outcome.fingerprint, outputs: outcome.outputs)
            )
            #expect(try outcome.version() == wanted)
        }
        let plain = try outcome(["tile", "mask", "0", "ff", "C:\\a \"b\""])
        #expect(plain.plainVersion(CommonLine()) != nil)
        let wanted = try CanonicalJSON.fingerprint(Version(fingerprint: plain.fingerprint, outputs: plain.outputs))
        #expect(try plain.version() == wanted)
    }

    @Test func aVersionChangesWithTheFingerprintAndWithTheOutputs() throws {
        let fingerprint = Fingerprint(stage: "paint", parameters: [:], inputs: [:])
        let outcome = Outcome(
            unit: try UnitID("a"),
            stage: .tile,
            status: .ok,
            fingerprint: fingerprint,
            outputs: ["a": "1"]
        )
        var (output, input, figure) = (outcome, outcome, outcome)
        output.outputs["a"] = "2"
        input.fingerprint.inputs["slide"] = "x"
        figure.figures["patches"] = 3
        let versions = try [outcome, output, input].map { try $0.version() }
        #expect(Set(versions).count == 3)
        #expect(try figure.version() == versions[0])
    }
}
