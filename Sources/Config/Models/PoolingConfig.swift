public import Records

/// The baseline without attention: every instance gets class logits of its own, and the bag their mean or maximum.
public struct PoolingConfig: ModelSection {
    public enum Kind: String, DescribedChoice {
        case mean, max

        public var meaning: String {
            switch self {
            case .mean: "the mean of the instances' logits"
            case .max: "their maximum"
            }
        }
    }

    public var kind = Kind.mean
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    public var dropout = 0.25
    public var reembedding: ReembeddingConfig?

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe { .acmil(isResNet18: featureWidth == 512) }

    public mutating func resolve(featureWidth: Int) { resolve(\.hidden, featureWidth: featureWidth) }

    public init(_ kind: Kind) { self.kind = kind }

    public enum CodingKeys: String, CodingKey, CaseIterable { case kind, hidden, dropout, reembedding }

    public static let words =
        "The baseline without attention: every instance gets class logits of its own, and the bag their mean or maximum."

    public static let fields: [Field] = [
        Field(.kind, \.kind, .choice, "Which of the two.", isRequired: true, rulesOthers: true),
        .hidden(.hidden, \.hidden),
        Field(.dropout, \.dropout, .dropout, "Share of the reduced features set to zero in training."),
        .reembedding(.reembedding, \.reembedding),
    ]
}
