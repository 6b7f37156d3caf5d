import Config
import Evaluation
import Foundation
import Records
import Storage
import Torch

/// Trains a model on the bags of one fold, one bag per step, of Cox's loss a set of bags, and remembers the best epoch's parameters.
struct TrainingLoop {
    let recipe: Recipe
    /// What the model's numbers mean.
    var readout: Readout
    /// Bags of a step of Cox's loss.
    var riskSet = 32
    let seed: UInt64
    let fold: Int
    let order: BagOrder
    /// What each class's loss is multiplied with; empty where targets have no class.
    let classWeights: [Double]
    let training: [CohortSlide]
    let validation: [CohortSlide]
    let bags: DeviceBags
    let resume: ResumePoint
    /// The state is saved after an epoch once this has passed since it last was.
    var savingInterval = Duration.seconds(1)

    struct Trained {
        /// Parameters of the chosen epoch; the model holds them too when training ends.
        var parameters: [String: StoredTensor]
        var epoch: Int
        /// Value of the selection rule at that epoch; nil for `last`.
        var score: Double?
        var history: [EpochRecord]
    }

    func run(_ model: any MILModel, progress: (EpochRecord) -> Void) throws -> Trained {
        let optimiser = try makeOptimiser(model.trainable)
        var state = try resume.restore(model, optimiser) ?? TrainingState()
        state.history.forEach(progress)
        var saved = ContinuousClock.now
        while state.history.count < recipe.epochs, !isOver(state) {
            let record = try run(model, optimiser, epoch: state.history.count)
            let best = state.best.map { state.history[$0.epoch].value(of: recipe.selection) }
            if record.value(of: recipe.selection) > best ?? -.infinity {
                state.best = (record.epoch, try model.values())
            }
            state.history.append(record)
            if ContinuousClock.now - saved >= savingInterval {
                try resume.save(state, model, optimiser)
                saved = .now
            }
            progress(record)
        }
        guard let best = state.best else {
            throw MILError.unusable(subject: "fold \(fold)", reason: "no epoch could be chosen")
        }
        try model.assign(best.parameters)
        return Trained(
            parameters: try best.parameters.mapValues { StoredTensor(shape: $0.shape, floats: try $0.floats()) },
            epoch: best.epoch,
            score: recipe.selection == .last ? nil : state.history[best.epoch].value(of: recipe.selection),
            history: state.history
        )
    }

    private func isOver(_ state: TrainingState) -> Bool {
        recipe.earlyStopping.ends(after: state.history.map { $0.value(of: recipe.selection) })
    }

    private func makeOptimiser(_ parameters: [Parameter]) throws -> Adam {
        let settings = Adam.Settings(weightDecay: recipe.weightDecay)
        return switch recipe.optimiser {
        case .adam: try Adam(parameters, learningRate: recipe.learningRate, settings: settings)
        case .adamw: try AdamW(parameters, learningRate: recipe.learningRate, settings: settings)
        }
    }

    private func run(_ model: any MILModel, _ optimiser: Adam, epoch: Int) throws -> EpochRecord {
        let isRisk = if case .risk = readout { true } else { false }
        let terms = try isRisk ? compare(model, optimiser, epoch: epoch) : train(model, optimiser, epoch: epoch)
        var record = EpochRecord(epoch: epoch, learningRate: recipe.learningRate(at: Double(epoch)), terms: terms)
        if !validation.isEmpty {
            let scored = try scores(of: validation, by: model, readout, bags)
            let sample = scored.compactMap(\.argmax.ofClass)
            let confusion = Metrics.confusion(sample, classes: sample.first?.probabilities.count ?? 0)
            record.validationLoss = scored.loss
            guard readout.kind == .class else { return record }
            record.validationAUC = Metrics.macroAUC(sample)
            record.validationMacroF1 = Metrics.macroF1(confusion)
            record.validationBalancedAccuracy = Metrics.balancedAccuracy(confusion)
        }
        return record
    }

    /// One pass over the training bags; the mean of each loss term.
    private func train(_ model: any MILModel, _ optimiser: Adam, epoch: Int) throws -> [EpochRecord.Term] {
        var sums: [EpochRecord.Term] = []
        let order = order(epoch)
        bags.expect(order.map { training[$0].slide })
        for (step, index) in order.enumerated() {
            let slide = training[index]
            optimiser.learningRate = recipe.learningRate(at: Double(epoch) + Double(step) / Double(order.count))
            optimiser.dropGrads()
            let moment = TrainingStep(
                draws: CounterDraws(seed: seed, fold: fold, epoch: epoch, step: step),
                progress: Double(epoch * order.count + step) / Double(recipe.epochs * order.count)
            )
            let aim = try aim(at: slide)
            let loss = try model.trainingLoss(try bags.features(slide.slide), target: aim, moment)
            let weight = weight(of: slide)
            let total = try weight == 1 ? loss.total : loss.total * weight
            let terms = try ([("total", total)] + loss.terms).map {
                EpochRecord.Term(name: $0, value: Double(try $1.item()))
            }
            guard terms[0].value.isFinite else {
                throw MILError.diverged(fold: fold, epoch: epoch, slide: slide.slide.text)
            }
            try total.backward()
            try optimiser.step()
            try model.finish(moment)
            if sums.isEmpty { sums = terms.map { EpochRecord.Term(name: $0.name, value: 0) } }
            for place in sums.indices { sums[place].value += terms[place].value }
        }
        return sums.map { EpochRecord.Term(name: $0.name, value: $0.value / Double(order.count)) }
    }

    private func aim(at slide: CohortSlide) throws -> Aim {
        guard let aim = readout.aim(at: slide.target) else {
            throw Failure(.bug, slide.slide.text, "its target is not of the kind that the model is asked")
        }
        return aim
    }

    private func weight(of slide: CohortSlide) -> Double {
        (slide.target.label ?? slide.target.grade).map { classWeights[$0] } ?? 1
    }
}

extension [ScoredSlide] {
    /// The mean of all; of Cox's loss that of all together; nil where there is none.
    var loss: Double? {
        let own = compactMap(\.loss)
        if own.count == count { return own.reduce(0, +) / Double(count) }
        return CoxLoss(risks: risks.map(\.risk), times: risks.map(\.time))?.value
    }

    /// Of survival, with what came.
    var risks: [(risk: Double, time: SurvivalTime)] {
        compactMap { scored in
            guard case .survival(let answer) = scored.answer, let time = scored.slide.target.survival else {
                return nil
            }
            return (answer.risk, time)
        }
    }
}
