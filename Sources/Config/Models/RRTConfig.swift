import Records

/// RRT-MIL (Tang et al., CVPR 2024): plain attention behind a transformer of regions that embeds instances anew.
public struct RRTConfig: ModelSection {
    public private(set) var kind = ModelConfig.Kind.rrt
    public var activation = Activation.relu
    /// Width D after the first layer.
    public var hidden = 512
    public var dropout = 0.25
    public var reembedding = ReembeddingConfig()
    public var gated = false
    public var attentionActivation = AttentionActivation.relu
    public var attentionHidden = 128

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe { .mhim(classes: classes) }

    /// Its authors' runs had no other validation part.
    public var wasSelectedOnTest: Bool { true }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, activation, hidden, dropout, reembedding, gated
        case attentionActivation = "attention_activation"
        case attentionHidden = "attention_hidden"
    }

    public static let words = """
        RRT-MIL: attention behind a transformer of regions that embeds instances anew. The same re-embedding in front of other models \
        is their key `reembedding`.
        """
    public static let source: String? = "Tang et al., CVPR 2024"

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .rrt),
        Field(.activation, \.activation, .choice, "What follows the first layer."),
        Field(.hidden, \.hidden, .width, "Width D after the first layer."),
        Field(.dropout, \.dropout, .dropout, "Share of the first layer's output set to zero in training."),
        Field(.reembedding, \.reembedding, .section, "How instances are embedded anew."),
        Field(.gated, \.gated, .flag, "Whether the pooling's attention has the sigmoid gate."),
        Field(
            .attentionActivation,
            \.attentionActivation,
            .choice,
            "What follows the hidden layer of the pooling's attention."
        ),
        .attentionHidden(.attentionHidden, \.attentionHidden),
    ]
}
