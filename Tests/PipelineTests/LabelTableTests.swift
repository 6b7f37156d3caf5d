import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct LabelTableTests {
    private func read(_ text: String, _ members: String...) throws -> LabelTable {
        let scratch = try Scratch()
        let config = (["\"labels\": \"l\""] + members).joined(separator: ", ")
        return LabelTable(
            try scratch.add("labels.csv", text),
            config: try JSONDecoder().decode(CohortConfig.self, from: Data("{\(config)}".utf8))
        )
    }

    private func problems(_ text: String, _ classes: String = "\"classes\": null") throws -> [String] {
        try read(text, classes).problems.map { "\($0.line.map { "\($0): " } ?? "")\($0.message)" }
    }

    private func labels(_ labels: [String]) -> String {
        "slide_id,case_id,label\n" + labels.enumerated().map { "s\($0.offset),c,\($0.element)\n" }.joined()
    }

    private func slide(_ slide: String, _ caseID: String, _ label: Int) throws -> CohortSlide {
        CohortSlide(slide: try SlideID(slide), caseID: caseID, target: .class(label))
    }

    @Test func slidesAreSortedAndKeepTheirCase() throws {
        let table = try read("label;slide_id;case_id\ntumour;b;patient 1\nnormal;a;patient 1\n")
        #expect(table.cohort.classes == ["normal", "tumour"])
        #expect(table.cohort.slides == [try slide("a", "patient 1", 0), try slide("b", "patient 1", 1)])
        #expect(table.lines == [try SlideID("b"): 2, try SlideID("a"): 3])
        #expect(table.notes.isEmpty && table.problems.isEmpty)
    }

    @Test func clamsTableWithFurtherColumnsIsRead() throws {
        let table = try read(",case_id,slide_id,label,age\n0,p1,s1,x,60\n1,p2,s2,y,61\n")
        #expect(table.cohort.slides == [try slide("s1", "p1", 0), try slide("s2", "p2", 1)])
    }

    /// A reader that takes the first line for a header in any case loses a slide.
    @Test(arguments: [
        ("a,1\nb,0\n", ["a", "b"], ["a", "b"]), ("a,1,train\nb,0,test\n", ["a", "b"], ["a", "b"]),
        ("p,a,1,train\nq,b,0,val\n", ["a", "b"], ["p", "q"]), ("ID,Label\na,1\nb,0\n", ["a", "b"], ["a", "b"]),
        ("Case,ID,Label,Split\np,a,1,Train\nq,b,0,Val\n", ["a", "b"], ["p", "q"]),
    ])
    func tablesOfMHIMKeepTheirFirstSlideWithAndWithoutAHeader(text: String, slides: [String], cases: [String]) throws {
        let table = try read(text)
        #expect(table.problems.isEmpty)
        #expect(table.cohort.slides.map(\.slide.text) == slides)
        #expect(table.cohort.slides.map(\.caseID) == cases)
        #expect(table.cohort.slides.map(\.target.label) == [1, 0])
        let hasHeader = text.hasPrefix("ID") || text.hasPrefix("Case")
        #expect(table.notes.contains { $0.contains("has no header") } != hasHeader)
        #expect(table.notes.contains { $0.contains("case of its own") } == (slides == cases))
    }

    @Test func columnsThatNobodyCanKnowAreAskedFor() throws {
        let found = try problems("a,b,c\nx,y,z\n")
        #expect(found.count == 1 && found[0].hasPrefix("1: no known column in a, b, c"))
    }

    @Test func theConfigNamesColumns() throws {
        let columns = #""columns": {"slide": "bag", "label": "grade", "case": "who"}"#
        let table = try read("grade,bag,label,who\n2,a,x,p\n10,b,x,q\n", columns)
        #expect(table.cohort.classes == ["2", "10"])
        #expect(table.cohort.slides == [try slide("a", "p", 0), try slide("b", "q", 1)])
        let missing = try read("slide_id,label\na,x\nb,y\n", #""columns": {"case": "who"}"#)
        #expect(missing.problems.map(\.message) == ["missing column who; found slide_id, label"])
        #expect(missing.problems.map(\.line) == [1])
    }

    @Test func labelsAreMappedBeforeTheyAreCounted() throws {
        let map = #""label_map": {"LUAD": "0", "PB": "1", "UDH": "1"}"#
        let table = try read("slide_id,label\na,UDH\nb,LUAD\nc,PB\n", map)
        #expect(table.cohort.classes == ["0", "1"])
        #expect(table.cohort.slides.map(\.target.label) == [1, 0, 1])
    }

    @Test(arguments: [
        (["10", "9", "0"], ["0", "9", "10"]), (["b", "a", "10"], ["10", "a", "b"]),
        (["2.50", "1", "0.5"], ["0.5", "1", "2.50"]), (["10", "9", "1e"], ["10", "1e", "9"]),
        (["x", "inf", "0"], ["0", "inf", "x"]),
    ])
    func classesGoByValueWhereAllAreNumbersElseByText(found: [String], classes: [String]) throws {
        #expect(try read(labels(found)).cohort.classes == classes)
    }

    @Test func givenClassesDecideTheOrder() throws {
        let table = try read(labels(["a", "b", "a"]), #""classes": ["b", "a", "never"]"#)
        #expect(table.cohort.slides.map(\.target.label) == [1, 0, 1])
        #expect(table.cohort.classes == ["b", "a", "never"])
    }

    @Test func aSlideThatOccursTwiceIsReportedWithBothLines() throws {
        #expect(
            try problems("slide_id,case_id,label\na,1,x\nb,1,y\n\na,2,x\nB,2,y\n", #""positive": "y""#) == [
                "5: slide 'a' is already on line 2", "6: slide 'B' is already on line 3",
            ]
        )
    }

    @Test func everyProblemIsReportedInOnePass() throws {
        let text = "slide_id,case_id,label\na,,x\n,1,y\nb,1,\nc,1,z\n../d,1,x\n"
        let found = try problems(text, #""classes": ["x", "y"]"#)
        #expect(
            found.dropLast() == [
                "2: the case is empty", "3: the slide is empty",
            ]
        )
        #expect(found.last?.hasPrefix("6: '../d' is not a safe slide id") == true)
        #expect(try read(text).problems.last?.code == .unsafeID)
    }

    @Test func oneClassIsTooFew() throws {
        #expect(try problems(labels(["x", "x"])) == ["fewer than two classes: x"])
    }

    @Test func aMissingColumnIsNamed() throws {
        #expect(try problems("slide_id,case_id\na,x\n") == ["1: missing column label; found slide_id, case_id"])
    }

    @Test func casesThatDifferOnlyInCapitalLettersAreSaid() throws {
        let positive = "\"positive\": \"y\""
        let table = try read("slide_id,case_id,label\na,P1,x\nb,p1,y\nc,p2,x\nd,q1,y\ne,Q1,x\n", positive)
        #expect(table.problems.isEmpty && Set(table.cohort.slides.map(\.caseID)).count == 5)
        #expect(
            table.notes == [
                "cases of labels.csv differ only in capital letters and are taken for different ones: 'P1' and 'p1', 'Q1' and 'q1'; "
                    + "where they are one case, write them alike"
            ]
        )
        #expect(try read("slide_id,case_id,label\na,P1,x\nb,P1,y\nc,p2,x\n").notes.isEmpty)
    }

    @Test func aCaseOfTwoSitesIsAProblem() throws {
        let text = "slide_id,case_id,label,hospital\na,p,x,north\nb,p,y,south\nc,q,x,\n"
        let table = try read(text, #""site": "hospital""#, #""positive": "y""#)
        #expect(
            table.problems.map(\.message) == ["case 'p' is of the sites north and south", "the site is empty"]
        )
        #expect(table.problems.map(\.line) == [3, 4])
    }

    @Test func aCaseThatIsOneBagHasOneLabelAndASafeName() throws {
        let text = "slide_id,case_id,label\na,p,x\nb,p,y\nc,q/1,x\n"
        let table = try read(text, #""unit": "case""#, #""positive": "y""#)
        #expect(table.problems.map(\.line) == [3, 4])
        #expect(table.problems[0].message.hasPrefix("case 'p' is y here but x on line 2"))
        #expect(table.problems[1].code == .unsafeID)
        #expect(try read(text, #""positive": "y""#).problems.isEmpty)
    }
}
