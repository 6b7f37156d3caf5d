import Records

/// TransMIL (Shao et al., NeurIPS 2021) as MHIM's comparison runs it: two layers of Nyström attention over the bag with a
/// class token, and convolutions over the patches as if they lay in a square.
public struct TransMILConfig: ModelSection {
    public private(set) var kind = ModelConfig.Kind.transmil
    public var activation = Activation.relu
    /// Width D after the first layer, a multiple of 8; a head is D/8 wide, however many heads there are.
    public var hidden = 512
    public var heads = 8
    /// Landmarks of the Nyström approximation; nil: D/2.
    public var landmarks: Int?
    public var dropout = 0.25
    public var attentionDropout = 0.1

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe { .mhim(classes: classes) }

    /// MHIM's runs had no other validation part.
    public var wasSelectedOnTest: Bool { true }

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, activation, hidden, heads, landmarks, dropout
        case attentionDropout = "attention_dropout"
    }

    public static let words = """
        TransMIL as MHIM's comparison runs it: two layers of Nyström attention over the bag with a class token, and convolutions \
        over the patches as if they lay in a square.
        """
    public static let source: String? = "Shao et al., NeurIPS 2021"

    public static let fields: [Field] = [
        .kind(.kind, \.kind, .transmil),
        Field(.activation, \.activation, .choice, "What follows the first layer."),
        Field(
            .hidden,
            \.hidden,
            .whole(8...16_384),
            "Width D after the first layer; a head is D/8 wide, however many heads there are."
        ),
        Field(.heads, \.heads, .whole(1...64), "Heads of an attention layer."),
        .landmarks(.landmarks, \.landmarks),
        Field(.dropout, \.dropout, .dropout, "Share of the first layer's output set to zero in training."),
        .attentionDropout(.attentionDropout, \.attentionDropout),
    ]

    public static let rules = [
        Rule("`hidden` is a multiple of 8.", .hidden, "a multiple of 8 is wanted") { $0.hidden.isMultiple(of: 8) }
    ]
}
