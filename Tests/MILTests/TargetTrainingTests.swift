import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import MIL
@testable import Messages

/// 90 cases whose bags hold 0 to 24 shifted instances of 32: that number is what every target follows from.
struct AmountProblem {
    let kind: Target.Kind
    let cohort: Cohort
    let bags: MemoryBags
    let splits: [Split]

    init(_ kind: Target.Kind) throws {
        let all = try AmountBags(90)
        let slides = all.made.map { bag in
            var random = bag.random
            let target = Self.target(kind, bag.amount, &random)
            return CohortSlide(slide: bag.slide, caseID: bag.caseID, target: target)
        }
        (self.kind, bags) = (kind, all.bags)
        cohort = Cohort(classes: Self.classes(kind), slides: slides)
        splits = try Splits.folds(3, of: cohort, validationFraction: 0.25, seed: 1)
    }

    private static func classes(_ kind: Target.Kind) -> [String] {
        switch kind {
        case .class: ["few", "many"]
        case .ordinal: ["I", "II", "III"]
        case .labels: ["some", "many"]
        case .number: ["amount"]
        case .survival: ["days"]
        }
    }

    private static func target(_ kind: Target.Kind, _ amount: Int, _ random: inout CounterRandom) -> Target {
        switch kind {
        case .class: return .class(amount > 12 ? 1 : 0)
        case .ordinal: return .ordinal(amount / 9)
        case .labels:
            let isUnknown = random.uniform() < 0.2
            return .labels([amount > 6, isUnknown ? nil : amount > 14])
        case .number: return .number(100 + 5 * Double(amount))
        case .survival:
            let (event, end) = (
                -log(1 - random.uniform()) * 3000 / exp(0.25 * Double(amount)), random.uniform(500, 4000)
            )
            return .survival(SurvivalTime(max(1, min(event, end)), isEvent: event <= end))
        }
    }

    func train(
        _ model: String,
        epochs: Int,
        in scratch: Scratch,
        fold: Int = 0,
        folder: String? = nil,
        by convention: EvaluationConfig.Convention = .honest,
        _ change: (inout TrainingConfig) -> Void = { _ in }
    ) throws -> CheckpointCard {
        var training = TrainingConfig()
        (training.learningRate, training.epochs, training.device, training.riskSet) = (5e-3, epochs, .cpu, 16)
        training.selection = .last
        change(&training)
        let output = scratch.file([folder, "fold_\(fold)"].compactMap { $0 }.joined(separator: "/"))
        let request = try AmountBags.request(model, cohort, splits[fold], training, by: convention, to: output)
        _ = try FoldTraining(request, bags: bags).run { _ in }
        return try Checkpoint(folder: output).card
    }
}

private let models = AmountBags.models

@Suite struct TargetTrainingTests {
    @Test(arguments: models, Target.Kind.allCases)
    func everyModelTakesEveryTarget(model: String, kind: Target.Kind) throws {
        let scratch = try Scratch()
        let card = try AmountProblem(kind).train(model, epochs: 2, in: scratch)
        #expect(card.kind == kind && card.readout.kind == kind)
        let predictions = try FoldPredictions(folder: scratch.file("fold_0"), kind: kind, classes: card.classes)
        #expect(predictions.rows.allSatisfy { $0.judged.answer.kind == kind && $0.judged.answer.isFinite })
    }

    /// The mean of a bag is what this problem is about; what attends or takes the largest has more to learn.
    @Test(arguments: [Target.Kind.number, .labels, .ordinal, .survival])
    func aPlainProblemIsLearned(kind: Target.Kind) throws {
        let card = try AmountProblem(kind).train(models[0], epochs: 25, in: Scratch())
        let test = try #require(card.metrics["test"])
        switch kind {
        case .number: #expect((test[.pearson]?.value ?? 0) > 0.8)
        case .labels: #expect((test[.auc]?.value ?? 0) > 0.85)
        case .ordinal: #expect((test[.quadraticKappa]?.value ?? 0) > 0.6)
        case .class, .survival: #expect((test[.harrellC]?.value ?? 0) > 0.7)
        }
    }

    @Test(arguments: models.prefix(4) + models.suffix(2), [Target.Kind.number, .labels, .ordinal, .survival])
    func everyLossFalls(model: String, kind: Target.Kind) throws {
        let scratch = try Scratch()
        _ = try AmountProblem(kind).train(model, epochs: 12, in: scratch)
        let history = try Table(contentsOf: scratch.file("fold_0/history.csv"))
        let losses = history.rows.compactMap { Double($0[history.columns[3]]) }
        #expect(losses.count == 12 && losses[11] < 0.97 * losses[0], "\(model): \(losses)")
    }

    @Test(arguments: models.prefix(4)) func coxsLossOrdersRisksAndTellsSurvivalByABaseline(model: String) throws {
        let scratch = try Scratch()
        let card = try AmountProblem(.survival).train(model, epochs: 25, in: scratch) { $0.survivalLoss = .cox }
        let test = try #require(card.metrics["test"])
        #expect((test[.harrellC]?.value ?? 0) > 0.7)
        #expect(test[.brierAtTime] == nil && (test.times.first?[.brierAtTime]?.value ?? 1) < 0.25)
        guard case .risk(let scale) = card.readout else { return #expect(Bool(false)) }
        #expect(scale.hazards?.isEmpty == false)
    }

    @Test func aSelectionByClassesIsRefusedForOtherTargets() throws {
        #expect(throws: ConfigError.self) {
            try AmountProblem(.number).train(models[0], epochs: 1, in: Scratch()) { $0.selection = .auc }
        }
        let card = try AmountProblem(.number).train(models[2], epochs: 2, in: Scratch()) { $0.selection = nil }
        #expect(card.recipe.selection == .loss)
    }
}
