import Records

/// TransMIL (Shao et al., NeurIPS 2021) as MHIM's comparison runs it: two layers of Nyström attention over the bag with a
/// class token, and convolutions over the patches as if they lay in a square.
public struct TransMILConfig: Codable, Equatable, Sendable {
    public private(set) var kind = ModelConfig.Kind.transmil
    public var activation = Activation.relu
    /// Width D after the first layer, a multiple of 8; a head is D/8 wide, however many heads there are.
    public var hidden = 512
    public var heads = 8
    /// Landmarks of the Nyström approximation; nil: D/2.
    public var landmarks: Int?
    /// Share of the first layer's output set to zero in training.
    public var dropout = 0.25
    /// Share of an attention layer's output set to zero in training.
    public var attentionDropout = 0.1

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, activation, hidden, heads, landmarks, dropout
        case attentionDropout = "attention_dropout"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.kind, into: &kind)
        try reader.read(.activation, into: &activation)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.heads, into: &heads)
        try reader.read(.landmarks, into: &landmarks)
        try reader.read(.dropout, into: &dropout)
        try reader.read(.attentionDropout, into: &attentionDropout)
        try ConfigError.checkWidth(landmarks, reader.keyPath(.landmarks))
        try ConfigError.checkTransformer(hidden: hidden, reader.keyPath(.hidden), heads: heads, reader.keyPath(.heads))
        try ConfigError.checkShare(dropout, reader.keyPath(.dropout))
        try ConfigError.checkShare(attentionDropout, reader.keyPath(.attentionDropout))
    }
}

extension ConfigError {
    /// Refuses widths and heads that Nyström attention cannot have.
    static func checkTransformer(hidden: Int, _ hiddenPath: String, heads: Int, _ headsPath: String) throws {
        try checkWidth(hidden, hiddenPath)
        try check(hidden.isMultiple(of: 8), hiddenPath, "a multiple of 8 is wanted")
        try check((1...64).contains(heads), headsPath, "a whole number from 1 to 64 is wanted")
    }
}
