/// DSMIL (Li, Li and Eliceiri, CVPR 2021) as MHIM hosts it: the critical instance of a class says how alike all others
/// are to it.
public struct DSMILConfig: Codable, Equatable, Sendable {
    /// What follows the first layer.
    public enum Activation: String, ConfigChoice { case relu, gelu }

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
        try reader.checkWidth(.hidden, hidden)
        try reader.checkWidth(.attentionHidden, attentionHidden)
        try reader.checkDropout(.dropout, dropout)
    }
}

extension StrictReader {
    func checkWidth(_ key: Key, _ width: Int) throws {
        try ConfigError.check(
            (1...16_384).contains(width),
            keyPath(key),
            "a whole number from 1 to 16384 is wanted"
        )
    }

    func checkDropout(_ key: Key, _ share: Double) throws {
        try ConfigError.check((0..<1).contains(share), keyPath(key), "a number from 0 to below 1 is wanted")
    }
}
