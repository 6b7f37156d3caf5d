import Records

/// Attention-based MIL (Ilse, Tomczak and Welling, ICML 2018) in the shape of ACMIL's baseline.
public struct ABMILConfig: ModelSection {
    public private(set) var kind = ModelConfig.Kind.abmil
    public var gated = true
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    public var attentionHidden = 128
    public var dropout = 0.0
    public var reembedding: ReembeddingConfig?

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe { .acmil(isResNet18: featureWidth == 512) }

    public mutating func resolve(featureWidth: Int) { resolve(\.hidden, featureWidth: featureWidth) }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, gated, hidden, dropout, reembedding
        case attentionHidden = "attention_hidden"
    }

    public static let words = "Attention-based MIL in the shape of ACMIL's baseline."
    public static let source: String? = "Ilse, Tomczak and Welling, ICML 2018"

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .abmil),
        Field(
            .gated,
            \.gated,
            .flag,
            "With the sigmoid gate (equation 9 of the paper); without it, tanh alone (equation 8)."
        ),
        .hidden(.hidden, \.hidden),
        .attentionHidden(.attentionHidden, \.attentionHidden),
        Field(.dropout, \.dropout, .dropout, "Share of the reduced features set to zero in training."),
        .reembedding(.reembedding, \.reembedding),
    ]
}
