public import Records

/// CLAM (Lu et al., Nature Biomedical Engineering 2021): gated attention, and clustering of the instances it attends to
/// most and least.
public struct CLAMConfig: Codable, Equatable, Sendable {
    public enum Variant: String, ConfigChoice {
        /// One attention for all classes.
        case sb
        /// One attention per class, each with a classifier of its own.
        case mb
    }

    public enum InstanceLoss: String, ConfigChoice {
        /// The smooth top-1 SVM loss.
        case svm
        /// Cross-entropy.
        case ce
    }

    public private(set) var kind = ModelConfig.Kind.clam
    public var variant = Variant.sb
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    /// Width of the attention's hidden layer.
    public var attentionHidden = 256
    /// Share of the reduced features and of the attention's two factors set to zero in training.
    public var dropout = 0.25
    /// k, how many instances of either end are clustered.
    public var sampled = 8
    /// Weight of the bag's loss; the instances' has the rest of 1.
    public var bagWeight = 0.7
    public var instanceLoss = InstanceLoss.svm
    /// Whether a class's top instances are taught to be none of the others; nil: with more than two classes.
    public var subtyping: Bool?

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, variant, hidden, dropout, subtyping
        case attentionHidden = "attention_hidden"
        case sampled = "k_sample"
        case bagWeight = "bag_weight"
        case instanceLoss = "instance_loss"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.kind, into: &kind)
        try reader.read(.variant, into: &variant)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.attentionHidden, into: &attentionHidden)
        try reader.read(.dropout, into: &dropout)
        try reader.read(.sampled, into: &sampled)
        try reader.read(.bagWeight, into: &bagWeight)
        try reader.read(.instanceLoss, into: &instanceLoss)
        try reader.read(.subtyping, into: &subtyping)
        try ConfigError.checkWidth(hidden, reader.keyPath(.hidden))
        try ConfigError.checkWidth(attentionHidden, reader.keyPath(.attentionHidden))
        try ConfigError.checkShare(dropout, reader.keyPath(.dropout))
        try ConfigError.check(
            (1...10_000).contains(sampled),
            reader.keyPath(.sampled),
            "a whole number from 1 to 10000 is wanted"
        )
        try ConfigError.check((0...1).contains(bagWeight), reader.keyPath(.bagWeight), "a number from 0 to 1 is wanted")
    }
}
