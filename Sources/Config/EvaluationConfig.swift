public import Records

/// How a trained model is judged; the config's section `evaluation`.
public struct EvaluationConfig: ConfigSection {
    /// How a probability becomes a decision.
    public enum Threshold: String, DescribedChoice {
        case youden, argmax

        public var meaning: String {
            switch self {
            case .youden:
                "two classes: the threshold with the largest sensitivity + specificity on the validation part; else as `argmax`"
            case .argmax: "the most probable class"
            }
        }
    }

    /// What may be looked at, and which conventions metrics follow.
    public enum Convention: String, DescribedChoice {
        case honest, paper

        public var meaning: String {
            switch self {
            case .honest:
                "epoch and threshold are chosen on a validation part that is never the test part; undefined metrics are null"
            case .paper:
                "as the model's authors did. MHIM and its hosts: the test part is the validation part too, so that epoch and "
                    + "Youden's threshold are chosen on the slides that are then reported. The others: decisions are the most "
                    + "probable class, and a class that a sample lacks counts 0 in the macro AUC"
            }
        }
    }

    public var bootstrap = 2000
    public var confidence = 0.95
    public var threshold = Threshold.youden
    public var `protocol` = Convention.honest
    /// Of survival, in the cohort's unit; nil: the median time of the tested cases' events.
    public var times: [Double]?
    /// Of sets of classes and intervals of numbers; nil: none are told.
    public var coverage: Double?
    /// Of each fold's training cases, set aside to make these with; nil: folds make them of each other.
    public var calibrationFraction: Double?

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case bootstrap, confidence, threshold, `protocol`, times, coverage
        case calibrationFraction = "calibration_fraction"
    }

    public static let words = "How a trained model is judged."

    public static let fields: [Field] = [
        Field(
            .bootstrap,
            \.bootstrap,
            .whole(0, or: 100...1_000_000),
            "Resamples of the bootstrap behind confidence intervals; 0: no intervals."
        ),
        Field(.confidence, \.confidence, .number(0.5..<1), "Share of samples whose interval holds the true value."),
        Field(
            .threshold,
            \.threshold,
            .choice,
            "How a probability becomes a decision.",
            source: "Youden, Cancer 1950"
        ),
        Field(.protocol, \.protocol, .choice, "What may be looked at, and which conventions metrics follow."),
        Field(
            .times,
            \.times,
            .list(of: .number(above: 0, to: 1e9), 1...20, isDistinct: true),
            "Times at which AUC and Brier score of survival are told, in the cohort's unit.",
            absent: "the median time of the tested cases' events"
        ),
        Field(
            .coverage,
            \.coverage,
            .number(0.5..<1),
            "Share of cases of each class whose set of classes, or interval of a number, is to hold the truth; the report tells their sizes, and "
                + "what is guaranteed.",
            absent: "neither sets nor intervals",
            source: "Vovk, Ann. Math. Artif. Intell. 2015; Barber, Candès, Ramdas and Tibshirani, Ann. Stat. 2021"
        ),
        Field(
            .calibrationFraction,
            \.calibrationFraction,
            .number(above: 0, below: 0.9),
            "Share of each fold's training cases that is neither trained on nor validated with, so that sets and intervals made with it have "
                + "the guarantee of coverage.",
            absent: "folds make sets and intervals of each other",
            source: "Papadopoulos and others, ECML 2002"
        ),
    ]
}
