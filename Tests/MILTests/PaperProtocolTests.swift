import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import MIL
@testable import Messages

@Suite struct PaperProtocolTests {
    private func card(_ model: ModelConfig, _ convention: EvaluationConfig.Convention) throws -> (
        CheckpointCard, [String]
    ) {
        let (problem, scratch) = (try Problem(shift: 1.5), try Scratch())
        var request = problem.request(0, in: scratch.folder, model)
        (request.training.epochs, request.evaluation.protocol) = (2, convention)
        _ = try FoldTraining(request, bags: problem.bags).run { _ in }
        let folder = URL(filePath: request.output)
        let card = try Checkpoint(folder: folder).card
        return (card, try FoldPredictions(folder: folder, classes: card.classes).rows.map(\.part))
    }

    @Test func aHostOfMHIMChoosesEpochAndThresholdOnItsTestPart() throws {
        var config = DSMILConfig()
        (config.hidden, config.attentionHidden) = (16, 8)
        let (card, parts) = try card(.dsmil(config), .paper)
        #expect(card.thresholdSource == .testYouden)
        #expect(card.temperature == nil)
        #expect(card.parts["validation"] == card.parts["test"])
        #expect(Set(parts) == ["train", "test"])
        let (honest, _) = try self.card(.dsmil(config), .honest)
        #expect((honest.parts["train"]?.cases ?? 99) < (card.parts["train"]?.cases ?? 0))
        #expect(honest.thresholdSource != .testYouden)
    }

    @Test(arguments: [EvaluationConfig.Convention.honest, .paper])
    func whatTheTestPartHasChosenTellsNeitherSetsNorStrangeness(convention: EvaluationConfig.Convention) throws {
        let (problem, scratch) = (try Problem(shift: 1.5), try Scratch())
        var config = DSMILConfig()
        (config.hidden, config.attentionHidden) = (16, 8)
        var evaluation = EvaluationConfig()
        (evaluation.bootstrap, evaluation.coverage, evaluation.protocol) = (200, 0.8, convention)
        for fold in 0..<2 {
            var request = problem.request(fold, in: scratch.folder, .dsmil(config))
            (request.training.epochs, request.evaluation) = (2, evaluation)
            _ = try FoldTraining(request, bags: problem.bags).run { _ in }
            let folder = FoldFolder(URL(filePath: request.output))
            let reference = try #require(try BelongingReference(of: folder, width: 8))
            #expect(reference.validation.isEmpty == (convention == .paper))
            let slide = try #require(request.split.test.first)
            let found = try #require(reference.finding(of: try problem.bags.bag(slide), fold: fold))
            #expect((found.validation == 0) == (convention == .paper))
        }
        let trained = try TrainedFolds(model: scratch.folder.path, folds: [0, 1])
        let report = EvaluationReport(trained, evaluation: evaluation, seed: 1)
        #expect((report.conformal == nil) == (convention == .paper))
    }

    @Test func theCutOnTheTestPartIsAScoreOfIt() throws {
        let (problem, scratch) = (try Problem(shift: 1.5), try Scratch())
        var config = DSMILConfig()
        (config.hidden, config.attentionHidden) = (16, 8)
        var request = problem.request(0, in: scratch.folder, .dsmil(config))
        (request.training.epochs, request.evaluation.protocol) = (2, .paper)
        _ = try FoldTraining(request, bags: problem.bags).run { _ in }
        let folder = URL(filePath: request.output)
        let threshold = try Checkpoint(folder: folder).card.threshold
        let test = try FoldPredictions(folder: folder, classes: problem.cohort.classes).part("test").compactMap(
            \.judged.ofClass
        )
        let cut = YoudenCut(test.map { $0.probabilities[1] }, positive: test.map { $0.label == 1 })
        #expect(threshold != nil && threshold == cut?.score)
    }

    @Test func MHIMsFirstVersionCutsOnItsTestPartAndItsSecondTakesTheMostProbableClass() {
        var evaluation = EvaluationConfig()
        let (first, second) = (ModelConfig.mhim(MHIMConfig(version: 1)), ModelConfig.mhim(MHIMConfig(version: 2)))
        #expect(evaluation.decidesByYouden(first) && evaluation.decidesByYouden(second))
        #expect(!evaluation.selectsOnTest(first))
        evaluation.protocol = .paper
        #expect(evaluation.decidesByYouden(first) && !evaluation.decidesByYouden(second))
        #expect([first, second, .transmil(TransMILConfig())].allSatisfy(evaluation.selectsOnTest))
        #expect(!evaluation.selectsOnTest(.abmil(ABMILConfig())) && !evaluation.decidesByYouden(Problem.acmil))
    }

    @Test func ACMILKeepsItsValidationPartAndDecidesForTheMostProbableClass() throws {
        let (card, parts) = try card(Problem.acmil, .paper)
        #expect(card.thresholdSource == .argmax && card.threshold == nil)
        #expect(Set(parts) == ["train", "validation", "test"])
    }
}
