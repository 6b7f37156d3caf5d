import Files
import Foundation
import Records

/// The rules. They start from nnMIL (Luo et al., 2025): half of the median bag's patches at a step, several bags a step, warm-up, and early
/// stopping. Weight decay, the weight of AEM's term and the last epoch were chosen on made bags, the others by reasons
/// (docs/guides/recipe.md).
extension TrainingPlan {
    /// The plan of a fold, and its config with all of it filled in.
    /// - Parameters:
    ///   - facts: of the fold's training part.
    ///   - hasValidation: whether the fold has a validation part.
    ///   - isHandcrafted: whether features are, which are standardised in any case.
    public static func made(
        for training: TrainingConfig,
        of facts: PlanFacts,
        _ model: ModelConfig,
        hasValidation: Bool,
        isHandcrafted: Bool
    ) -> (plan: TrainingPlan, training: TrainingConfig) {
        var planned = PlannedTraining(training)
        plan(scaleOf: facts, isHandcrafted, &planned)
        plan(stepsOf: facts, model, &planned)
        plan(weightsOf: facts, model, &planned)
        plan(choiceOf: facts, hasValidation, &planned)
        let plan = TrainingPlan(rules: currentRules, facts: facts, lines: planned.lines)
        return (plan, planned.training)
    }

    private static func plan(scaleOf facts: PlanFacts, _ isHandcrafted: Bool, _ planned: inout PlannedTraining) {
        let usual = 0.02...5.0
        let spread = "half of the features' standard deviations are above \(figure(facts.spread))"
        if isHandcrafted {
            planned.choose(
                .standardise,
                \.standardise,
                leftOut: .auto,
                .always,
                "numbers of handcrafted features have no common scale"
            )
        } else if usual.contains(facts.spread) {
            planned.choose(.standardise, \.standardise, leftOut: .auto, .never, "\(spread), as a network's are")
        } else {
            planned.choose(
                .standardise,
                \.standardise,
                leftOut: .auto,
                .always,
                "\(spread), which no learning rate fits"
            )
        }
    }

    private static func plan(stepsOf facts: PlanFacts, _ model: ModelConfig, _ planned: inout PlannedTraining) {
        let isCox = planned.training.survivalLoss == .cox
        if TrainingConfig.drawsItself(model) {
            planned.set(
                .patchesPerStep,
                \.patchesPerStep,
                nil,
                "\(model.kind.rawValue) chooses itself what a step learns from"
            )
        } else if facts.patches.median < fewPatches {
            let reason = "the median bag has \(facts.patches.median) patches, too few to leave any out"
            planned.set(.patchesPerStep, \.patchesPerStep, nil, reason)
        } else {
            let half = facts.patches.median / 2
            let room = stepMemory / (4 * (2 * facts.width + 1024))
            let reason =
                half <= room
                ? "half of the median bag's \(facts.patches.median): every step sees another part of a bag"
                : "what a step of \(stepMemory >> 30) GB holds of patches of \(facts.width) numbers"
            planned.set(.patchesPerStep, \.patchesPerStep, min(half, room), reason)
        }
        if planned.training.testDraws != nil, planned.training.patchesPerStep == nil {
            planned.note(.testDraws, \.testDraws, "has no effect: no step draws patches, so whole bags are answered")
        }
        let bags = isCox ? 1 : min(32, max(1, facts.bags / 100))
        if isCox {
            planned.set(.bagsPerStep, \.bagsPerStep, nil, "with cox risk_set says it")
        } else if TrainingConfig.drawsItself(model) {
            planned.set(
                .bagsPerStep,
                \.bagsPerStep,
                1,
                "the teacher of \(model.kind.rawValue) moves once a step, and is made for one bag"
            )
        } else {
            planned.set(.bagsPerStep, \.bagsPerStep, bags, "one for every 100 of \(facts.bags) bags, at most 32")
        }
        let perStep = isCox ? planned.training.riskSet ?? 32 : planned.training.bagsPerStep ?? 1
        let perEpoch = max(1, (facts.bags + perStep - 1) / perStep)
        let epochs = min(200, max(20, (steps + perEpoch - 1) / perEpoch))
        planned.set(.epochs, \.epochs, epochs, "about \(steps) steps, \(perEpoch) an epoch; 20 to 200 epochs")
        let real = planned.training.epochs ?? epochs
        planned.set(.warmupEpochs, \.warmupEpochs, min(real - 1, max(1, real / 10)), "a tenth of the epochs")
        planned.set(.schedule, \.schedule, .cosine, "by half a cosine to nothing, step by step")
        let decay = min(0.999, max(0.9, 1 - 1 / Double(perEpoch)))
        planned.set(
            .weightAverage,
            \.weightAverage,
            (decay * 1e4).rounded() / 1e4,
            "the mean of about the last epoch's weights is judged and kept"
        )
    }

    private static func plan(weightsOf facts: PlanFacts, _ model: ModelConfig, _ planned: inout PlannedTraining) {
        let rate = min(1e-3, max(1e-4, 8e-3 / Double(facts.width).squareRoot()))
        planned.set(
            .optimiser,
            \.optimiser,
            .adamw,
            "decay apart from the gradient, so that one value serves all rates"
        )
        planned.set(
            .learningRate,
            \.learningRate,
            (rate * 1e5).rounded() / 1e5,
            "0.008 / √(\(facts.width) numbers of a patch), from 0.0001 to 0.001"
        )
        if planned.training.optimiser == .adam {
            planned.set(
                .weightDecay,
                \.weightDecay,
                1e-4,
                "a term of the gradient, which adam makes as large as any other"
            )
        } else {
            let (patches, isTooMany) = facts.bags.multipliedReportingOverflow(by: facts.patches.median)
            let decay = isTooMany ? 0.01 : min(1, max(0.01, 10_000 / Double(patches)))
            let reason =
                "10,000 / patches of \(facts.bags) bags of \(facts.patches.median), from 0.01 to 1: few patches are soon learned by heart"
            planned.set(.weightDecay, \.weightDecay, (decay * 1000).rounded() / 1000, reason)
        }
        if !model.learnsByAttention {
            let reason = "\(model.kind.rawValue) learns by no attention that sums to 1"
            planned.set(.attentionEntropy, \.attentionEntropy, nil, reason)
        } else if facts.patches.median < fewestToSpread {
            let reason = "bags of \(facts.patches.median) patches have few to spread attention over"
            planned.set(.attentionEntropy, \.attentionEntropy, nil, reason)
        } else {
            let reason = "attention that is held wide cannot learn a bag by a few of its patches"
            planned.set(.attentionEntropy, \.attentionEntropy, attentionEntropy, reason)
        }
    }

    private static func plan(choiceOf facts: PlanFacts, _ hasValidation: Bool, _ planned: inout PlannedTraining) {
        let tooSmall =
            "beside \(facts.bags) bags validation is too small to tell epochs apart; the choice would be luck"
        if !hasValidation {
            planned.set(.selection, \.selection, .last, "there is no validation part to choose by")
        } else if facts.bags < fewestToChoose {
            planned.set(.selection, \.selection, .last, tooSmall)
        } else {
            planned.set(.selection, \.selection, .loss, "the loss moves with every slide; figures of ranks jump")
        }
        planned.set(
            .starts,
            \.starts,
            hasValidation ? starts : nil,
            hasValidation
                ? "a training that finds nothing begins anew with other first weights; the smallest validation loss is kept"
                : "there is no validation part to tell whether anything was found"
        )
        guard planned.training.selection != .last else {
            let reason = "the last epoch is kept"
            planned.set(.selectionWindow, \.selectionWindow, nil, reason)
            planned.set(.earlyStopping, \.earlyStopping, Recipe.EarlyStopping(patience: 0), reason)
            return
        }
        let epochs = planned.training.epochs ?? 1
        planned.set(.selectionWindow, \.selectionWindow, min(5, max(1, epochs / 5)), "a single epoch's value is noise")
        planned.set(
            .earlyStopping,
            \.earlyStopping,
            Recipe.EarlyStopping(patience: max(5, epochs / 2)),
            "half of the epochs without a better one"
        )
    }

    /// Beside fewer training bags the validation part is some tens.
    private static let fewestToChoose = 500
    /// Bags of fewer patches are taken whole.
    private static let fewPatches = 1024
    /// Bytes of features and of what two layers make of them. A figure of no machine: the same study has the same plan everywhere.
    private static let stepMemory = 2 << 30
    /// Patches of a bag over which attention can be held wide.
    private static let fewestToSpread = 64
    /// Of AEM's term.
    private static let attentionEntropy = 0.1
    /// First weights of a fold at most.
    private static let starts = 4
    /// Of the optimiser, over all epochs.
    private static let steps = 4000

    private static func figure(_ number: Double) -> String { "\((number * 1e3).rounded() / 1e3)" }
}
