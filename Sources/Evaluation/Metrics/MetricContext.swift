public import Config
public import Records

/// What figures of a sample are made with beside the sample itself.
public struct MetricContext: Sendable {
    public var evaluation: EvaluationConfig
    /// Of the bootstrap.
    public var seed: UInt64
    /// What is asked of each bag, also where none was tested.
    public var target: Target.Kind
    /// Where survival is asked.
    public var survival = SurvivalContext()

    public init(_ evaluation: EvaluationConfig, seed: UInt64, target: Target.Kind = .class) {
        (self.evaluation, self.seed, self.target) = (evaluation, seed, target)
    }
}

/// What figures of survival need to know beside the tested cases; by `Judged.group`.
public struct SurvivalContext: Sendable {
    /// Of the training parts, which tell how probable it is not to be censored.
    private(set) var censoring: [Int: CensoringCurve] = [:]
    /// The median risk of each validation part: who is above it is of the group of high risk.
    private(set) var cuts: [Int: Double] = [:]
    /// At which AUC and Brier score are told, rising.
    private(set) var times: [Double] = []
    /// Up to where every training part knows the censoring: Uno's C looks no further.
    private(set) var tau: Double?

    init() {}

    /// Of the mean answers of several models of each fold: their risks are cut at the mean of the medians.
    init(meanOf contexts: [SurvivalContext]) {
        guard let first = contexts.first else { return }
        self = first
        for group in first.cuts.keys {
            let all = contexts.compactMap { $0.cuts[group] }
            cuts[group] = all.count == contexts.count ? all.reduce(0, +) / Double(all.count) : nil
        }
    }

    init(
        _ folds: [(group: Int, train: [FoldPredictions.Row], validation: [FoldPredictions.Row])],
        tested: [Judged],
        times: [Double]?
    ) {
        self.init(
            training: Dictionary(uniqueKeysWithValues: folds.map { ($0.group, $0.train.map(\.judged)) }),
            validation: Dictionary(uniqueKeysWithValues: folds.map { ($0.group, $0.validation.map(\.judged)) }),
            tested: tested,
            times: times
        )
    }

    /// - Parameter times: nil: the median time of the tested events.
    public init(training: [Int: [Judged]], validation: [Int: [Judged]], tested: [Judged], times: [Double]?) {
        censoring = training.compactMapValues { try? CensoringCurve.fitted(FollowUp($0)).get() }
        cuts = validation.compactMapValues(Self.median)
        let events = tested.compactMap { $0.target.survival }.filter(\.isEvent).map(\.time).sorted()
        self.times = times?.sorted() ?? (events.isEmpty ? [] : [events[events.count / 2]])
        let ends = censoring.values.map(\.horizon)
        tau = ends.contains { $0 == nil } ? nil : ends.compactMap { $0 }.min()
    }

    /// Risks of other models of the same folds are cut by what those say of the validation parts.
    mutating func cut(by validation: [(group: Int, judged: [Judged])]) {
        cuts = Dictionary(uniqueKeysWithValues: validation).compactMapValues(Self.median)
    }

    private static func median(_ judged: [Judged]) -> Double? {
        let risks = judged.compactMap(\.answer.ofSurvival?.risk).sorted()
        guard !risks.isEmpty else { return nil }
        return (risks[(risks.count - 1) / 2] + risks[risks.count / 2]) / 2
    }
}

extension FollowUp {
    /// Of those of whom survival was asked.
    init(_ sample: [Judged]) {
        let known = sample.compactMap(\.target.survival)
        self.init(times: known.map(\.time), events: known.map(\.isEvent))
    }
}
