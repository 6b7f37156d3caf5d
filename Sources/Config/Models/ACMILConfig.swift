public import Records

/// ACMIL (Zhang et al., ECCV 2024): several attention branches kept apart by a diversity loss, and masking of top instances.
public struct ACMILConfig: ModelSection {
    /// How the branches attend.
    public enum Variant: String, DescribedChoice {
        case ga, mha

        public var meaning: String {
            switch self {
            case .ga: "one gated attention with one output per branch"
            case .mha: "a cross-attention of several heads with one learned query per branch"
            }
        }
    }

    public private(set) var kind = ModelConfig.Kind.acmil
    public var variant = Variant.ga
    /// K, the number of attention branches.
    public var branches = 5
    public var maskedPatches = 10
    public var maskDrop = 0.6
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    public var attentionHidden = 128
    public var heads = 8
    public var dropout = 0.1
    public var reembedding: ReembeddingConfig?

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe {
        .acmil(isResNet18: featureWidth == 512, isShort: variant == .mha)
    }

    public mutating func resolve(featureWidth: Int) { resolve(\.hidden, featureWidth: featureWidth) }

    public static var recipes: [ConfigVariant<Self>] { variants }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, variant, branches, hidden, heads, dropout, reembedding
        case maskedPatches = "masked_patches"
        case maskDrop = "mask_drop"
        case attentionHidden = "attention_hidden"
    }

    public static let words =
        "ACMIL: several attention branches kept apart by a diversity loss, and masking of top instances."
    public static let source: String? = "Zhang et al., ECCV 2024"

    public static var variants: [ConfigVariant<Self>] {
        Variant.allCases.map { variant in
            var config = Self()
            config.variant = variant
            return ConfigVariant("`\(variant.rawValue)`", config)
        }
    }

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .acmil),
        Field(.variant, \.variant, .choice, "How the branches attend."),
        Field(
            .branches,
            \.branches,
            .whole(1...64),
            "K, the number of attention branches (\"tokens\" in the paper's code)."
        ),
        Field(
            .maskedPatches,
            \.maskedPatches,
            .whole(0...100_000),
            "How many top instances of a branch masking draws from; 0: no masking."
        ),
        Field(.maskDrop, \.maskDrop, .number(0...1), "The share of those that one step masks, rounded down."),
        .hidden(.hidden, \.hidden),
        .attentionHidden(.attentionHidden, \.attentionHidden, when: [.only(.variant, \.variant, [.ga])]),
        Field(
            .heads,
            \.heads,
            .whole(1...64),
            "Heads of every branch; they divide D among them.",
            when: [.only(.variant, \.variant, [.mha])]
        ),
        Field(
            .dropout,
            \.dropout,
            .dropout,
            "Share of a pooled feature set to zero in training.",
            when: [.only(.variant, \.variant, [.mha])]
        ),
        .reembedding(.reembedding, \.reembedding),
    ]

    public static let rules = [
        Rule("With `variant` `mha`, `hidden` is a multiple of `heads`.") { config in
            config.headsFault(width: config.hidden ?? 0).map { (.hidden, $0) }
        }
    ]

    /// Width D for features of `featureWidth` numbers.
    /// - Throws: `ConfigError` where the heads of `mha` cannot divide it among them.
    public func width(featureWidth: Int) throws -> Int {
        let width = hidden ?? ModelConfig.defaultHidden(featureWidth: featureWidth)
        if let fault = headsFault(width: width) { throw ConfigError("model.hidden", fault) }
        return width
    }

    private func headsFault(width: Int) -> String? {
        variant == .ga || width.isMultiple(of: heads)
            ? nil : "the width is \(width), which \(heads) heads cannot divide; a multiple of heads is wanted"
    }
}
