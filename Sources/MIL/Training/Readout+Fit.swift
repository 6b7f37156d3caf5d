import Config
import Evaluation
import Records

extension Readout {
    /// What a model's outputs are to mean for a study.
    /// - Parameters:
    ///   - kind: what is asked of each bag.
    ///   - classes: as `Cohort.classes`.
    ///   - training: the training part, on which scales are fitted.
    /// - Throws: `ConfigError` where given weights do not fit; `MILError.untrainable` where the training part has no scale.
    init(_ kind: Target.Kind, classes: [String], fittedOn training: [CohortSlide], _ settings: TrainingConfig) throws {
        let targets = training.map(\.target)
        if let reason = TrainingFault.reason(kind, targets, settings) { throw MILError.untrainable(reason: reason) }
        switch kind {
        case .class: self = .class(count: classes.count)
        case .ordinal: self = .ordinal(count: classes.count)
        case .labels:
            self = .labels(try settings.classWeights.ofLabels(targets.compactMap(\.labels), count: classes.count))
        case .number: self = .number(NumberScale(targets.compactMap(\.number), settings.numberLoss ?? .squared))
        case .survival:
            let bins = try TrainingFault.bins(targets, settings).get()
            let edges = Array(bins.edges.dropFirst())
            switch settings.survivalLoss ?? .hazards {
            case .hazards: self = .hazards(Hazards(edges: edges, end: bins.end, alpha: settings.survivalAlpha ?? 0))
            case .cox:
                // All events of the last interval may be at its begin.
                self = .risk(RiskScale(times: edges + (edges.last.map { $0 < bins.end } ?? true ? [bins.end] : [])))
            }
        }
    }
}

extension Readout {
    /// The same of all that a cohort asks; each target's scales are fitted on the slides of which it is known.
    /// - Throws: as the other.
    init(_ cohort: Cohort, fittedOn training: [CohortSlide], _ settings: TrainingConfig) throws {
        guard let targets = cohort.targets else {
            try self.init(cohort.kind, classes: cohort.classes, fittedOn: training, settings)
            return
        }
        let all = cohort.with(training)
        self = .several(
            try targets.enumerated().map { place, question in
                let (known, count) = (all.asking(place).slides, question.classes.count)
                let readout = try Readout(question.kind, classes: question.classes, fittedOn: known, settings)
                let factors: [Double]? =
                    switch question.kind {
                    case .class, .ordinal:
                        settings.classWeights == .none
                            ? nil : try settings.classWeights.factors(for: known, classes: count)
                    case .labels, .number, .survival: nil
                    }
                return Part(name: question.name, readout: readout, weight: question.weight, factors: factors)
            }
        )
    }
}

extension Readout.NumberScale {
    fileprivate init(_ numbers: [Double], _ loss: TrainingConfig.NumberLoss) {
        let (mean, variance) = TrainingFault.moments(of: numbers)
        self.init(mean: mean, sd: variance.squareRoot(), huber: loss == .huber ? 1 : nil)
    }
}

extension TrainingConfig.ClassWeights {
    /// - Parameter labels: of each bag.
    fileprivate func ofLabels(_ labels: [[Bool?]], count: Int) throws -> [Readout.LabelWeights] {
        switch self {
        case .none: return Array(repeating: Readout.LabelWeights(yes: 1, no: 1), count: count)
        case .balanced:
            return (0..<count).map { place in
                let (yes, no) = (labels.count { $0[place] == true }, labels.count { $0[place] == false })
                guard yes > 0, no > 0 else { return Readout.LabelWeights(yes: 1, no: 1) }
                let half = Double(yes + no) / 2
                return Readout.LabelWeights(yes: half / Double(yes), no: half / Double(no))
            }
        case .given(let weights):
            try ConfigError.check(
                weights.count == count,
                "training.class_weights",
                "\(weights.count) weights are given for \(count) labels; one for every label is wanted"
            )
            return weights.map { Readout.LabelWeights(yes: $0, no: $0) }
        }
    }
}
