import Foundation
import Records
import Testing

@Suite struct ReleaseTests {
    @Test func whatIsCitedIsThisRelease() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../CITATION.cff")
        let lines = try String(contentsOf: file.standardizedFileURL, encoding: .utf8).split(separator: "\n")
        #expect(lines.contains("version: \(Release.version)"))
    }
}
