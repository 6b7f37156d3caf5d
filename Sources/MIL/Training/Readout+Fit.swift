import Config
import Evaluation
import Records

extension Readout {
    /// What a model's outputs are to mean for a study.
    /// - Parameters:
    ///   - kind: what is asked of each bag.
    ///   - classes: as `Cohort.classes`.
    ///   - training: the training part, on which scales are fitted.
    /// - Throws: `ConfigError` where given weights do not fit; `MILError.unusable` where the training part has no scale.
    init(_ kind: Target.Kind, classes: [String], fittedOn training: [CohortSlide], _ settings: TrainingConfig) throws {
        let targets = training.map(\.target)
        switch kind {
        case .class: self = .class(count: classes.count)
        case .ordinal: self = .ordinal(count: classes.count)
        case .labels:
            self = .labels(try settings.classWeights.ofLabels(targets.compactMap(\.labels), count: classes.count))
        case .number: self = .number(try NumberScale(targets.compactMap(\.number), settings.numberLoss ?? .squared))
        case .survival:
            let bins = try Self.bins(targets.compactMap(\.survival), settings.survivalBins ?? 4)
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

extension Readout.NumberScale {
    fileprivate init(_ numbers: [Double], _ loss: TrainingConfig.NumberLoss) throws {
        let count = Double(numbers.count)
        let mean = numbers.reduce(0) { $0 + $1 / count }
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        guard Set(numbers).count > 1, variance > 0, variance.isFinite else {
            throw MILError.unusable(
                subject: "cohort",
                reason: "all numbers of the training part are one; nothing can be learned from them"
            )
        }
        self.init(mean: mean, sd: variance.squareRoot(), huber: loss == .huber ? 1 : nil)
    }
}

extension Readout {
    private static func bins(_ all: [SurvivalTime], _ asked: Int) throws -> TimeBins {
        let fitted = TimeBins.fitted(times: all.map(\.time), events: all.map(\.isEvent), asked: asked)
        switch fitted {
        case .success(let bins) where bins.count > 1: return bins
        case .success:
            throw MILError.unusable(
                subject: "cohort",
                reason: "the events of the training part are all at one time; intervals of time need two different"
            )
        case .failure(let undefined): throw MILError.unusable(subject: "cohort", reason: undefined.reason)
        }
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
