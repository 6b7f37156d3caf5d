public import Records

/// How a trained model is judged; the config's section `evaluation`.
public struct EvaluationConfig: Codable, Equatable, Sendable {
    /// How a probability becomes a decision.
    public enum Threshold: String, ConfigChoice {
        /// Two classes: the threshold with the largest sensitivity + specificity on the validation part; else argmax.
        case youden
        /// The most probable class.
        case argmax
    }

    /// What may be looked at, and which conventions metrics follow.
    public enum Convention: String, ConfigChoice {
        /// Epoch and threshold are chosen on a validation part that is never the test part; undefined metrics are null.
        case honest
        /// As the model's authors did. MHIM and its hosts: the test part is the validation part too, so epoch and Youden's
        /// threshold are chosen on the slides that are then reported. The others: decisions are the most probable class,
        /// and a class that a sample lacks counts 0 in the macro AUC.
        case paper
    }

    /// Resamples of the bootstrap behind every confidence interval; 0: no intervals.
    public var bootstrap = 2000
    public var confidence = 0.95
    public var threshold = Threshold.youden
    public var `protocol` = Convention.honest

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable { case bootstrap, confidence, threshold, `protocol` }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.bootstrap, into: &bootstrap)
        try reader.read(.confidence, into: &confidence)
        try reader.read(.threshold, into: &threshold)
        try reader.read(.protocol, into: &`protocol`)
        try ConfigError.check(
            bootstrap == 0 || (100...1_000_000).contains(bootstrap),
            reader.keyPath(.bootstrap),
            "0 or a whole number from 100 to 1000000 is wanted"
        )
        try ConfigError.check(
            confidence >= 0.5 && confidence < 1,
            reader.keyPath(.confidence),
            "a number from 0.5 to below 1 is wanted"
        )
    }
}
