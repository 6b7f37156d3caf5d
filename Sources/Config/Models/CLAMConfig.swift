public import Records

/// CLAM (Lu et al., Nature Biomedical Engineering 2021): gated attention, and clustering of the instances it attends to
/// most and least.
public struct CLAMConfig: ModelSection {
    public enum Variant: String, DescribedChoice {
        case sb, mb

        public var meaning: String {
            switch self {
            case .sb: "one attention for all classes"
            case .mb: "one attention per class, each with a classifier of its own"
            }
        }
    }

    public enum InstanceLoss: String, DescribedChoice {
        case svm, ce

        public var meaning: String {
            switch self {
            case .svm: "the smooth top-1 SVM loss"
            case .ce: "cross-entropy"
            }
        }
    }

    public private(set) var kind = ModelConfig.Kind.clam
    public var variant = Variant.sb
    /// Width D after the first layer; nil: from the features' width.
    public var hidden: Int?
    public var attentionHidden = 256
    public var dropout = 0.25
    /// k, how many instances of either end are clustered.
    public var sampled = 8
    public var bagWeight = 0.7
    public var instanceLoss = InstanceLoss.svm
    /// nil: with more than two classes.
    public var subtyping: Bool?
    public var reembedding: ReembeddingConfig?

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe { .mhim(classes: classes) }

    public mutating func resolve(featureWidth: Int) { resolve(\.hidden, featureWidth: featureWidth) }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, variant, hidden, dropout, subtyping, reembedding
        case attentionHidden = "attention_hidden"
        case sampled = "k_sample"
        case bagWeight = "bag_weight"
        case instanceLoss = "instance_loss"
    }

    public static let words =
        "CLAM: gated attention, and clustering of the instances that it attends to most and least."
    public static let source: String? = "Lu et al., Nature Biomedical Engineering 2021"

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .clam),
        Field(.variant, \.variant, .choice, "How many attentions there are."),
        .hidden(.hidden, \.hidden),
        .attentionHidden(.attentionHidden, \.attentionHidden),
        Field(
            .dropout,
            \.dropout,
            .dropout,
            "Share of the reduced features and of the attention's two factors set to zero in training."
        ),
        Field(.sampled, \.sampled, .whole(1...10_000), "k, how many instances of either end are clustered."),
        Field(.bagWeight, \.bagWeight, .number(0...1), "Weight of the bag's loss; the instances' has the rest of 1."),
        Field(.instanceLoss, \.instanceLoss, .choice, "The loss of the clustered instances."),
        Field(
            .subtyping,
            \.subtyping,
            .flag,
            "Whether a class's top instances are taught to be none of the others.",
            absent: "with more than two classes"
        ),
        .reembedding(.reembedding, \.reembedding),
    ]
}
