import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files

@Suite struct TrainingEvaluationTests {
    /// A trained problem of three folds.
    private func trained() throws -> (MadeTraining, Scratch) {
        let (problem, scratch) = (try MadeTraining(), try Scratch())
        for fold in 0..<3 { try problem.train(fold, in: scratch.folder) }
        return (problem, scratch)
    }

    private func evaluation(_ scratch: Scratch) throws -> TrainingEvaluation {
        var config = EvaluationConfig()
        config.bootstrap = 200
        return try TrainingEvaluation(model: scratch.folder, folds: [0, 1, 2], evaluation: config, seed: 1)
    }

    /// What `metrics.json` says, read again.
    private func written(_ scratch: Scratch, _ groups: [String: [SlideID: [Double]]]? = nil) throws -> Data {
        try CanonicalJSON.data(
            evaluation(scratch).report(controls: groups.map { ShortcutNumbers(groups: $0, features: [:]) })
        )
    }

    @Test func everySlideCountsOnceInThePooledFigures() throws {
        let (problem, scratch) = try trained()
        let report = try JSONDecoder().decode(EvaluationReport.self, from: written(scratch))
        #expect(report.pooled.slides == problem.cohort.slides.count && report.pooled.cases == 24)
        #expect(report.pooled.confusion.joined().reduce(0, +) == problem.cohort.slides.count)
        #expect((report.pooled.auc.value ?? 0) >= 0.95)
        #expect(report.folds.map(\.test.slides).reduce(0, +) == problem.cohort.slides.count)
        #expect(report.overFolds["auc"]?.folds == 3)
        // The pooled accuracy is that of the decisions the folds made at their own thresholds.
        let right = try (0..<3).flatMap { fold in
            try FoldPredictions(folder: scratch.file("fold_\(fold)"), classes: problem.cohort.classes)
                .part("test").map { $0.judged.ofClass?.label == $0.judged.ofClass?.decision }
        }
        #expect(report.pooled[.accuracy]?.value == Double(right.count { $0 }) / Double(right.count))
    }

    @Test func theHeadlineNumbersStandAtTheTop() throws {
        let (problem, scratch) = try trained()
        let given = Dictionary(
            uniqueKeysWithValues: problem.cohort.slides.map { ($0.slide, [Double($0.target.label ?? 0), 1]) }
        )
        let data = try written(scratch, ["label": given])
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect((object["slide_auc"] as? Double ?? 0) > 0.9)
        #expect((object["slide_auc_ci"] as? [Double])?.count == 2)
        #expect(object["patch_auc"] is NSNull)
        #expect(object["control_auc"] as? Double == 1)
        #expect((object["controls"] as? [String: Double]) == ["label": 1])
    }

    @Test func aControlOnNumbersWithoutMeaningStaysNearChance() throws {
        let (problem, scratch) = try trained()
        var random = CounterRandom(seed: 2, "noise")
        let noise = Dictionary(
            uniqueKeysWithValues: problem.cohort.slides.map { ($0.slide, [random.uniform(), random.uniform()]) }
        )
        let partial = noise.filter { $0.key.text.hasPrefix("s1") }
        let groups = ["noise": noise, "none": [:], "partial": partial]
        let report = try JSONDecoder().decode(EvaluationReport.self, from: written(scratch, groups))
        #expect((report.controls["noise"] ?? nil).map { $0 < 0.75 } == true)
        #expect(report.controls["none"] == .some(nil))
        #expect(report.controls.count == 3)
    }

    @Test func aCaseOnTwoSidesOfAFoldIsRefusedHereToo() throws {
        let (problem, scratch) = try trained()
        let folder = scratch.file("fold_1")
        var predictions = try FoldPredictions(folder: folder, classes: problem.cohort.classes)
        let train = try #require(predictions.part("train").first)
        let place = try #require(predictions.rows.firstIndex { $0.part == "test" })
        predictions.rows[place].judged.caseID = train.judged.caseID
        try predictions.write(to: folder)
        let failure = try #require(throws: Failure.self) { _ = try evaluation(scratch) }
        #expect(failure.code == .leakage && failure.subject == train.judged.caseID)
    }

    @Test func aTableThatWasEditedWronglyIsRefusedWithItsLine() throws {
        let (_, scratch) = try trained()
        let file = scratch.file("fold_0/predictions.csv")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing(",validation,", with: ",valid,", maxReplacements: 1).write(
            to: file,
            atomically: true,
            encoding: .utf8
        )
        let error = try #require(throws: MILError.self) { _ = try evaluation(scratch) }
        #expect(error.code == .file && error.message.contains("'valid' is no valid part"))
    }

    @Test(arguments: [["-ve", "+ve"], ["=1", "@home"], ["'quoted'", "a, b"]])
    func aFoldsPredictionsAreReadWithTheClassesThatTheyWereWrittenWith(classes: [String]) throws {
        let scratch = try Scratch()
        let rows = try [0, 1].map { label in
            FoldPredictions.Row(
                slide: try SlideID("s\(label)"),
                part: "test",
                judged: JudgedClass(caseID: "p", label: label, probabilities: [0.25, 0.75], threshold: nil).judged
            )
        }
        let predictions = FoldPredictions(classes: classes, rows: rows)
        try predictions.write(to: scratch.folder)
        #expect(try FoldPredictions(folder: scratch.folder) == predictions)
        #expect(try FoldPredictions(folder: scratch.folder, classes: classes) == predictions)
    }
}
