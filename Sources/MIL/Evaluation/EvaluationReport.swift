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
        public var test: MetricReport
    }

    public var name: String
    public var classes: [String]
    /// Every test slide, judged by each fold that tested it.
    public var pooled: MetricReport
    public var folds: [Fold]
    /// By metric: auc, accuracy, balanced_accuracy, macro_f1.
    public var overFolds: [String: Spread]
    public var patches: PatchRanking?
    /// Pooled AUC of every shortcut control; null where it is not defined.
    public var controls: [String: Double?]

    /// The largest control: what must stay well below the model's own AUC.
    public var controlAUC: Double? { controls.values.compactMap { $0 }.max() }

    enum CodingKeys: String, CodingKey {
        case name, classes, pooled, folds, patches, controls
        case overFolds = "over_folds"
        case slideAUC = "slide_auc"
        case slideAUCInterval = "slide_auc_ci"
        case patchAUC = "patch_auc"
        case controlAUC = "control_auc"
    }

    init(
        name: String,
        classes: [String],
        pooled: MetricReport,
        folds: [Fold],
        patches: PatchRanking?,
        controls: [String: Double?]
    ) {
        self.name = name
        self.classes = classes
        self.pooled = pooled
        self.folds = folds
        self.patches = patches
        self.controls = controls
        let tests = folds.map(\.test)
        overFolds = [
            "auc": Spread(tests.map(\.auc.value)), "accuracy": Spread(tests.map(\.accuracy.value)),
            "balanced_accuracy": Spread(tests.map(\.balancedAccuracy.value)),
            "macro_f1": Spread(tests.map(\.macroF1.value)),
        ]
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        classes = try container.decode([String].self, forKey: .classes)
        pooled = try container.decode(MetricReport.self, forKey: .pooled)
        folds = try container.decode([Fold].self, forKey: .folds)
        overFolds = try container.decode([String: Spread].self, forKey: .overFolds)
        patches = try container.decodeIfPresent(PatchRanking.self, forKey: .patches)
        controls = try container.decode([String: Double?].self, forKey: .controls)
    }

    /// The headline numbers stand at the top under short keys; what is not defined is null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pooled.auc.value, forKey: .slideAUC)
        try container.encode(pooled.auc.interval, forKey: .slideAUCInterval)
        try container.encode(patches?.meanAUC, forKey: .patchAUC)
        try container.encode(controlAUC, forKey: .controlAUC)
        try container.encode(controls, forKey: .controls)
        try container.encode(name, forKey: .name)
        try container.encode(classes, forKey: .classes)
        try container.encode(pooled, forKey: .pooled)
        try container.encode(folds, forKey: .folds)
        try container.encode(overFolds, forKey: .overFolds)
        try container.encodeIfPresent(patches, forKey: .patches)
    }
}
