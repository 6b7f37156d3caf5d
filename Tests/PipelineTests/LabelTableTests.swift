import Foundation
import Pipeline
import Records
import Storage
import Testing

@Suite struct LabelTableTests {
    private func read(_ text: String, classes: [String]? = nil) throws -> Cohort {
        let scratch = try Scratch()
        return try LabelTable.read(scratch.add("labels.csv", text), classes: classes)
    }

    private func problems(_ text: String, classes: [String]? = nil) throws -> [String] {
        let error = try #require(throws: StorageError.self) { try read(text, classes: classes) }
        guard case .table(_, let problems) = error else {
            Issue.record("\(error)")
            return []
        }
        return problems
    }

    private func labels(_ labels: [String]) -> String {
        "slide_id,case_id,label\n" + labels.enumerated().map { "s\($0.offset),c,\($0.element)\n" }.joined()
    }

    @Test func slidesAreSortedAndKeepTheirCase() throws {
        let cohort = try read("label;slide_id;case_id\ntumour;b;patient 1\nnormal;a;patient 1\n")
        #expect(cohort.classes == ["normal", "tumour"])
        #expect(
            cohort.slides == [
                CohortSlide(slide: try SlideID("a"), caseID: "patient 1", label: 0),
                CohortSlide(slide: try SlideID("b"), caseID: "patient 1", label: 1),
            ]
        )
    }

    @Test(arguments: [
        (["10", "9", "0"], ["0", "9", "10"]), (["b", "a", "10"], ["10", "a", "b"]),
        (["1.0", "1", "0.5"], ["0.5", "1", "1.0"]), (["10", "9", "1e"], ["10", "1e", "9"]),
        (["nan", "inf", "0"], ["0", "inf", "nan"]),
    ])
    func classesGoByValueWhereAllAreNumbersElseByText(found: [String], classes: [String]) throws {
        #expect(try read(labels(found)).classes == classes)
    }

    @Test func givenClassesDecideTheOrder() throws {
        let cohort = try read(labels(["a", "b", "a"]), classes: ["b", "a", "never"])
        #expect(cohort.slides.map(\.label) == [1, 0, 1])
        #expect(cohort.classes == ["b", "a", "never"])
    }

    @Test func aSlideThatOccursTwiceIsReportedWithBothLines() throws {
        #expect(
            try problems("slide_id,case_id,label\na,1,x\nb,1,y\n\na,2,x\nB,2,y\n") == [
                "line 5: slide 'a' is already on line 2", "line 6: slide 'B' is already on line 3",
            ]
        )
    }

    @Test func everyProblemIsReportedInOnePass() throws {
        let text = "slide_id,case_id,label\na,,x\n,1,y\nb,1,\nc,1,z\n"
        #expect(
            try problems(text, classes: ["x", "y"]) == [
                "line 2: case_id is empty", "line 3: slide_id is empty", "line 4: label is empty",
                "line 5: label 'z' is none of x, y",
            ]
        )
    }

    @Test func oneClassIsTooFew() throws {
        #expect(try problems(labels(["x", "x"])) == ["fewer than two classes: x"])
    }

    @Test func aMissingColumnIsNamed() throws {
        #expect(try problems("slide_id,label\na,x\n") == ["line 1: missing column case_id; found slide_id, label"])
    }

    @Test func anUnsafeSlideIdIsRefused() throws {
        let error = try #require(throws: Failure.self) { try read("slide_id,case_id,label\n../a,1,x\n") }
        #expect(error.code == .unsafeID)
    }
}
