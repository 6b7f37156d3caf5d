public import Records

extension TrainingConfig {
    /// What a model that is asked for survival gives, and so what is minimised.
    public enum SurvivalLoss: String, DescribedChoice {
        case hazards, cox

        public var meaning: String {
            switch self {
            case .hazards:
                "discrete hazards: intervals of time from the quantiles of the training part's event times, and the likelihood "
                    + "of the event's interval (Zadeh and Schmid, 2021)"
            case .cox:
                "the partial likelihood of Cox (1972) over `risk_set` bags at a time, ties as Efron (1977) has them"
            }
        }
    }

    /// What is minimised where a number is asked; numbers are centred and scaled by the training part.
    public enum NumberLoss: String, DescribedChoice {
        case squared, huber

        public var meaning: String {
            switch self {
            case .squared: "the squared error"
            case .huber: "the squared error up to one standard deviation, beyond it the error (Huber, 1964)"
            }
        }
    }

    /// What of a model the targets of `cohort.targets` have for themselves beside a head.
    public enum TargetAttention: String, DescribedChoice {
        case shared, each

        public var meaning: String {
            switch self {
            case .shared: "all pool the bag with one attention"
            case .each:
                "each pools the bag with an attention of its own; with `abmil`, and with `clam` of the variant `sb`"
            }
        }
    }

    static let towards: [Field] = [
        Field(.survivalLoss, \.survivalLoss, .choice, "What is minimised for survival.", absent: "`hazards`"),
        Field(
            .survivalBins,
            \.survivalBins,
            .whole(2...100),
            "Intervals of time of `hazards`; with `cox`, the times at which survival is told.",
            absent: "4"
        ),
        Field(
            .survivalAlpha,
            \.survivalAlpha,
            .number(0...1),
            "What more cases with an event weigh in `hazards`: (1 - alpha)(censored + uncensored) + alpha uncensored.",
            absent: "0"
        ),
        Field(
            .riskSet,
            \.riskSet,
            .whole(2...100_000),
            "Bags that one step of `cox` compares with each other; a set without an event makes no step.",
            absent: "32"
        ),
        Field(.numberLoss, \.numberLoss, .choice, "What is minimised for a number.", absent: "`squared`"),
        Field(
            .targetAttention,
            \.targetAttention,
            .choice,
            "With `cohort.targets`: whether they share the attention.",
            absent: "`shared`"
        ),
    ]
}

extension Recipe.Selection {
    /// Whether it looks at figures that only classes have.
    public var isOfClasses: Bool {
        switch self {
        case .f1AUC, .auc, .balancedAccuracy: true
        case .loss, .last: false
        }
    }
}

extension ModelConfig {
    /// Whether its targets can have an attention each.
    public var canAttendEach: Bool {
        switch self {
        case .abmil: true
        case .clam(let config): config.variant == .sb
        default: false
        }
    }
}
