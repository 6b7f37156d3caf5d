import Foundation
import Records
import Testing

@testable import Pipeline

@Suite struct SlideNamesTests {
    private func ids(_ names: [String]) throws -> [SlideID] { try names.map { try SlideID($0) } }

    @Test(
        arguments: [
            ("a", "a"), ("a.svs", "a"), ("a.SVS", "a"), ("a.czi", "a"), ("b", "b.tif"), ("b.svs", "b.tif"),
            ("TCGA-3C-01.F6E9", "TCGA-3C-01.F6E9"), ("TCGA-3C-01.F6E9.svs", "TCGA-3C-01.F6E9"), ("TCGA-3C-01", nil),
            ("A", nil), ("c", "c"), ("c.svs", "c.svs"), ("c.tif", "c"), ("cafe\u{301}", "caf\u{E9}"), ("", nil),
            ("1.0", nil),
        ] as [(String, String?)]
    )
    func aNameIsExactOrLacksASlidesEnding(word: String, slide: String?) throws {
        let names = SlideNames(try ids(["a", "b.tif", "TCGA-3C-01.F6E9", "c", "c.svs", "caf\u{E9}", "1"]))
        #expect(names.slide(named: word)?.text == slide)
    }

    @Test func aNameThatTwoSlidesHaveWithoutTheirEndingsIsNeithers() throws {
        #expect(SlideNames(try ids(["a.svs", "a.tif"])).slide(named: "a") == nil)
    }

    @Test func aFloatIsTheNumberThatOnlyOneSlideHas() throws {
        let names = SlideNames(try ids(["1027", "7", "007", "x1"]))
        #expect(names.slide(numbered: "1027.0")?.text == "1027")
        #expect(names.slide(numbered: "1027.00")?.text == "1027")
        for word in ["7.0", "1027.5", "1027", "x1.0", "8.0", "1027.0.0"] { #expect(names.slide(numbered: word) == nil) }
    }
}

@Suite struct NameHintTests {
    private func hint(_ names: [String], _ slides: [String]) throws -> String? {
        NameHint.text(names, slides: try slides.map { try SlideID($0) })
    }

    @Test(
        arguments: [
            (["1", "2", "30"], ["00001", "00002", "00030"], "all 3 would match with leading zeros"),
            (["001", "002"], ["1", "2"], "all 2 would match without leading zeros"),
            (["slide_7", "slide_8"], ["slide_007", "slide_008"], "all 2 would match with leading zeros"),
            (["1027.0", "1028.0"], ["1027", "1028"], "all 2 would match as 1027 instead of 1027.0"),
            (["s1.h5", "s2.h5"], ["s1", "s2"], "all 2 would match without .h5"),
            (["s1.svs.h5", "s2.svs.h5"], ["s1", "s2"], "all 2 would match without .svs.h5"),
            (["S1.svs", "S2.svs"], ["s1", "s2"], "all 2 would match ignoring case"),
            (["data/x/s1.svs", "data/x/s2.svs"], ["s1", "s2"], "all 2 would match without the folder"),
            (["C:\\x\\s1.svs"], ["s1"], "it would match without the folder"),
            (["s 1", "s\u{A0}2"], ["s1", "s2"], "all 2 would match ignoring blanks"),
            (["s1\u{200B}"], ["s1"], "it would match ignoring blanks"),
            (["'s1'"], ["s1"], "it would match without quotation marks"),
            (["ｓ１"], ["s1"], "it would match with the usual form of their characters"),
            (["a\u{2013}1"], ["a-1"], "it would match with the usual form of their characters"),
            (["a-1", "b-2"], ["a_1", "b_2"], "all 2 would match with other separators"),
            (["s1_patches", "s2_patches"], ["s1", "s2"], "all 2 would match without '_patches'"),
            (["1", "2"], ["case_1", "case_2"], "all 2 would match with 'case_'"),
            (["T-1", "T-2"], ["T-1.ab12", "T-2.cd34"], "all 2 would match up to the first dot"),
            (
                ["TCGA-A1", "TCGA-B2"], ["TCGA-A1-01Z-DX1", "TCGA-B2-07A-DX1"],
                "all 2 would match by their beginning, 'TCGA-A1' as TCGA-A1-01Z-DX1"
            ),
            (["x/S_01.0"], ["s-1"], nil), (["x/S_07.SVS"], ["s-7"], "it would match as s-7 instead of x/S_07.SVS"),
            (["A1", "zz"], ["a1", "b1"], "1 of 2 would match ignoring case"),
        ] as [([String], [String], String?)]
    )
    func whatExplainsMostNamesIsTold(names: [String], slides: [String], text: String?) throws {
        #expect(try hint(names, slides) == text)
    }

    @Test func whatIsAmbiguousIsNoExplanation() throws {
        #expect(try hint(["1"], ["01", "001"]) == nil)
        #expect(try hint(["abc"], ["xyz"]) == nil)
        #expect(try hint([], ["a"]) == nil && hint(["a"], []) == nil)
    }
}

@Suite struct ProblemTests {
    private func problem(_ line: Int, _ name: String, code: ErrorCode = .table) -> Problem {
        Problem(code, "l.csv", line: line, "label '\(name)' of line \(line) is none of 0, 1")
    }

    @Test func manyOfOneCauseAreOneWithTheirFirstLines() {
        let other = Problem(.table, "l.csv", line: 9, "the case is empty")
        let grouped = ((2...2001).map { problem($0, "x\($0)") } + [other]).byCause
        #expect(grouped.count == 2)
        #expect(
            grouped[0].message
                == "label 'x2' of line 2 is none of 0, 1 (and 1,999 more like this: line 3, line 4, line 5, …)"
        )
        #expect((grouped[0].line, grouped[0].count) == (2, 2000))
        #expect(grouped[1] == other)
    }

    @Test func aFewStayAsTheyAreAndCodesAreKeptApart() {
        let few = [problem(2, "a"), problem(3, "b"), problem(4, "c")]
        #expect(few.byCause == few)
        let leaks = (5...9).map { problem($0, "d", code: .leakage) }
        #expect((few + leaks).byCause.map(\.code) == [.table, .table, .table, .leakage])
        #expect(StudyProblems(problems: (few + leaks).byCause).exitStatus == .refused)
    }

    @Test func namesAreOneProblemWithItsHint() {
        let rows = (0..<5).map { NamedRow(name: "s\($0)", line: $0 + 2) }
        func found(_ count: Int) -> [Problem] {
            Problem.names(
                .table,
                "l.csv",
                Array(rows.prefix(count)),
                one: "is lost",
                several: "are lost",
                hint: "so what"
            )
        }
        #expect(found(0).isEmpty)
        #expect(found(1).map(\.message) == ["slide 's0' is lost; so what"])
        #expect(
            found(5).map(\.message)
                == ["5 slides are lost: 's0' (line 2), 's1' (line 3), 's2' (line 4), …; so what"]
        )
        #expect(found(5).map(\.count) == [5] && found(5).map(\.line) == [2])
    }
}
