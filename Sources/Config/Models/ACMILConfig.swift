public import Records

/// ACMIL (Zhang et al., ECCV 2024): several attention branches kept apart by a diversity loss, and masking of top instances.
public struct ACMILConfig: Codable, Equatable, Sendable {
    /// How the branches attend.
    public enum Variant: String, ConfigChoice {
        /// One gated attention with one output per branch.
        case ga
        /// A cross-attention of several heads with one learned query per branch.
        case mha
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
    /// Width of the attention's hidden layer (`ga`).
    public var attentionHidden = 128
    /// Heads of every branch (`mha`); they divide D among them.
    public var heads = 8
    /// Share of a pooled feature set to zero in training (`mha`; `ga` has no dropout).
    public var dropout = 0.1

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, variant, branches, hidden, heads, dropout
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
        switch variant {
        case .ga:
            try reader.refuse(.heads, .dropout, because: "the variant ga has no such key")
            try reader.read(.attentionHidden, into: &attentionHidden)
        case .mha:
            try reader.refuse(.attentionHidden, because: "the variant mha has no such key")
            try reader.read(.heads, into: &heads)
            try reader.read(.dropout, into: &dropout)
        }
        try ConfigError.checkWidth(hidden, reader.keyPath(.hidden))
        try ConfigError.checkWidth(attentionHidden, reader.keyPath(.attentionHidden))
        try ConfigError.checkShare(dropout, reader.keyPath(.dropout))
        try ConfigError.check((1...64).contains(heads), reader.keyPath(.heads), "a whole number from 1 to 64 is wanted")
        if variant == .mha, let hidden { try checkHeads(width: hidden, reader.keyPath(.hidden)) }
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

    /// Writes the keys that the variant has, as `init(from:)` wants them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(variant, forKey: .variant)
        try container.encode(branches, forKey: .branches)
        try container.encode(maskedPatches, forKey: .maskedPatches)
        try container.encode(maskDrop, forKey: .maskDrop)
        try container.encodeIfPresent(hidden, forKey: .hidden)
        switch variant {
        case .ga: try container.encode(attentionHidden, forKey: .attentionHidden)
        case .mha:
            try container.encode(heads, forKey: .heads)
            try container.encode(dropout, forKey: .dropout)
        }
    }

    /// Width D for features of `featureWidth` numbers.
    /// - Throws: `ConfigError` where the heads of `mha` cannot divide it among them.
    public func width(featureWidth: Int) throws -> Int {
        let width = hidden ?? ModelConfig.defaultHidden(featureWidth: featureWidth)
        if variant == .mha { try checkHeads(width: width, "model.hidden") }
        return width
    }

    private func checkHeads(width: Int, _ keyPath: String) throws {
        try ConfigError.check(
            width.isMultiple(of: heads),
            keyPath,
            "the width is \(width), which \(heads) heads cannot divide; a multiple of heads is wanted"
        )
    }
}
