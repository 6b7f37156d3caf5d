public import Records

/// Which MIL model is trained; the config's section `model`, told apart by its key `kind`.
public enum ModelConfig: Codable, Equatable, Sendable {
    case abmil(ABMILConfig)
    case acmil(ACMILConfig)
    case pooling(PoolingConfig)
    case dsmil(DSMILConfig)
    case transmil(TransMILConfig)
    case mhim(MHIMConfig)
    case clam(CLAMConfig)

    public enum Kind: String, ConfigChoice { case abmil, acmil, mean, max, clam, dsmil, transmil, mhim }

    private enum KindKey: String, CodingKey { case kind }

    public init(from decoder: any Decoder) throws {
        let path = decoder.codingPath.map(\.stringValue).joined(separator: ".")
        let kind: Kind
        do {
            kind = try decoder.container(keyedBy: KindKey.self).decode(Kind.self, forKey: .kind)
        } catch DecodingError.typeMismatch {
            throw ConfigError(path, "an object {…} is wanted here")
        } catch is DecodingError {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigError(path.isEmpty ? "kind" : "\(path).kind", "this key is required; one of \(known)")
        }
        switch kind {
        case .abmil: self = .abmil(try ABMILConfig(from: decoder))
        case .acmil: self = .acmil(try ACMILConfig(from: decoder))
        case .mean, .max: self = .pooling(try PoolingConfig(from: decoder))
        case .dsmil: self = .dsmil(try DSMILConfig(from: decoder))
        case .transmil: self = .transmil(try TransMILConfig(from: decoder))
        case .mhim: self = .mhim(try MHIMConfig(from: decoder))
        case .clam: self = .clam(try CLAMConfig(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .abmil(let config): try config.encode(to: encoder)
        case .acmil(let config): try config.encode(to: encoder)
        case .pooling(let config): try config.encode(to: encoder)
        case .dsmil(let config): try config.encode(to: encoder)
        case .transmil(let config): try config.encode(to: encoder)
        case .mhim(let config): try config.encode(to: encoder)
        case .clam(let config): try config.encode(to: encoder)
        }
    }

    public var kind: Kind {
        switch self {
        case .abmil: .abmil
        case .acmil: .acmil
        case .pooling(let config): config.kind == .mean ? .mean : .max
        case .dsmil: .dsmil
        case .transmil: .transmil
        case .mhim: .mhim
        case .clam: .clam
        }
    }

    /// The same config with every width that follows from the features' width D_in written out.
    public func resolved(featureWidth: Int) -> ModelConfig {
        switch self {
        case .abmil(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .abmil(config)
        case .acmil(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .acmil(config)
        case .pooling(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .pooling(config)
        case .clam(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .clam(config)
        case .dsmil, .transmil, .mhim: return self
        }
    }

    /// Width D after the first layer: ACMIL's table of encoders (Zhang et al., ECCV 2024), else half, at least 8.
    public static func defaultHidden(featureWidth: Int) -> Int {
        switch featureWidth {
        case 384: 128
        case 512: 256
        case 768: 384
        case 1024: 512
        case 1536: 768
        default: max(8, featureWidth / 2)
        }
    }
}

/// What follows a layer; GELU is the exact one, by the error function.
public enum Activation: String, ConfigChoice { case relu, gelu }

/// Attention-based MIL (Ilse, Tomczak and Welling, ICML 2018) in the shape of ACMIL's baseline.
public struct ABMILConfig: Codable, Equatable, Sendable {
    public private(set) var kind = ModelConfig.Kind.abmil
    /// With the sigmoid gate (equation 9 of the paper); without it, tanh alone (equation 8).
    public var gated = true
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    /// Width of the attention's hidden layer.
    public var attentionHidden = 128
    /// Share of the reduced features set to zero in training.
    public var dropout = 0.0

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, gated, hidden, dropout
        case attentionHidden = "attention_hidden"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.kind, into: &kind)
        try reader.read(.gated, into: &gated)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.attentionHidden, into: &attentionHidden)
        try reader.read(.dropout, into: &dropout)
        try ConfigError.checkWidth(hidden, reader.keyPath(.hidden))
        try ConfigError.checkWidth(attentionHidden, reader.keyPath(.attentionHidden))
        try ConfigError.checkShare(dropout, reader.keyPath(.dropout))
    }
}

/// The baseline without attention: every instance gets class logits of its own, and the bag their mean or maximum.
public struct PoolingConfig: Codable, Equatable, Sendable {
    public enum Kind: String, ConfigChoice { case mean, max }

    public var kind: Kind
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    /// Share of the reduced features set to zero in training.
    public var dropout = 0.25

    public init(_ kind: Kind) { self.kind = kind }

    enum CodingKeys: String, CodingKey, CaseIterable { case kind, hidden, dropout }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        kind = try reader.require(.kind)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.dropout, into: &dropout)
        try ConfigError.checkWidth(hidden, reader.keyPath(.hidden))
        try ConfigError.checkShare(dropout, reader.keyPath(.dropout))
    }
}

extension ConfigError {
    /// Refuses a layer's width that is neither absent nor from 1 to 16384.
    static func checkWidth(_ width: Int?, _ keyPath: String) throws {
        try check(width.map((1...16_384).contains) ?? true, keyPath, "a whole number from 1 to 16384 is wanted")
    }

    /// Refuses a share of dropped features that leaves none.
    static func checkShare(_ share: Double, _ keyPath: String) throws {
        try check((0..<1).contains(share), keyPath, "a number from 0 to below 1 is wanted")
    }
}
