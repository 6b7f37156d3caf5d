public import Config
import Records

/// `metrics.json`: what a training's test parts, pooled over its folds, say.
public struct EvaluationReport: Codable, Equatable, Sendable {
    /// Mean and sample sd of a metric over the folds where it is defined.
    public struct Spread: Codable, Equatable, Sendable {
        public var mean: Double?
        public var sd: Double?
        public var folds: Int

        enum CodingKeys: String, CodingKey { case mean, sd, folds }

        init(_ values: [Double?]) {
            let defined = values.compactMap { $0 }
            let count = Double(defined.count)
            folds = defined.count
            mean = defined.isEmpty ? nil : defined.reduce(0, +) / count
            sd = mean.flatMap { mean in
                count > 1 ? (defined.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot() : nil
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(mean, forKey: .mean)
            try container.encode(sd, forKey: .sd)
            try container.encode(folds, forKey: .folds)
        }
    }

    /// One fold's test part at the fold's own threshold.
    public struct Fold: Codable, Equatable, Sendable {
        public var fold: Int
        public var epoch: Int
        public var threshold: Double?
        public var thresholdSource: CheckpointCard.ThresholdSource
        public var temperature: Temperature?
        public var test: MetricReport

        enum CodingKeys: String, CodingKey {
            case fold, epoch, threshold, temperature, test
            case thresholdSource = "threshold_source"
        }
    }

    public var name: String
    public var classes: [String]
    /// How epoch and threshold were chosen.
    public var `protocol`: EvaluationConfig.Convention
    /// What the figures were made with.
    public var evaluation: EvaluationConfig
    /// Whether slides are tested in more than one fold; the pooled figures then count each of their tests.
    public var repeats: Bool
    /// Every test slide, judged by the fold that did not see it.
    public var pooled: MetricReport
    public var folds: [Fold]
    /// By a metric's key.
    public var overFolds: [String: Spread]
    /// The same over repetitions, each with its folds pooled; nil where every slide is tested once.
    public var overRepetitions: [String: Spread]?
    /// Where several targets are asked the name of the one that all other members are of, the first.
    public var target: String?
    /// Of several targets each one's own report by its name, as if it were asked alone.
    public var targets: [String: EvaluationReport]?
    public var patches: Localisation?
    /// How the maps hold when patches leave the bags; of the first target.
    public var faithfulness: FaithfulnessSummary?
    /// What plain models of mean features reach; nil in trainings of earlier versions.
    public var baselines: [BaselineReport]?
    /// What the folds have chosen among candidates; nil without a search.
    public var search: SearchSummary?
    /// Where `evaluation.coverage` asks for it and the test parts were neither tested twice nor selected on.
    public var conformal: ConformalSummary?
    /// Of classes; nil in reports of earlier versions.
    public var riskCoverage: RiskCoverage?
    /// Pooled AUC of every shortcut control; null where it is not defined.
    public var controls: [String: Double?] = [:]

    /// The largest control: what must stay well below the model's own AUC.
    public var controlAUC: Double? { controls.values.compactMap { $0 }.max() }

    enum CodingKeys: String, CodingKey {
        case name, classes, `protocol`, evaluation, repeats, pooled, folds, patches, controls, target, targets,
            baselines, search, conformal, faithfulness
        case riskCoverage = "risk_coverage"
        case overFolds = "over_folds"
        case overRepetitions = "over_repetitions"
        case slideAUC = "slide_auc"
        case slideAUCInterval = "slide_auc_ci"
        case patchAUC = "patch_auc"
        case controlAUC = "control_auc"
        case headline
    }

    /// - Parameter seed: of the bootstrap.
    init(_ trained: TrainedFolds, evaluation: EvaluationConfig, seed: UInt64) {
        name = trained.folds.first?.card.name ?? ""
        classes = trained.classes
        var evaluation = evaluation
        if trained.followPapers { evaluation.protocol = .paper }
        `protocol` = evaluation.protocol
        self.evaluation = evaluation
        repeats = trained.repeats
        let context = trained.context(evaluation, seed: seed)
        func report(_ sample: [Judged]) -> MetricReport {
            MetricReport(sample, classes: trained.classes, context)
        }
        pooled = report(trained.pooled)
        folds = trained.folds.map { fold in
            let card = fold.card
            return Fold(
                fold: card.fold,
                epoch: card.epoch,
                threshold: card.threshold,
                thresholdSource: card.thresholdSource,
                temperature: card.temperature,
                test: report(fold.test)
            )
        }
        overFolds = Self.spread(folds.map(\.test))
        baselines = BaselineReport.all(trained, beside: trained.pooled, context)
        search = SearchSummary(trained.folds.map(\.card))
        conformal = ConformalSummary(trained, evaluation)
        riskCoverage = RiskCoverage(trained.pooled, evaluation, seed: seed)
        if repeats { overRepetitions = Self.spread(trained.repetitions.map { report($0.flatMap(\.test)) }) }
    }

    /// Mean and sd by the keys of the metrics that tell of folds and seeds.
    static func spread(_ reports: [MetricReport]) -> [String: Spread] {
        let spreads = Metric.shown(in: .spread, of: reports.first?.target ?? .class).map { metric in
            (metric.key, Spread(reports.map { $0[metric]?.value }))
        }
        return Dictionary(uniqueKeysWithValues: spreads)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        classes = try container.decode([String].self, forKey: .classes)
        `protocol` = try container.decode(EvaluationConfig.Convention.self, forKey: .protocol)
        evaluation = try container.decode(EvaluationConfig.self, forKey: .evaluation)
        repeats = try container.decode(Bool.self, forKey: .repeats)
        pooled = try container.decode(MetricReport.self, forKey: .pooled)
        folds = try container.decode([Fold].self, forKey: .folds)
        overFolds = try container.decode([String: Spread].self, forKey: .overFolds)
        overRepetitions = try container.decodeIfPresent([String: Spread].self, forKey: .overRepetitions)
        target = try container.decodeIfPresent(String.self, forKey: .target)
        targets = try container.decodeIfPresent([String: EvaluationReport].self, forKey: .targets)
        patches = try container.decodeIfPresent(Localisation.self, forKey: .patches)
        faithfulness = try container.decodeIfPresent(FaithfulnessSummary.self, forKey: .faithfulness)
        baselines = try container.decodeIfPresent([BaselineReport].self, forKey: .baselines)
        search = try container.decodeIfPresent(SearchSummary.self, forKey: .search)
        conformal = try container.decodeIfPresent(ConformalSummary.self, forKey: .conformal)
        riskCoverage = try container.decodeIfPresent(RiskCoverage.self, forKey: .riskCoverage)
        controls = try container.decode([String: Double?].self, forKey: .controls)
    }

    /// The headline numbers stand at the top under short keys; what is not defined is null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pooled.auc.value, forKey: .slideAUC)
        try container.encode(pooled.auc.interval, forKey: .slideAUCInterval)
        try container.encodeIfPresent(HeadlineFigure(pooled), forKey: .headline)
        try container.encode(patches?.auc.value, forKey: .patchAUC)
        try container.encode(controlAUC, forKey: .controlAUC)
        try container.encode(controls, forKey: .controls)
        try container.encode(name, forKey: .name)
        try container.encode(classes, forKey: .classes)
        try container.encode(`protocol`, forKey: .protocol)
        try container.encode(evaluation, forKey: .evaluation)
        try container.encode(repeats, forKey: .repeats)
        try container.encode(pooled, forKey: .pooled)
        try container.encode(folds, forKey: .folds)
        try container.encode(overFolds, forKey: .overFolds)
        try container.encodeIfPresent(overRepetitions, forKey: .overRepetitions)
        try container.encodeIfPresent(target, forKey: .target)
        try container.encodeIfPresent(targets, forKey: .targets)
        try container.encodeIfPresent(patches, forKey: .patches)
        try container.encodeIfPresent(faithfulness, forKey: .faithfulness)
        try container.encodeIfPresent(baselines, forKey: .baselines)
        try container.encodeIfPresent(search, forKey: .search)
        try container.encodeIfPresent(conformal, forKey: .conformal)
        try container.encodeIfPresent(riskCoverage, forKey: .riskCoverage)
    }
}
