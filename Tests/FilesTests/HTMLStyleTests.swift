import Testing

@testable import Files

@Suite struct HTMLStyleTests {
    /// Numbers are not broken into lines, so that a table of many is wider than a small window.
    @Test func aTableOfNumbersScrollsByItselfOnAScreen() throws {
        let rules = HTML.style.split(separator: "@media screen{").last?.prefix { $0 != "@" } ?? ""
        let box = try #require(rules.firstMatch(of: /table\.numbers\{(?<box>[^}]*)\}/)?.box)
        #expect(box.contains("overflow-x:auto") && box.contains("max-width:100%"))
        // Words of the first column stay whole.
        #expect(rules.contains("table.numbers tbody th{overflow-wrap:break-word}"))
    }
}
