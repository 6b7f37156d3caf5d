public import Records

extension TrainingConfig {
    /// Who fills in what the config leaves out.
    public enum Planning: String, DescribedChoice {
        case none, auto

        public var meaning: String {
            switch self {
            case .none: "nobody: the model's published recipe"
            case .auto:
                "a plan made of the training part of each fold: how many bags, how large and how wide they are, what is asked "
                    + "(`wsi plan` shows it with its reasons); what stands in the config wins over it"
            }
        }
    }

    static let planning: [Field] = [
        Field(.plan, \.plan, .choice, "Who fills in what this section leaves out.", absent: "`none`")
    ]

    static let steps: [Field] = [
        Field(
            .selectionWindow,
            \.selectionWindow,
            .whole(1...1000, "epochs"),
            "Selection and early stopping look at the mean of so many last epochs; no epoch before so many is kept.",
            absent: "1"
        ),
        Field(
            .bagsPerStep,
            \.bagsPerStep,
            .whole(1...1000),
            "Bags of a step: their mean loss moves the weights. Gradients are summed bag by bag, so memory is that of one.",
            absent: "1"
        ),
        Field(
            .patchesPerStep,
            \.patchesPerStep,
            .whole(1...10_000_000),
            "Patches that a step draws of a bag, anew each time and without replacement; smaller bags are taken whole.",
            absent: "all"
        ),
        Field(
            .testDraws,
            \.testDraws,
            .whole(1...1000),
            "A bag's answer is the mean of the model's numbers over so many draws of `patches_per_step` patches, instead of those "
                + "of the whole bag; maps are of the whole bag, contributions the mean over the draws.",
            absent: "the whole bag"
        ),
        Field(
            .weightAverage,
            \.weightAverage,
            .number(above: 0, below: 1),
            "The weights that are judged and kept are a running mean of those that are trained; so much of it stays at a step, "
                + "less in the first ones.",
            absent: "no mean"
        ),
        Field(
            .starts,
            \.starts,
            .whole(1...20),
            "First weights that a fold is trained from at most. Another training follows where none before has found anything: where its "
                + "loss on the validation part is above nine tenths of what the mean of its answers, given to every slide, would lose. "
                + "The one with the smallest loss there is kept. Of MHIM with a plain host it is the host that is trained so.",
            absent: "1"
        ),
    ]

    static let stepRules = [
        Rule(
            "`test_draws` goes with `patches_per_step` or with a plan.",
            .testDraws,
            "without patches_per_step there is nothing to draw; give both, or leave this out"
        ) { $0.testDraws == nil || $0.patchesPerStep != nil || $0.plan == .auto },
        Rule(
            "`selection_window` is at most `epochs`, or 50 where those are left out.",
            .selectionWindow,
            "a whole number from 1 to epochs is wanted"
        ) { $0.selectionWindow ?? 1 <= $0.epochs ?? 50 },
    ]

    /// Whether the model draws instances of every step by itself.
    static func drawsItself(_ model: ModelConfig) -> Bool { model.kind == .mhim }

    /// - Throws: `ConfigError` for a key of a step that the model or the target has no use for.
    public func checkSteps(of model: ModelConfig, kind: Target.Kind) throws {
        try ConfigError.check(
            patchesPerStep == nil || !Self.drawsItself(model),
            "training.patches_per_step",
            "\(model.kind.rawValue) chooses itself which patches a step learns from; leave this out"
        )
        try ConfigError.check(
            bagsPerStep == nil || kind != .survival || survivalLoss != .cox,
            "training.bags_per_step",
            "the bags of a step of cox are training.risk_set; leave this out"
        )
    }
}

extension Recipe {
    /// What selection and early stopping look at: of each epoch the mean of the last `selectionWindow` values.
    /// - Parameter values: of the epochs so far, larger being better.
    /// - Returns: −∞ for the epochs before there are so many.
    public func smoothed(_ values: [Double]) -> [Double] {
        guard let window = selectionWindow.map({ min($0, epochs) }), window > 1 else { return values }
        return values.indices.map { epoch in
            guard epoch + 1 >= window else { return -.infinity }
            return values[(epoch + 1 - window)...epoch].reduce(0, +) / Double(window)
        }
    }

    /// The bags of an epoch in the sets that make a step: consecutive ones, of about one size.
    /// - Returns: places in the epoch's order.
    public func steps(of count: Int) -> [Range<Int>] {
        let sets = max(1, (count + (bagsPerStep ?? 1) - 1) / (bagsPerStep ?? 1))
        return (0..<sets).map { count * $0 / sets..<count * ($0 + 1) / sets }
    }
}
