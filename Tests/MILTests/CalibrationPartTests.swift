import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL
@testable import Messages

@Suite struct CalibrationPartTests {
    @Test func casesThatAreSetAsideTakeNoPartInTrainingAndMakeTheSets() throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        var evaluation = EvaluationConfig()
        (evaluation.bootstrap, evaluation.coverage, evaluation.calibrationFraction) = (200, 0.5, 0.3)
        for fold in 0..<2 {
            var request = problem.request(fold, in: scratch.folder)
            (request.training.epochs, request.evaluation) = (2, evaluation)
            _ = try FoldTraining(request, bags: problem.bags).run { _ in }
            let folder = URL(filePath: request.output)
            let card = try Checkpoint(folder: folder).card
            let rows = try FoldPredictions(folder: folder, classes: card.classes).rows
            func slides(_ part: String) -> [SlideID] { rows.filter { $0.part == part }.map(\.slide).sorted() }
            func cases(_ part: String) -> Set<String> { Set(rows.filter { $0.part == part }.map(\.judged.caseID)) }
            let aside = FoldPredictions.calibration
            #expect((slides("train") + slides(aside)).sorted() == request.split.train.sorted())
            #expect(slides("validation") == request.split.validation.sorted())
            #expect(slides("test") == request.split.test.sorted())
            #expect(cases("train").isDisjoint(with: cases(aside)) && cases(aside).count >= 2)
            #expect(card.parts[aside]?.cases == cases(aside).count && card.parts[aside]?.slides.count == 2)
            #expect(Set(card.metrics.keys) == ["validation", "test"])
        }
        let trained = try TrainedFolds(model: scratch.folder.path, folds: [0, 1])
        let report = EvaluationReport(trained, evaluation: evaluation, seed: 1)
        let told = try #require(report.conformal)
        #expect(told.source == .calibration && told.guaranteed == 0.5 && told.range != nil)
        #expect(told.slides == trained.pooled.count)
        // The same sets by slide.
        let text = try #require(SetTable(targets: [(nil, trained)], evaluation: evaluation).text)
        let table = try Table(text: text, path: "sets.csv")
        #expect(table.columns == ["slide_id", "fold", "set"])
        for (fold, tested) in trained.testedByFold.enumerated() {
            #expect(
                try table.rows.filter { $0["fold"] == "\(fold)" }.map { try SlideID($0["slide_id"]) }.sorted() == tested
            )
        }
        let sets = Dictionary(table.rows.map { ($0["slide_id"], $0["set"]) }, uniquingKeysWith: { first, _ in first })
        let rows = trained.folds.flatMap { $0.predictions.part("test") }
        let shares = Dictionary(grouping: rows, by: \.judged.caseID).values.map { slides in
            let held = slides.count { row in
                let names = sets[row.slide.text]?.split(separator: "|").map(String.init) ?? []
                return names.contains(row.judged.target.name(among: trained.classes))
            }
            return Double(held) / Double(slides.count)
        }
        let coverage = try #require(told.coverage)
        #expect(abs(shares.reduce(0, +) / Double(shares.count) - coverage) < 1e-9)
        evaluation.coverage = nil
        #expect(SetTable(targets: [(nil, trained)], evaluation: evaluation).text == nil)
        // What was learned knows them not: without them, other weights come out.
        var whole = problem.request(0, in: scratch.file("whole"))
        whole.training.epochs = 2
        _ = try FoldTraining(whole, bags: problem.bags).run { _ in }
        let card = try Checkpoint(folder: URL(filePath: whole.output)).card
        #expect(card.parts[FoldPredictions.calibration] == nil)
        #expect(card.weightsDigest != trained.folds[0].card.weightsDigest)
    }
}
