public import Records

/// How a model is trained; the config's section `training`. What it leaves out is the model's published recipe.
public struct TrainingConfig: ConfigSection {
    /// Whether features are centred and scaled by the training part's mean and sd.
    public enum Standardise: String, DescribedChoice {
        case auto, always, never

        public var meaning: String {
            switch self {
            case .auto: "for handcrafted encoders only, whose numbers have no common scale"
            case .always: "for every encoder"
            case .never: "for none"
            }
        }
    }

    /// What matrix products are computed in; weights, sums, losses and the optimiser are fp32 always.
    public enum Precision: String, DescribedChoice {
        case fp32, bf16

        public var meaning: String {
            switch self {
            case .fp32: "32 bits"
            case .bf16: "16 bits with the range of fp32: half the time of a step"
            }
        }
    }

    /// Which bags an epoch takes.
    public enum Sampling: String, DescribedChoice {
        case shuffle, balanced

        public var meaning: String {
            switch self {
            case .shuffle: "every bag once"
            case .balanced:
                "as many bags, drawn with replacement so that every class is as likely as any other (CLAM's weighted sampling)"
            }
        }
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
    /// nil: discrete hazards.
    public var survivalLoss: SurvivalLoss?
    /// Intervals of discrete hazards; nil: 4.
    public var survivalBins: Int?
    /// nil: 0.
    public var survivalAlpha: Double?
    /// Bags of a step of Cox's loss; nil: 32.
    public var riskSet: Int?
    /// nil: the squared error.
    public var numberLoss: NumberLoss?

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case optimiser, epochs, schedule, selection, sampling, seed, seeds, device, standardise, precision
        case learningRate = "learning_rate"
        case minimumLearningRate = "minimum_learning_rate"
        case weightDecay = "weight_decay"
        case warmupEpochs = "warmup_epochs"
        case earlyStopping = "early_stopping"
        case classWeights = "class_weights"
        case survivalLoss = "survival_loss"
        case survivalBins = "survival_bins"
        case survivalAlpha = "survival_alpha"
        case riskSet = "risk_set"
        case numberLoss = "number_loss"
    }

    /// This config with what it leaves out filled in.
    /// - Parameter kind: of the targets; what models select by are figures of classes, so that others go by the loss.
    public func recipe(
        for model: ModelConfig,
        featureWidth: Int,
        classes: Int,
        kind: Target.Kind = .class
    ) -> Recipe {
        let published = model.section.recipe(featureWidth: featureWidth, classes: classes)
        let rate = learningRate ?? published.learningRate
        return Recipe(
            optimiser: optimiser ?? published.optimiser,
            learningRate: rate,
            minimumLearningRate: minimumLearningRate ?? min(rate, published.minimumLearningRate),
            weightDecay: weightDecay ?? published.weightDecay,
            epochs: epochs ?? published.epochs,
            warmupEpochs: warmupEpochs ?? published.warmupEpochs,
            schedule: schedule ?? published.schedule,
            selection: selection ?? (published.selection.isOfClasses && kind != .class ? .loss : published.selection),
            earlyStopping: earlyStopping ?? published.earlyStopping
        )
    }
}

extension TrainingConfig {
    public static let words = "How the model is trained. What is left out is the model's published recipe."

    public static let fields = recipe + towards + material + computing

    private static let published = "the model's recipe"

    private static let recipe: [Field] = [
        Field(.optimiser, \.optimiser, .choice, "What moves the weights.", absent: published),
        Field(.learningRate, \.learningRate, .number(above: 0, to: 1), "The learning rate.", absent: published),
        Field(
            .minimumLearningRate,
            \.minimumLearningRate,
            .number(0...1),
            "Where the schedule ends.",
            absent: published
        ),
        Field(.weightDecay, \.weightDecay, .number(0...1), "Weight decay.", absent: published),
        Field(.epochs, \.epochs, .whole(1...10_000), "Epochs.", absent: published),
        Field(
            .warmupEpochs,
            \.warmupEpochs,
            .whole(0...9_999),
            "Epochs of linear rise of the learning rate, before the schedule.",
            absent: published
        ),
        Field(
            .schedule,
            \.schedule,
            .choice,
            "How the learning rate falls from its first value to its minimum.",
            absent: published
        ),
        Field(
            .selection,
            \.selection,
            .choice,
            "Which epoch's weights are kept; of equal epochs the earlier one.",
            absent: published
        ),
        Field(
            .earlyStopping,
            \.earlyStopping,
            .section,
            "When training ends before its last epoch.",
            absent: published
        ),
    ]

    private static let material: [Field] = [
        Field(.classWeights, \.classWeights, .classWeights, "What each class's loss is multiplied with."),
        Field(.sampling, \.sampling, .choice, "Which bags an epoch takes."),
        Field(
            .seeds,
            \.seeds,
            .list(of: .seed, 2...1000, isDistinct: true),
            "Several seeds instead of one: every fold is trained once with each.",
            absent: "one seed"
        ),
        Field(
            .seed,
            \.seed,
            .seed,
            "Of first weights, order and masks; splits do not follow from it.",
            when: [.without(.seeds, because: "with seeds there is no single seed") { $0.seeds == nil }],
            flags: [ConfigFlag("--seed", of: ["train", "run"])]
        ),
    ]

    private static let computing: [Field] = [
        Field(
            .device,
            \.device,
            .device,
            "Where training and prediction are computed.",
            flags: [ConfigFlag("--device", of: ["predict"])]
        ),
        Field(
            .standardise,
            \.standardise,
            .choice,
            "Whether features are centred and scaled by the training part's mean and standard deviation."
        ),
        Field(
            .precision,
            \.precision,
            .choice,
            "What matrix products are computed in; weights, sums, losses and the optimiser are fp32 always."
        ),
    ]

    public static let rules = [
        // Where rate and epochs are left to the model's recipe, the smallest of the published ones count.
        Rule(
            "`minimum_learning_rate` is at most `learning_rate`, or 0.0001 where that is left out.",
            .minimumLearningRate,
            "a number from 0 to learning_rate is wanted"
        ) { $0.minimumLearningRate ?? 0 <= $0.learningRate ?? 1e-4 },
        Rule(
            "`warmup_epochs` are fewer than `epochs`, or than 50 where those are left out.",
            .warmupEpochs,
            "a whole number from 0 to below epochs is wanted"
        ) { $0.warmupEpochs ?? 0 < $0.epochs ?? 50 },
    ]

    public static var notes: String { Recipe.table }
}

extension ConfigValues where Value == TrainingConfig.ClassWeights {
    static var classWeights: Self {
        let words = [
            ConfigWord(word: "none", meaning: "1"),
            ConfigWord(word: "balanced", meaning: "n / (C · n_c): every class weighs the same in an epoch"),
        ]
        let weights = ConfigValues<Double>.number(above: 0, to: 1e6)
        let list = ConfigShape.list(of: weights.shape, count: 1...Int.max, isDistinct: false)
        // Its decoder checks the weights themselves.
        return Self(.either([.choice(words), list])) { $0 != .given([]) }
    }
}
