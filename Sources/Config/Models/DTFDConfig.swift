public import Records

/// DTFD-MIL (Zhang et al., CVPR 2022): a bag is dealt out to pseudo-bags, each with attention and a label of its own; a second
/// attention reads what is distilled from them.
public struct DTFDConfig: ModelSection {
    /// What of each pseudo-bag the second tier sees.
    public enum Distillation: String, DescribedChoice {
        case afs, maxs, maxmins, mas

        public var meaning: String {
            switch self {
            case .afs: "what its attention pools (aggregated feature selection)"
            case .maxs: "the instances that speak most for the last class"
            case .maxmins: "those that speak most and those that speak least for the last class"
            case .mas: "the instances with most attention"
            }
        }
    }

    public private(set) var kind = ModelConfig.Kind.dtfd
    public var distillation = Distillation.afs
    /// M
    public var pseudoBags = 4
    /// Of each pseudo-bag and end.
    public var instances = 1
    /// Width D after the first layer.
    public var hidden = 512
    public var attentionHidden = 128
    public var dropout = 0.0

    public init() {}

    /// The authors' steps of the rate, a fifth after 100 of 200 epochs, are half a cosine here.
    public func recipe(featureWidth: Int, classes: Int) -> Recipe {
        var recipe = Recipe.mhim(stopping: Recipe.EarlyStopping(patience: 0), classes: classes)
        (recipe.learningRate, recipe.weightDecay) = (1e-4, 1e-4)
        return recipe
    }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, distillation, instances, hidden, dropout
        case pseudoBags = "pseudo_bags"
        case attentionHidden = "attention_hidden"
    }

    public static let words = """
        DTFD-MIL: a bag is dealt out to pseudo-bags, each with attention and the bag's label; a second attention reads what is \
        distilled from them and decides.
        """
    public static let source: String? = "Zhang et al., CVPR 2022"

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .dtfd),
        Field(.distillation, \.distillation, .choice, "What of each pseudo-bag the second tier sees."),
        Field(
            .pseudoBags,
            \.pseudoBags,
            .whole(1...1000),
            "Pseudo-bags; in training dealt anew at every step, at test time always alike."
        ),
        Field(
            .instances,
            \.instances,
            .whole(1...10_000),
            "Instances of each pseudo-bag that are distilled, of each end.",
            when: [.only(.distillation, \.distillation, [.maxs, .maxmins, .mas])]
        ),
        Field(.hidden, \.hidden, .width, "Width D after the first layer."),
        .attentionHidden(.attentionHidden, \.attentionHidden),
        Field(
            .dropout,
            \.dropout,
            .dropout,
            "Share of what either classifier sees set to zero in training."
        ),
    ]
}
