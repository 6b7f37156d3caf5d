import Foundation
import Testing

/// Replays the recorded cases in $WSI_GOLDEN_DIR, else ../shared/golden; skipped, and said so, where there are none.
@Suite("Golden") struct GoldenTests {
    @Test func everyRecordedCaseIsReproduced() throws {
        let folder = ProcessInfo.processInfo.environment["WSI_GOLDEN_DIR"] ?? "../shared/golden"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        let cases = try names.filter { $0.hasSuffix(".json") }.map { try GoldenCase(URL(filePath: "\(folder)/\($0)")) }
        guard !cases.isEmpty else {
            print("golden cases: skipped, \(folder) holds none")
            return
        }
        for golden in cases {
            do {
                switch golden.value("family", else: "none") {
                case "acmil": try AttentionReplay(golden).run()
                case "mhim": try MHIMReplay(golden).run()
                case let family: Issue.record("\(golden.name): the family \(family) is not known")
                }
            } catch {
                Issue.record("\(golden.name): \(error)")
            }
            print("  \(golden.name): at most \(percent(golden.worst.share)) of what is allowed (\(golden.worst.key))")
        }
        print("golden cases: \(cases.count)")
    }

    private func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
}
