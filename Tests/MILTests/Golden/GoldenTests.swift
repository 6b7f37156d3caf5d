import Foundation
import TestSupport
import Testing
import Torch

/// Replays the recorded cases of Tests/Golden.
@Suite("Golden") struct GoldenTests {
    @Test func theRepositoryHoldsTheCases() { #expect(GoldenData.cases.count == 17) }

    @Test(arguments: GoldenData.cases) func everyRecordedCaseIsReproduced(name: String) throws { try replay(name) }

    /// As a GPU computes it, on the CPU.
    @Test(arguments: GoldenData.cases) func everyRecordedCaseIsReproducedByPlainOperators(name: String) throws {
        try withPlainOperators { try replay(name) }
    }

    private func replay(_ name: String) throws {
        let golden = try GoldenCase(GoldenData.folder.appending(path: "\(name).json"))
        switch golden.value("family", else: "none") {
        case "acmil": try AttentionReplay(golden).run()
        case "mhim": try MHIMReplay(golden).run()
        case let family: Issue.record("the family \(family) is not known")
        }
    }
}
