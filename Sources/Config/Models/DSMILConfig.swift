public import Records

/// DSMIL (Li, Li and Eliceiri, CVPR 2021) as MHIM hosts it: the critical instance of a class says how alike all others
/// are to it.
public struct DSMILConfig: ModelSection {
    public enum Mean: String, DescribedChoice {
        case probabilities, logits

        public var meaning: String {
            switch self {
            case .probabilities: "the loss is the mean of two cross-entropies (MHIM's version 1)"
            case .logits: "the loss is one cross-entropy (MHIM's version 2)"
            }
        }
    }

    public private(set) var kind = ModelConfig.Kind.dsmil
    public var mean = Mean.probabilities
    public var activation = Activation.relu
    /// Width D after the first layer.
    public var hidden = 512
    public var attentionHidden = 128
    public var dropout = 0.25

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe { .mhim(classes: classes) }

    /// MHIM's runs had no other validation part.
    public var wasSelectedOnTest: Bool { true }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, mean, activation, hidden, dropout
        case attentionHidden = "attention_hidden"
    }

    public static let words =
        "DSMIL as MHIM hosts it: the critical instance of a class says how alike all others are to it."
    public static let source: String? = "Li, Li and Eliceiri, CVPR 2021"

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .dsmil),
        Field(
            .mean,
            \.mean,
            .choice,
            "What of the two streams is averaged for the prediction, and where their losses meet.",
            source: "Tang et al., ICCV 2023 and IJCV 2025"
        ),
        Field(.activation, \.activation, .choice, "What follows the first layer."),
        Field(.hidden, \.hidden, .width, "Width D after the first layer."),
        .attentionHidden(.attentionHidden, \.attentionHidden, "Width of the queries."),
        Field(.dropout, \.dropout, .dropout, "Share of the first layer's output set to zero in training."),
    ]
}
