public import Records

/// WiKG (Li et al., CVPR 2024): instances gather what their neighbours in a graph hold, which follows from the bag itself; then they are
/// pooled.
public struct WiKGConfig: ModelSection {
    /// How an instance and what it gathers become one.
    public enum Aggregation: String, DescribedChoice {
        case biInteraction = "bi_interaction"
        case gcn, sage

        public var meaning: String {
            switch self {
            case .biInteraction: "a layer of their sum and a layer of their product"
            case .gcn: "a layer of their sum"
            case .sage: "a layer of both side by side"
            }
        }
    }

    /// How the graph becomes one.
    public enum Pooling: String, DescribedChoice {
        case attention, mean

        public var meaning: String {
            switch self {
            case .attention: "by attention"
            case .mean: "by the mean, as the authors' training has it; maps are even then"
            }
        }
    }

    public private(set) var kind = ModelConfig.Kind.wikg
    /// k
    public var neighbours = 6
    public var aggregation = Aggregation.biInteraction
    public var pooling = Pooling.attention
    /// Width D after the first layer.
    public var hidden = 512
    public var dropout = 0.3

    public init() {}

    /// The authors' rate stays as it is.
    public func recipe(featureWidth: Int, classes: Int) -> Recipe {
        var recipe = Recipe.mhim(stopping: Recipe.EarlyStopping(patience: 0), classes: classes)
        (recipe.learningRate, recipe.epochs, recipe.schedule) = (1e-4, 100, .constant)
        return recipe
    }

    /// What its authors' training reports is the part that chose the epoch: it calls it validation, and there is no other test part.
    public var wasSelectedOnTest: Bool { true }
    public var wasDecidedByYouden: Bool { false }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, neighbours, aggregation, pooling, hidden, dropout
    }

    public static let words = """
        WiKG: every instance gathers what the instances hold whose tails are most like its head, weighed by knowledge-aware attention; \
        then the bag is pooled. Time grows with the square of a bag's size, memory does not.
        """
    public static let source: String? = "Li et al., CVPR 2024"

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .wikg),
        Field(.neighbours, \.neighbours, .whole(1...1000), "k, neighbours of each instance; of smaller bags all."),
        Field(.aggregation, \.aggregation, .choice, "How an instance and what it gathers become one."),
        Field(.pooling, \.pooling, .choice, "How instances that have gathered become one bag."),
        Field(.hidden, \.hidden, .width, "Width D after the first layer."),
        Field(.dropout, \.dropout, .dropout, "Share of what instances have become set to zero in training."),
    ]
}
