import Records

/// Which configs every fold compares before one of them is its model; the config's section `search`.
///
/// The inner loop of nested cross-validation (Varma and Simon, BMC Bioinformatics 2006): candidates are compared on each fold's
/// validation part alone, and the fold's test part judges the one that was chosen.
public struct SearchConfig: ConfigSection {
    /// Values of keys of `training`.
    public var training: ConfigGrid?
    /// Values of keys of `model`, of its kind.
    public var model: ConfigGrid?
    /// Whole models.
    public var models: [ModelConfig]?
    /// At most so many are trained in each fold.
    public var candidates = 16
    public var seed: UInt64 = 0
    /// nil: that by which all candidates choose their epoch, else the loss.
    public var measure: Recipe.Selection?

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable { case training, models, model, candidates, seed, measure }

    public static let words = """
        Several configs for each fold, of which its validation part chooses one: nested cross-validation. Every combination of the \
        listed values is a candidate, or as many as `candidates` of them; each is a whole config that is checked before any work.
        """

    public static let fields: [Field] = [
        Field(
            .training,
            \.training,
            .grid(of: TrainingConfig.self),
            "Keys of `training`, each with a list of values, such as `{\"learning_rate\": [0.0001, 0.0003]}`; `null` leaves a key out. "
                + "A value wins over what `training` says and over a plan.",
            absent: "`training` as it is"
        ),
        Field(
            .models,
            \.models,
            .models,
            "Whole models, each as `model` would have it; `model` itself is a candidate where it is listed.",
            absent: "`model` alone"
        ),
        Field(
            .model,
            \.model,
            .grid,
            "Keys of `model`, each with a list of values, such as `{\"dropout\": [0, 0.25]}`. Models that differ have keys of their own; "
                + "they are listed in `models`.",
            absent: "`model` as it is",
            when: [
                .without(.models, because: "with models each is written out there; leave this out") {
                    $0.models == nil
                }
            ]
        ),
        Field(
            .candidates,
            \.candidates,
            .whole(2...1000),
            "The budget: so many combinations are trained in each fold where there are more, drawn without replacement, the same in "
                + "every fold and for every seed of the training; else all."
        ),
        Field(
            .seed,
            \.seed,
            .seed,
            "Of the sample, where there are more combinations than the budget."
        ),
        Field(
            .measure,
            \.measure,
            .choice([.loss, .auc, .f1AUC, .balancedAccuracy]),
            "What the candidates are compared by, on the validation part, at the epoch that each has kept; of equal ones the first "
                + "is chosen.",
            absent: "the one by which all of them choose their epoch (`training.selection`), else `loss`"
        ),
    ]

    /// Keys of `training` that are no candidates' matter, each with what is said where one is listed.
    static let refused: [TrainingConfig.CodingKeys: String] = {
        let repeats = "seeds repeat a training, and the best of them is luck; list them in training.seeds"
        let scale = "it changes the loss that candidates are compared by; set it in training"
        return [
            .seed: repeats, .seeds: repeats, .device: "it changes no result; set it in training",
            .survivalLoss: scale, .survivalBins: scale, .survivalAlpha: scale, .numberLoss: scale,
        ]
    }()
}

extension ConfigValues where Value == ConfigGrid {
    /// Of keys of a section that is the same in every config.
    static func grid<Section: ConfigSection>(of _: Section.Type) -> Self {
        Self(.grid(of: ConfigOutline(Section.self)))
    }

    /// Of keys of a section that another key tells.
    static var grid: Self { Self(.grid(of: nil)) }
}

extension ConfigValues where Value == [ModelConfig] {
    static var models: Self {
        let (count, model) = (1...100, ConfigValues<ModelConfig>.model)
        let shape = ConfigShape.list(of: model.shape, count: count, isDistinct: true)
        return Self(shape) { models, path in
            try ConfigError.check(count.contains(models.count), path, "\(shape.wanted) is wanted here")
            for place in models.indices {
                if let first = models[..<place].firstIndex(of: models[place]) {
                    throw ConfigError.twin(place, of: first, path)
                }
            }
            for (place, one) in models.enumerated() { try model.check(one, "\(path)[\(place)]") }
        }
    }
}
