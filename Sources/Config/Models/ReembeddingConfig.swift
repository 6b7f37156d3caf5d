import Records

/// The re-embedding of RRT-MIL (Tang et al., CVPR 2024), which stands between a model's first layer and its pooling.
public struct ReembeddingConfig: ConfigSection {
    /// Regions along each side of the square.
    public var regions = 8
    public var heads = 8
    /// Rows of attention that the position encoding looks at; odd.
    public var taps = 15
    /// k, tokens that stand for a region in the attention between regions.
    public var representatives = 3
    public var crossHeads = 8
    /// Whether what comes in is added to what goes out.
    public var shortcut = false
    public var dropout = 0.1

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case regions, heads, taps, representatives, shortcut, dropout
        case crossHeads = "cross_heads"
    }

    public static let words = """
        Instances are embedded anew before they are pooled: they fill a square in their order, attend to those of their region, and \
        regions attend to each other by tokens that stand for them. Training needs memory for every pair of instances of a region.
        """
    public static let source: String? = "Tang et al., CVPR 2024"

    public static let fields: [Field] = [
        Field(.regions, \.regions, .whole(1...64), "Regions along each side of the square."),
        Field(.heads, \.heads, .whole(1...64), "Heads of the attention within a region."),
        Field(
            .taps,
            \.taps,
            .whole(1...101),
            "Neighbours in the order of instances that the position encoding of that attention takes in; an odd number."
        ),
        Field(
            .representatives,
            \.representatives,
            .whole(1...100),
            "Tokens that stand for a region in the attention between regions."
        ),
        Field(.crossHeads, \.crossHeads, .whole(1...64), "Heads of the attention between regions."),
        Field(.shortcut, \.shortcut, .flag, "Whether what comes in is added to what goes out."),
        Field(
            .dropout,
            \.dropout,
            .dropout,
            "Share of either attention's output set to zero in training."
        ),
    ]

    public static let rules = [
        Rule("`taps` is odd.", .taps, "an odd number is wanted") { $0.taps % 2 == 1 }
    ]
}

extension ConfigField {
    /// Of models that may have one.
    static func reembedding(
        _ key: Section.CodingKeys,
        _ place: any WritableKeyPath<Section, ReembeddingConfig?> & Sendable
    ) -> Self {
        Self(
            key,
            place,
            .section,
            "RRT-MIL's re-embedding in front of the pooling; `{}` has its authors' defaults.",
            absent: "instances stay as the first layer has them",
            source: ReembeddingConfig.source
        )
    }
}
