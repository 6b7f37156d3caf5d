/// DSMIL (Li, Li and Eliceiri, CVPR 2021) as MHIM hosts it: the critical instance of a class says how alike all others
/// are to it.
public struct DSMILConfig: Codable, Equatable, Sendable {
    public private(set) var kind = ModelConfig.Kind.dsmil
    public var activation = Activation.relu
    /// Width D after the first layer.
    public var hidden = 512
    /// Width of the queries.
    public var attentionHidden = 128
    /// Share of the first layer's output set to zero in training.
    public var dropout = 0.25

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, activation, hidden, dropout
        case attentionHidden = "attention_hidden"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.kind, into: &kind)
        try reader.read(.activation, into: &activation)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.attentionHidden, into: &attentionHidden)
        try reader.read(.dropout, into: &dropout)
        try ConfigError.checkWidth(hidden, reader.keyPath(.hidden))
        try ConfigError.checkWidth(attentionHidden, reader.keyPath(.attentionHidden))
        try ConfigError.checkShare(dropout, reader.keyPath(.dropout))
    }
}
