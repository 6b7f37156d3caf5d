import Foundation
import Records
import Testing

/// The table of error codes and its page, docs/errors.md.
@Suite struct ErrorTableTests {
    private let page: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        page = try String(contentsOf: root.appending(path: "docs/errors.md"), encoding: .utf8)
    }

    @Test(arguments: ErrorCode.allCases) func everyCodeHasItsRow(code: ErrorCode) {
        let entry = code.entry
        #expect(!entry.meaning.isEmpty && !entry.wayOut.isEmpty)
        let row = "| `\(code.rawValue)` | \(entry.exit.rawValue) | \(entry.meaning) | \(entry.wayOut) |"
        #expect(page.contains("\n\(row)\n"), "docs/errors.md lacks: \(row)")
    }

    @Test func thePageNamesNoOtherCode() {
        let named = page.split(separator: "\n").filter { $0.hasPrefix("| `E_") }
        #expect(named.count == ErrorCode.allCases.count)
    }

    @Test(arguments: Records.ExitStatus.allCases) func everyExitCodeHasItsRow(status: Records.ExitStatus) {
        let row = "| \(status.rawValue) | \(status.meaning) |"
        #expect(page.contains("\n\(row)\n"), "docs/errors.md lacks: \(row)")
    }
}
