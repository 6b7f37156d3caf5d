import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

/// What the training of a fold would refuse is said by `wsi check`, and by a study before its work.
@Suite struct FoldCheckTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func reading(_ table: String, _ cohort: String, _ training: String = "") throws -> StudyReading {
        try scratch.add("labels.csv", table)
        let splits =
            "slide_id,fold_0,fold_1\n" + (0..<8).map { "s\($0),\($0 < 4 ? "train,test" : "test,train")\n" }.joined()
        try scratch.add("folds.csv", splits)
        for index in 0..<8 { try scratch.add("features/s\(index).h5", "") }
        let config = """
            {"name": "n", "cohort": {"labels": "labels.csv", "splits": "folds.csv", \(cohort)},
             "features": {"path": "features"}, "model": {"kind": "abmil"},
             "training": {"selection": "last"\(training)}}
            """
        return try StudyReading(config: try scratch.add("study.json", config))
    }

    private func rows(_ header: String, _ row: (Int) -> String) -> String {
        header + "\n" + (0..<8).map { "s\($0),\(row($0))\n" }.joined()
    }

    @Test func aTrainingPartWithoutEventsIsNamed() throws {
        let reading = try reading(
            rows("slide_id,time,event") { "\($0 + 1),\($0 < 4 ? 1 : 0)" },
            #""target": "survival""#
        )
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        let problems = FoldChecks.problems(of: reading)
        #expect(
            problems.map(\.message).count == 1
                && problems[0].message.contains("fold 1: no training slide with the event")
        )
    }

    @Test(arguments: ["", #", "survival_loss": "cox""#])
    func eventsAtOneTimeAreNamed(training: String) throws {
        let reading = try reading(
            rows("slide_id,time,event") { "\($0 < 4 ? 7 : $0),1" },
            #""target": "survival""#,
            training
        )
        #expect(
            FoldChecks.problems(of: reading).first?.message.contains(
                "fold 0: the events of the training part are all at one time"
            ) == true
        )
        #expect(FoldChecks.notes(of: reading).first?.contains("fold 0: 1 bins of time instead of 4") == true)
    }

    @Test func oneNumberForAllIsNamed() throws {
        let reading = try reading(rows("slide_id,label") { "\($0 < 4 ? 3 : $0)" }, #""target": "number""#)
        #expect(
            FoldChecks.problems(of: reading).first?.message.contains("fold 0: all numbers of the training part are one")
                == true
        )
    }

    @Test func aLabelWithoutOneThatHasItIsNamed() throws {
        let reading = try reading(
            rows("slide_id,TP53") { "\($0 % 2 == 0 && $0 < 4 ? 1 : 0)" },
            #""target": "labels", "columns": {"labels": ["TP53"]}"#
        )
        #expect(
            FoldChecks.problems(of: reading).first?.message.contains(
                "fold 1: no training slide with label TP53 with yes"
            ) == true
        )
    }

    @Test(arguments: ["loss", "auc"]) func aValidationPartThatTellsNoCandidatesApartIsNamed(measure: String) throws {
        // One of each training part cannot be spared.
        let reading = try reading(
            rows("slide_id,label") { $0 % 4 == 0 ? "yes" : "no" },
            #""classes": ["no", "yes"]"#,
            #"}, "search": {"training": {"epochs": [2, 3]}, "measure": "\#(measure)""#
        )
        #expect(reading.problems.isEmpty, "\(reading.problems)")
        #expect(reading.splits.allSatisfy { $0.validation.count == 1 }, "the last epoch needs none, the search does")
        let problems = FoldChecks.problems(of: reading).map(\.message)
        #expect(problems.count == (measure == "auc" ? 2 : 0), "\(problems)")
        let words = ["no validation slide of ", ", so auc tells no candidates apart"]
        #expect(problems.allSatisfy { problem in words.allSatisfy(problem.contains) }, "\(problems)")
        #expect(SearchChecks.notes(of: reading).first?.hasSuffix("2 folds × 2 candidates = 4 trainings") == true)
    }

    @Test func aWholeStudyHasNoProblem() throws {
        let reading = try reading(rows("slide_id,time,event") { "\($0 + 1),1" }, #""target": "survival""#)
        #expect(FoldChecks.problems(of: reading).isEmpty)
    }
}
