import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL
@testable import Messages

/// `training.plan` `auto` through the training of a fold.
@Suite struct PlannedTrainingTests {
    private func trained(
        _ model: ModelConfig = Problem.acmil,
        _ change: (inout TrainRequest) -> Void = { _ in }
    ) throws -> (card: CheckpointCard, auc: Double) {
        let (problem, scratch) = (try Problem(), try Scratch())
        var request = problem.request(0, in: scratch.folder, model)
        request.training = TrainingConfig()
        request.training.plan = .auto
        (request.training.epochs, request.training.device) = (40, .cpu)
        change(&request)
        let answer = try FoldTraining(request, bags: problem.bags).run { _ in }
        return (try Checkpoint(folder: URL(filePath: request.output)).card, answer.figures["test_auc"] ?? 0)
    }

    @Test func thePlanIsFollowedAndStandsInTheCheckpoint() throws {
        let (card, auc) = try trained()
        let plan = try #require(card.plan)
        #expect(auc >= 0.9, "a plain problem is learned")
        #expect((plan.facts.width, plan.facts.target, plan.facts.patches.median) == (8, .class, 96))
        #expect(plan.facts.bags == card.parts["train"]?.slides.values.reduce(0, +))
        #expect((card.training.plan, card.training.epochs) == (.auto, 40))
        #expect(card.training.learningRate == nil, "the config stays as it was written")
        let lines = Dictionary(uniqueKeysWithValues: plan.lines.map { ($0.key, $0) })
        #expect(lines["epochs"]?.isGiven == true && lines["learning_rate"]?.isGiven == false)
        #expect(card.recipe.learningRate == lines["learning_rate"]?.value?.number && card.recipe.epochs == 40)
        #expect(card.recipe.weightAverage == lines["weight_average"]?.value?.number)
    }

    @Test func withoutAPlanACardSaysNothingOfIt() throws {
        let (card, _) = try trained {
            $0.training.plan = nil
            $0.training.selection = .last
        }
        #expect(card.plan == nil)
        let text = String(decoding: try CanonicalJSON.line(card), as: UTF8.self)
        for key in ["plan", "weight_average", "bags_per_step", "patches_per_step", "selection_window", "test_draws"] {
            #expect(!text.contains("\"\(key)\""), "\(key)")
        }
    }

    @Test func withoutAValidationPartThePlanKeepsTheLastEpoch() throws {
        let (card, _) = try trained { request in
            request.split.train = (request.split.train + request.split.validation).sorted()
            request.split.validation = []
        }
        #expect((card.recipe.selection, card.epoch) == (.last, 39))
    }

    @Test func mhimChoosesItsPatchesItself() throws {
        var config = MHIMConfig()
        config.hidden = 16
        let model = ModelConfig.mhim(config)
        let (card, _) = try trained(model) { $0.training.epochs = 2 }
        #expect(card.recipe.patchesPerStep == nil && card.recipe.weightAverage != nil)
        let refused = #expect(throws: ConfigError.self) { try trained(model) { $0.training.patchesPerStep = 10 } }
        #expect(refused.map { "\($0)".contains("training.patches_per_step") } == true)
    }
}
