import Foundation
import TestSupport
import Testing

/// Replays the recorded cases of Tests/Golden.
@Suite("Golden") struct GoldenTests {
    @Test func theRepositoryHoldsTheCases() { #expect(GoldenData.cases.count == 17) }

    @Test(arguments: GoldenData.cases) func everyRecordedCaseIsReproduced(name: String) throws {
        let golden = try GoldenCase(GoldenData.folder.appending(path: "\(name).json"))
        switch golden.value("family", else: "none") {
        case "acmil": try AttentionReplay(golden).run()
        case "mhim": try MHIMReplay(golden).run()
        case let family: Issue.record("the family \(family) is not known")
        }
    }
}
