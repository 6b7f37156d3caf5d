/// Which MIL model is trained; the config's section `model`, told apart by its key `kind`.
public enum ModelConfig: Codable, Equatable, Sendable {
    case abmil(ABMILConfig)
    case acmil(ACMILConfig)
    case dsmil(DSMILConfig)

    public enum Kind: String, ConfigChoice { case abmil, acmil, dsmil }

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
        case .dsmil: self = .dsmil(try DSMILConfig(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .abmil(let config): try config.encode(to: encoder)
        case .acmil(let config): try config.encode(to: encoder)
        case .dsmil(let config): try config.encode(to: encoder)
        }
    }

    public var kind: Kind {
        switch self {
        case .abmil: .abmil
        case .acmil: .acmil
        case .dsmil: .dsmil
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
        case .dsmil: return self
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
        try checkWidths(reader, hidden: (.hidden, hidden), attention: (.attentionHidden, attentionHidden))
        try ConfigError.check(
            (0..<1).contains(dropout),
            reader.keyPath(.dropout),
            "a number from 0 to below 1 is wanted"
        )
    }
}

/// ACMIL (Zhang et al., ECCV 2024): several attention branches kept apart by a diversity loss, and masking of top instances.
public struct ACMILConfig: Codable, Equatable, Sendable {
    /// How the branches attend.
    public enum Variant: String, ConfigChoice {
        /// One gated attention with one output per branch.
        case ga
    }

    public private(set) var kind = ModelConfig.Kind.acmil
    public var variant = Variant.ga
    /// K, the number of attention branches ("tokens" in the paper's code).
    public var branches = 5
    /// How many top instances of a branch masking draws from; 0: no masking.
    public var maskedPatches = 10
    /// The share of those that one step masks, rounded down.
    public var maskDrop = 0.6
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    /// Width of the attention's hidden layer.
    public var attentionHidden = 128

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, variant, branches, hidden
        case maskedPatches = "masked_patches"
        case maskDrop = "mask_drop"
        case attentionHidden = "attention_hidden"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.kind, into: &kind)
        try reader.read(.variant, into: &variant)
        try reader.read(.branches, into: &branches)
        try reader.read(.maskedPatches, into: &maskedPatches)
        try reader.read(.maskDrop, into: &maskDrop)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.attentionHidden, into: &attentionHidden)
        try checkWidths(reader, hidden: (.hidden, hidden), attention: (.attentionHidden, attentionHidden))
        try ConfigError.check(
            (1...64).contains(branches),
            reader.keyPath(.branches),
            "a whole number from 1 to 64 is wanted"
        )
        try ConfigError.check(
            (0...100_000).contains(maskedPatches),
            reader.keyPath(.maskedPatches),
            "a whole number from 0 to 100000 is wanted"
        )
        try ConfigError.check((0...1).contains(maskDrop), reader.keyPath(.maskDrop), "a number from 0 to 1 is wanted")
    }
}

private func checkWidths<Key>(
    _ reader: StrictReader<Key>,
    hidden: (key: Key, value: Int?),
    attention: (key: Key, value: Int)
) throws {
    let allowed = 1...16_384
    let message = "a whole number from 1 to 16384 is wanted"
    try ConfigError.check(hidden.value.map(allowed.contains) ?? true, reader.keyPath(hidden.key), message)
    try ConfigError.check(allowed.contains(attention.value), reader.keyPath(attention.key), message)
}
