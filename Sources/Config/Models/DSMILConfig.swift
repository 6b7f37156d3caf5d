public import Records

/// DSMIL (Li, Li and Eliceiri, CVPR 2021) as MHIM hosts it: the critical instance of a class says how alike all others
/// are to it.
public struct DSMILConfig: Codable, Equatable, Sendable {
    public enum Mean: String, ConfigChoice {
        /// The loss is the mean of two cross-entropies (MHIM's version 1).
        case probabilities
        /// The loss is one cross-entropy (MHIM's version 2).
        case logits
    }

    public private(set) var kind = ModelConfig.Kind.dsmil
    /// What of the two streams is averaged for the prediction, and where their losses meet.
    public var mean = Mean.probabilities
    public var activation = Activation.relu
    /// Width D after the first layer.
    public var hidden = 512
    /// Width of the queries.
    public var attentionHidden = 128
    /// Share of the first layer's output set to zero in training.
    public var dropout = 0.25

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, mean, activation, hidden, dropout
        case attentionHidden = "attention_hidden"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.kind, into: &kind)
        try reader.read(.mean, into: &mean)
        try reader.read(.activation, into: &activation)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.attentionHidden, into: &attentionHidden)
        try reader.read(.dropout, into: &dropout)
        try ConfigError.checkWidth(hidden, reader.keyPath(.hidden))
        try ConfigError.checkWidth(attentionHidden, reader.keyPath(.attentionHidden))
        try ConfigError.checkShare(dropout, reader.keyPath(.dropout))
    }
}
