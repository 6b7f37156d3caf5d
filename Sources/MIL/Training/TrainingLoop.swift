import Config
import Evaluation
import Foundation
import Records
import Storage
import Torch

/// Trains a model on the bags of one fold, one bag per step or as many as the recipe says, of Cox's loss a set of bags, and remembers the
/// best epoch's parameters.
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
        let average = try recipe.weightAverage.map {
            try WeightAverage($0, of: model.trainable, stored: state.average)
        }
        state.history.forEach(progress)
        var saved = ContinuousClock.now
        while state.history.count < recipe.epochs, !isOver(state) {
            try run(model, optimiser, average, &state)
            // Neither a file to go on from nor a table could hold it.
            if let record = state.history.last, !record.isFinite {
                throw MILError.diverged(fold: fold, epoch: record.epoch, slide: nil)
            }
            if ContinuousClock.now - saved >= savingInterval {
                state.average = try average.map { (try $0.values(), $0.count) }
                try resume.save(state, model, optimiser)
                saved = .now
            }
            if let record = state.history.last { progress(record) }
        }
        guard let best = state.best else {
            throw MILError.untrainable(reason: "no epoch could be chosen")
        }
        try model.assign(best.parameters)
        return Trained(
            parameters: try best.parameters.mapValues { StoredTensor(shape: $0.shape, floats: try $0.floats()) },
            epoch: best.epoch,
            score: recipe.selection == .last ? nil : scores(state.history)[best.epoch],
            history: state.history
        )
    }

    private func isOver(_ state: TrainingState) -> Bool {
        recipe.earlyStopping.ends(after: scores(state.history))
    }

    /// What the selection looks at, of each epoch.
    private func scores(_ history: [EpochRecord]) -> [Double] {
        recipe.smoothed(history.map { $0.value(of: recipe.selection) })
    }

    private func makeOptimiser(_ parameters: [Parameter]) throws -> Adam {
        let settings = Adam.Settings(weightDecay: recipe.weightDecay)
        return switch recipe.optimiser {
        case .adam: try Adam(parameters, learningRate: recipe.learningRate, settings: settings)
        case .adamw: try AdamW(parameters, learningRate: recipe.learningRate, settings: settings)
        }
    }

    /// One epoch, judged by the weights' running mean where there is one.
    private func run(
        _ model: any MILModel,
        _ optimiser: Adam,
        _ average: WeightAverage?,
        _ state: inout TrainingState
    ) throws {
        let epoch = state.history.count
        let terms =
            try !readout.riskPlaces.isEmpty
            ? compare(model, optimiser, average, epoch: epoch) : train(model, optimiser, average, epoch: epoch)
        func judge() throws {
            state.history.append(try judged(model, epoch, terms))
            let scores = scores(state.history)
            if scores[epoch] > state.best.map({ scores[$0.epoch] }) ?? -.infinity {
                state.best = (epoch, try model.values())
            }
        }
        if let average { try average.standingIn(judge) } else { try judge() }
    }

    private func judged(_ model: any MILModel, _ epoch: Int, _ terms: [EpochRecord.Term]) throws -> EpochRecord {
        let first = rate(epoch, sets(of: training.count)[0], of: training.count)
        var record = EpochRecord(epoch: epoch, learningRate: first, terms: terms)
        if !validation.isEmpty {
            let scored = try readout.scored(numbers(of: validation, by: model, bags, testDraws))
            record.validationLoss = readout.loss(of: scored)
            if case .several(let parts) = readout {
                record.validationLosses = zip(parts, scored).compactMap { part, slides in
                    slides.isEmpty ? nil : slides.loss.map { EpochRecord.Term(name: part.name, value: $0) }
                }
            }
            guard case .class = readout else { return record }
            let sample = scored[0].compactMap(\.argmax.ofClass)
            let confusion = Metrics.confusion(sample, classes: sample.first?.probabilities.count ?? 0)
            record.validationAUC = Metrics.macroAUC(sample)
            record.validationMacroF1 = Metrics.macroF1(confusion)
            record.validationBalancedAccuracy = Metrics.balancedAccuracy(confusion)
        }
        return record
    }

    /// One pass over the training bags; the mean of each loss term.
    private func train(
        _ model: any MILModel,
        _ optimiser: Adam,
        _ average: WeightAverage?,
        epoch: Int
    ) throws -> [EpochRecord.Term] {
        var sums: [EpochRecord.Term] = []
        let order = order(epoch)
        bags.expect(order.map { training[$0].slide })
        for set in sets(of: order.count) {
            optimiser.learningRate = rate(epoch, set, of: order.count)
            optimiser.dropGrads()
            for step in set {
                let terms = try learn(
                    from: training[order[step]],
                    by: model,
                    epoch,
                    step,
                    of: order.count,
                    share: set.count
                )
                if sums.isEmpty { sums = terms.map { EpochRecord.Term(name: $0.name, value: 0) } }
                for place in sums.indices { sums[place].value += terms[place].value }
            }
            try optimiser.step()
            try average?.add()
            try model.finish(moment(epoch, set.upperBound - 1, of: order.count))
        }
        return sums.map { EpochRecord.Term(name: $0.name, value: $0.value / Double(order.count)) }
    }

    /// Adds a bag's gradients to those of its step.
    /// - Parameter share: bags of the step.
    private func learn(
        from slide: CohortSlide,
        by model: any MILModel,
        _ epoch: Int,
        _ step: Int,
        of count: Int,
        share: Int
    ) throws -> [EpochRecord.Term] {
        let moment = moment(epoch, step, of: count)
        let aim = try aim(at: slide)
        var loss = try model.trainingLoss(try features(of: slide.slide, moment), target: aim, moment)
        let weight = weight(of: slide)
        if weight != 1 { loss.total = try loss.total * weight }
        try (share == 1 ? loss.total : loss.total / Double(share)).backward()
        let terms = try loss.values()
        guard terms[0].value.isFinite else {
            throw MILError.diverged(fold: fold, epoch: epoch, slide: slide.slide.text)
        }
        return terms
    }

    /// What a step learns from.
    func features(of slide: SlideID, _ moment: TrainingStep) throws -> Tensor {
        let features = try bags.features(slide)
        return try recipe.patchesPerStep.map { try PatchDraw(count: $0)(features, moment.draws) } ?? features
    }

    func moment(_ epoch: Int, _ place: Int, of count: Int) -> TrainingStep {
        TrainingStep(
            draws: CounterDraws(seed: seed, fold: fold, epoch: epoch, step: place),
            progress: Double(epoch * count + place) / Double(recipe.epochs * count)
        )
    }

    /// The bags of an epoch in the sets that make a step, as places in its order; of Cox's loss of about `riskSet` bags, since of a single
    /// one nothing is learned.
    func sets(of count: Int) -> [Range<Int>] {
        guard !readout.riskPlaces.isEmpty else { return recipe.steps(of: count) }
        let sets = max(1, (count + riskSet - 1) / riskSet)
        return (0..<sets).map { count * $0 / sets..<count * ($0 + 1) / sets }
    }

    /// The learning rate of the step of a set.
    func rate(_ epoch: Int, _ set: Range<Int>, of count: Int) -> Double {
        let (start, length) = (Double(set.lowerBound) / Double(count), Double(set.count) / Double(count))
        return recipe.learningRate(at: Double(epoch) + start, step: length)
    }

    var testDraws: TestDraws? { TestDraws(recipe, seed: seed, fold: fold) }

    private func aim(at slide: CohortSlide) throws -> Aim {
        guard let aim = readout.aim(at: slide.target) else {
            throw Failure(.bug, slide.slide.text, "its target is not of the kind that the model is asked")
        }
        return aim
    }

    private func weight(of slide: CohortSlide) -> Double {
        classWeights.isEmpty ? 1 : (slide.target.label ?? slide.target.grade).map { classWeights[$0] } ?? 1
    }
}

extension TrainingLoss {
    /// The total and the terms as numbers. They are read together, and after the backward pass was asked for: each reading waits for all
    /// that a GPU has to do.
    func values() throws -> [EpochRecord.Term] {
        let named = [("total", total)] + terms
        let numbers = try Tensor.stacked(named.map { try $0.1.detach().to(.float32).reshape([]) }, dim: 0).floats()
        return zip(named, numbers).map { EpochRecord.Term(name: $0.0, value: Double($1)) }
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
