import Files
import Foundation
import Records
import Testing

@Suite struct SlideIDTests {
    @Test(arguments: [
        "TCGA-A1-A0SB-01Z-00-DX1.1234", "Fall 12 (b)", "7", "ä_ß", "玻片 3", "a'b#c,d=e@f&g+h", "नमूना", "x..y",
        String(repeating: "a", count: 200),
    ])
    func ordinaryFileNamesAreIds(name: String) throws {
        #expect(try SlideID(name).text == name)
    }

    @Test(arguments: [
        "", ".", "..", ".hidden", "-rf", " a", "a ", "a.", "a/b", "../a", "a\\b", "a\u{0}b", "a\nb", "a\tb", "a:b",
        "a*",
        "a?b", "a|b", "a<b", "\"a\"", "a;b", "$a", "a`b", "a\u{202E}gpj", "a\u{200B}b", "a\u{FEFF}", "\u{301}a", "_a",
        "a\u{2028}b", "🔬", String(repeating: "a", count: 201), String(repeating: "ä", count: 101),
    ])
    func namesThatCouldLeaveTheirFolderOrMisleadAreRefused(name: String) throws {
        let error = try #require(throws: Failure.self) { try SlideID(name) }
        #expect(error.code == .unsafeID)
        #expect(error.code.exitStatus == .refused)
        #expect(!error.description.contains { $0.isNewline || $0 == "\u{0}" || $0 == "\u{202E}" })
    }

    @Test func composedAndDecomposedSpellingsAreOneId() throws {
        let composed = try SlideID("F\u{E4}ll")
        let decomposed = try SlideID("Fa\u{308}ll")
        #expect(decomposed == composed)
        #expect(Array(decomposed.text.utf8) == Array("F\u{E4}ll".utf8))
        #expect(Set([composed, decomposed]).count == 1)
    }

    @Test func theLengthCountsAfterComposition() throws {
        // 100 decomposed letters are 300 bytes, composed 200.
        #expect(try SlideID(String(repeating: "a\u{308}", count: 100)).text.utf8.count == 200)
    }

    @Test func idsThatDifferInCaseCollideButAreNotEqual() throws {
        let (upper, lower) = (try SlideID("Case-Ä"), try SlideID("case-ä"))
        #expect(upper != lower)
        #expect(upper.collisionKey == lower.collisionKey)
        #expect(try SlideID("case-a").collisionKey != lower.collisionKey)
    }

    @Test func anIdIsPlainTextInJSONAndIsCheckedWhenItIsReadBack() throws {
        let ids = [try SlideID("b 2"), try SlideID("a")]
        let json = try JSONEncoder().encode(ids)
        #expect(String(decoding: json, as: UTF8.self) == #"["b 2","a"]"#)
        #expect(try JSONDecoder().decode([SlideID].self, from: json) == ids)
        #expect(throws: Failure.self) { try JSONDecoder().decode([SlideID].self, from: Data(#"["../a"]"#.utf8)) }
    }

    @Test func idsSortByTheirText() throws {
        let sorted = try ["b", "a10", "a2", "B"].map { try SlideID($0) }.sorted().map(\.text)
        #expect(sorted == ["B", "a10", "a2", "b"])
    }
}
