import Records
import Storage
import Torch

/// Trains a model on the bags of one fold, one bag per step, and remembers the best epoch's parameters.
struct TrainingLoop {
    let config: TrainingConfig
    let fold: Int
    let training: [CohortSlide]
    let validation: [CohortSlide]
    let bags: DeviceBags

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
        var history: [EpochRecord] = []
        var best: (epoch: Int, score: Double, values: [(Parameter, Tensor)])?
        for epoch in 0..<config.epochs {
            let terms = try train(model, optimiser, epoch: epoch)
            var record = EpochRecord(epoch: epoch, learningRate: config.learningRate(at: Double(epoch)), terms: terms)
            if !validation.isEmpty {
                let scored = try scores(of: validation, by: model, bags)
                let sample = scored.map(\.argmax)
                record.validationLoss = scored.reduce(0) { $0 + $1.loss } / Double(scored.count)
                record.validationAUC = Metrics.macroAUC(sample)
                record.validationMacroF1 = Metrics.macroF1(
                    Metrics.confusion(sample, classes: sample.first?.probabilities.count ?? 0)
                )
            }
            history.append(record)
            let value = selectionValue(record)
            if value > best?.score ?? -.infinity { best = (epoch, value, try snapshot(model)) }
            progress(record)
        }
        guard let best else { throw MILError.unusable(subject: "fold \(fold)", reason: "no epoch could be chosen") }
        try withoutGrad { for (parameter, values) in best.values { try parameter.tensor.assign(values) } }
        let stored = try best.values.map { ($0.name, StoredTensor(shape: $1.shape, floats: try $1.floats())) }
        return Trained(
            parameters: Dictionary(uniqueKeysWithValues: stored),
            epoch: best.epoch,
            score: config.selection == .last ? nil : best.score,
            history: history
        )
    }

    private func makeOptimiser(_ parameters: [Parameter]) throws -> Adam {
        let settings = Adam.Settings(weightDecay: config.weightDecay)
        return switch config.optimiser {
        case .adam: try Adam(parameters, learningRate: config.learningRate, settings: settings)
        case .adamw: try AdamW(parameters, learningRate: config.learningRate, settings: settings)
        }
    }

    /// One pass over the training bags in a random order; the mean of each loss term.
    private func train(_ model: any MILModel, _ optimiser: Adam, epoch: Int) throws -> [(name: String, value: Double)] {
        var sums: [(name: String, value: Double)] = []
        let order = CounterDraws(seed: config.seed, fold: fold, epoch: epoch).permutation("order", training.count)
        for (step, index) in order.enumerated() {
            let slide = training[index]
            optimiser.learningRate = config.learningRate(at: Double(epoch) + Double(step) / Double(order.count))
            optimiser.dropGrads()
            let moment = TrainingStep(
                draws: CounterDraws(seed: config.seed, fold: fold, epoch: epoch, step: step),
                progress: Double(epoch * order.count + step) / Double(config.epochs * order.count)
            )
            let loss = try model.trainingLoss(try bags.features(slide.slide), label: slide.label, moment)
            let terms =
                try [("total", loss.total)].map { ($0, try $1.item()) }
                + loss.terms.map { ($0.name, try $0.value.item()) }
            guard terms[0].1.isFinite else {
                throw MILError.diverged(fold: fold, epoch: epoch, slide: slide.slide.text)
            }
            try loss.total.backward()
            try optimiser.step()
            try model.finish(moment)
            if sums.isEmpty { sums = terms.map { ($0.0, 0) } }
            for place in sums.indices { sums[place].value += Double(terms[place].1) }
        }
        return sums.map { ($0.name, $0.value / Double(order.count)) }
    }

    /// Larger is better; an undefined metric counts 0, as in the authors' code.
    private func selectionValue(_ record: EpochRecord) -> Double {
        switch config.selection {
        case .f1AUC: (record.validationMacroF1 ?? 0) + (record.validationAUC ?? 0)
        case .auc: record.validationAUC ?? 0
        case .loss: -(record.validationLoss ?? .infinity)
        case .last: Double(record.epoch)
        }
    }

    private func snapshot(_ model: any MILModel) throws -> [(Parameter, Tensor)] {
        try withoutGrad { try model.parameters.map { ($0, try $0.tensor.clone()) } }
    }
}
