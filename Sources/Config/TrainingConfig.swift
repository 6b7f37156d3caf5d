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
    public var seeds: TrainingSeeds?
    public var device = DeviceChoice.auto
    public var standardise = Standardise.auto
    public var precision = Precision.fp32
    /// Weight of minus the attention's entropy in the loss; nil: 0.
    public var attentionEntropy: Double?
    /// Of the beta distribution that shares of mixed bags are drawn from; nil: bags stay whole.
    public var mixup: Double?
    /// Share of a bag's instances that a step leaves out; nil: 0.
    public var instanceDropout: Double?
    /// In standard deviations of each feature within the bag; nil: 0.
    public var featureNoise: Double?
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
    /// With several targets; nil: shared.
    public var targetAttention: TargetAttention?
    /// nil: none.
    public var plan: Planning?
    /// nil: all.
    public var patchesPerStep: Int?
    /// nil: 1.
    public var bagsPerStep: Int?
    /// What of the weights' running mean stays at a step; nil: there is none.
    public var weightAverage: Double?
    /// First weights that a fold is trained from at most; nil: 1.
    public var starts: Int?
    /// Epochs whose mean the selection looks at; nil: 1.
    public var selectionWindow: Int?
    /// Draws of `patchesPerStep` patches that a bag's answer is the mean of; nil: all patches at once.
    public var testDraws: Int?

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case optimiser, epochs, schedule, selection, sampling, seed, seeds, device, standardise, precision
        case learningRate = "learning_rate"
        case minimumLearningRate = "minimum_learning_rate"
        case weightDecay = "weight_decay"
        case warmupEpochs = "warmup_epochs"
        case attentionEntropy = "attention_entropy"
        case mixup
        case instanceDropout = "instance_dropout"
        case featureNoise = "feature_noise"
        case earlyStopping = "early_stopping"
        case classWeights = "class_weights"
        case survivalLoss = "survival_loss"
        case survivalBins = "survival_bins"
        case survivalAlpha = "survival_alpha"
        case riskSet = "risk_set"
        case numberLoss = "number_loss"
        case targetAttention = "target_attention"
        case plan
        case patchesPerStep = "patches_per_step"
        case bagsPerStep = "bags_per_step"
        case weightAverage = "weight_average"
        case starts
        case selectionWindow = "selection_window"
        case testDraws = "test_draws"
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
            earlyStopping: earlyStopping ?? published.earlyStopping,
            patchesPerStep: patchesPerStep,
            bagsPerStep: bagsPerStep,
            weightAverage: weightAverage,
            selectionWindow: selectionWindow,
            testDraws: testDraws
        )
    }
}

extension TrainingConfig {
    public static let words = "How the model is trained. What is left out is the model's published recipe."

    public static let fields = planning + recipe + steps + towards + material + computing

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

    private static let material: [Field] =
        [
            Field(.classWeights, \.classWeights, .classWeights, "What each class's loss is multiplied with."),
            Field(.sampling, \.sampling, .choice, "Which bags an epoch takes."),
            Field(.seeds, \.seeds, .seeds, TrainingSeeds.words, absent: "one seed"),
            Field(
                .seed,
                \.seed,
                .seed,
                "Of first weights, order and masks; splits do not follow from it.",
                when: [.without(.seeds, because: "with seeds there is no single seed") { $0.seeds == nil }],
                flags: [ConfigFlag("--seed", of: ["train", "run"])]
            ),
        ] + options

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

    public static let rules =
        [
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
        ] + stepRules

    public static var notes: String { Recipe.table }
}
