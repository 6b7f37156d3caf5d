public import Records

/// How a model is trained; the config's section `training`. What it leaves out is the model's published recipe.
public struct TrainingConfig: Codable, Equatable, Sendable {
    /// Whether features are centred and scaled by the training part's mean and sd.
    public enum Standardise: String, ConfigChoice {
        /// For handcrafted encoders only, whose numbers have no common scale.
        case auto
        case always, never
    }

    /// What matrix products are computed in; weights, sums, losses and the optimiser are fp32 always.
    public enum Precision: String, ConfigChoice { case fp32, bf16 }

    /// Which bags an epoch takes.
    public enum Sampling: String, ConfigChoice {
        /// Every bag once.
        case shuffle
        /// As many bags, drawn with replacement so that every class is as likely as any other (CLAM's weighted sampling).
        case balanced
    }

    /// What each class's loss is multiplied with.
    public enum ClassWeights: Codable, Equatable, Sendable {
        case none
        /// n / (C · n_c): every class weighs the same in an epoch.
        case balanced
        /// One per class, in the classes' order.
        case given([Double])

        public init(from decoder: any Decoder) throws {
            let path = decoder.codingPath.map(\.stringValue).joined(separator: ".")
            let container = try decoder.singleValueContainer()
            switch (try? container.decode(String.self), try? container.decode([Double].self)) {
            case ("none", _): self = .none
            case ("balanced", _): self = .balanced
            case (_, let weights?) where weights.allSatisfy({ $0 > 0 && $0 <= 1e6 }): self = .given(weights)
            default: throw ConfigError(path, "none, balanced or a list of one number above 0 for every class is wanted")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .none: try container.encode("none")
            case .balanced: try container.encode("balanced")
            case .given(let weights): try container.encode(weights)
            }
        }
    }

    public var optimiser: Recipe.Optimiser?
    public var learningRate: Double?
    /// Where the schedule ends.
    public var minimumLearningRate: Double?
    public var weightDecay: Double?
    public var epochs: Int?
    /// Epochs of linear rise before the schedule.
    public var warmupEpochs: Int?
    public var schedule: Recipe.Schedule?
    public var selection: Recipe.Selection?
    public var earlyStopping: Recipe.EarlyStopping?
    public var classWeights = ClassWeights.none
    public var sampling = Sampling.shuffle
    public var seed: UInt64 = 0
    /// Several seeds instead of one: every fold is trained once with each.
    public var seeds: [UInt64]?
    public var device = DeviceChoice.auto
    public var standardise = Standardise.auto
    public var precision = Precision.fp32

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case optimiser, epochs, schedule, selection, sampling, seed, seeds, device, standardise, precision
        case learningRate = "learning_rate"
        case minimumLearningRate = "minimum_learning_rate"
        case weightDecay = "weight_decay"
        case warmupEpochs = "warmup_epochs"
        case earlyStopping = "early_stopping"
        case classWeights = "class_weights"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.optimiser, into: &optimiser)
        try reader.read(.learningRate, into: &learningRate)
        try reader.read(.minimumLearningRate, into: &minimumLearningRate)
        try reader.read(.weightDecay, into: &weightDecay)
        try reader.read(.epochs, into: &epochs)
        try reader.read(.warmupEpochs, into: &warmupEpochs)
        try reader.read(.schedule, into: &schedule)
        try reader.read(.selection, into: &selection)
        try reader.read(.earlyStopping, into: &earlyStopping)
        try reader.read(.classWeights, into: &classWeights)
        try reader.read(.sampling, into: &sampling)
        try reader.read(.seed, into: &seed)
        try reader.read(.seeds, into: &seeds)
        try reader.read(.device, into: &device)
        try reader.read(.standardise, into: &standardise)
        try reader.read(.precision, into: &precision)
        if let seeds {
            try reader.refuse(.seed, because: "with seeds there is no single seed")
            try ConfigError.check(
                (2...1000).contains(seeds.count) && Set(seeds).count == seeds.count,
                reader.keyPath(.seeds),
                "2 to 1000 different whole numbers are wanted; one alone is the key seed"
            )
        }
        func check<Value>(_ value: Value?, _ key: CodingKeys, _ wanted: String, _ holds: (Value) -> Bool) throws {
            try ConfigError.check(value.map(holds) ?? true, reader.keyPath(key), "\(wanted) is wanted")
        }
        try check(learningRate, .learningRate, "a number above 0, at most 1,") { $0 > 0 && $0 <= 1 }
        // Where rate and epochs are left to the model's recipe, the smallest of the published ones count.
        let top = learningRate ?? 1e-4
        try check(minimumLearningRate, .minimumLearningRate, "a number from 0 to learning_rate") {
            (0...top).contains($0)
        }
        try check(weightDecay, .weightDecay, "a number from 0 to 1") { (0...1).contains($0) }
        try check(epochs, .epochs, "a whole number from 1 to 10000") { (1...10_000).contains($0) }
        let end = epochs ?? 50
        try check(warmupEpochs, .warmupEpochs, "a whole number from 0 to below epochs") { (0..<end).contains($0) }
    }

    /// This config with what it leaves out filled in.
    public func recipe(for model: ModelConfig, featureWidth: Int, classes: Int) -> Recipe {
        let published = Recipe.published(for: model, featureWidth: featureWidth, classes: classes)
        let rate = learningRate ?? published.learningRate
        return Recipe(
            optimiser: optimiser ?? published.optimiser,
            learningRate: rate,
            minimumLearningRate: minimumLearningRate ?? min(rate, published.minimumLearningRate),
            weightDecay: weightDecay ?? published.weightDecay,
            epochs: epochs ?? published.epochs,
            warmupEpochs: warmupEpochs ?? published.warmupEpochs,
            schedule: schedule ?? published.schedule,
            selection: selection ?? published.selection,
            earlyStopping: earlyStopping ?? published.earlyStopping
        )
    }
}
