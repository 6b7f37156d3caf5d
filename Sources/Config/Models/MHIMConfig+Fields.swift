import Records

extension MHIMConfig {
    public enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, host, version, consistency, temperature, momentum, merge, activation, hidden, dropout, gated, heads
        case landmarks
        case maskRandom = "mask_random"
        case maskLow = "mask_low"
        case maskHigh = "mask_high"
        case maskHighShare = "mask_high_share"
        case maskHighDecay = "mask_high_decay"
        case classScore = "class_score"
        case attentionLayer = "attention_layer"
        case momentumRise = "momentum_rise"
        case teacherDropout = "teacher_dropout"
        case mergeTokens = "merge_tokens"
        case mergeKeep = "merge_keep"
        case mergeMomentum = "merge_momentum"
        case mergeHeads = "merge_heads"
        case mergeHeadWidth = "merge_head_width"
        case mergeDropout = "merge_dropout"
        case attentionHidden = "attention_hidden"
        case attentionActivation = "attention_activation"
        case attentionDropout = "attention_dropout"
        case start = "init"
    }

    public static let words = """
        MHIM: a teacher that follows the student says which instances are easy; the student learns from the others. Defaults are \
        the recipes of the papers: of version 1 that for CAMELYON16 with each host, of version 2 its only one.
        """
    public static let source: String? = "Tang et al., ICCV 2023 and IJCV 2025"

    public static var variants: [ConfigVariant<Self>] {
        [2, 1].flatMap { version in
            Host.allCases.map { host in
                ConfigVariant("`\(host.rawValue)` \(version)", Self(host: host, version: version))
            }
        }
    }

    public static let fields = masking + teaching + merging + network

    private static let version2 = "Tang et al., IJCV 2025"
    private static let inVersion2 = ConfigCondition<Self>.only(.version, \.version, 2)
    private static let onABMIL = ConfigCondition<Self>.only(.host, \.host, [.abmil])
    private static let onTransMIL = ConfigCondition<Self>.only(.host, \.host, [.transmil])
    private static let notOnTransMIL = ConfigCondition<Self>.only(.host, \.host, [.abmil, .dsmil])

    private static let masking: [Field] = [
        .kind(.kind, \.kind, .mhim),
        Field(.host, \.host, .choice, "The model that teacher and student are.", rulesOthers: true),
        Field(.version, \.version, .whole(1...2), "Which of the two papers.", rulesOthers: true),
        Field(.maskRandom, \.maskRandom, .number(0...1), "Share of all instances masked at random."),
        Field(.maskLow, \.maskLow, .number(0...1), "Share masked for the lowest scores."),
        Field(.maskHigh, \.maskHigh, .number(0...1), "Share masked for the highest scores."),
        Field(
            .maskHighShare,
            \.maskHighShare,
            .number(above: 0, to: 1),
            "Of the instances with the highest scores, `mask_high` over this share, the share that is masked, drawn at random."
        ),
        Field(
            .maskHighDecay,
            \.maskHighDecay,
            .flag,
            "Whether `mask_high` falls to 0 by half a cosine over the training."
        ),
        Field(
            .classScore,
            \.classScore,
            .flag,
            "Whether an instance's score is how sure the teacher is of a class by that instance alone; else its attention.",
            when: [inVersion2],
            source: version2
        ),
        Field(
            .attentionLayer,
            \.attentionLayer,
            .whole(1...2),
            "The attention layer whose class token scores, where `class_score` does not.",
            when: [onTransMIL]
        ),
    ]

    private static let teaching: [Field] = [
        Field(.consistency, \.consistency, .number(0...), "α, the weight of the consistency loss."),
        Field(
            .temperature,
            \.temperature,
            .number(above: 0),
            "τ, which divides the teacher's features in the consistency loss."
        ),
        Field(.momentum, \.momentum, .number(0...1), "m: the teacher's share in itself at each step."),
        Field(.momentumRise, \.momentumRise, .flag, "Whether m rises to 1 by half a cosine over the training."),
        Field(
            .teacherDropout,
            \.teacherDropout,
            .flag,
            "Whether the teacher drops out in training as the student does."
        ),
    ]

    private static let merging: [Field] = [
        Field(
            .merge,
            \.merge,
            .flag,
            "Whether some kept instances are recycled into a few tokens.",
            when: [inVersion2],
            source: version2
        ),
        Field(
            .mergeTokens,
            \.mergeTokens,
            .whole(1...1024),
            "k, the number of those tokens.",
            when: [inVersion2],
            source: version2
        ),
        Field(
            .mergeKeep,
            \.mergeKeep,
            .number(0..<1),
            "Share of the kept instances that stay as they are.",
            when: [inVersion2],
            source: version2
        ),
        Field(
            .mergeMomentum,
            \.mergeMomentum,
            .number(0...1),
            "μ: the recycling queries' share in themselves at each step.",
            when: [inVersion2],
            source: version2
        ),
        Field(
            .mergeHeads,
            \.mergeHeads,
            .whole(1...64),
            "Heads of the recycling's attention.",
            when: [inVersion2],
            source: version2
        ),
        Field(
            .mergeHeadWidth,
            \.mergeHeadWidth,
            .width,
            "Width of each of them.",
            when: [inVersion2],
            source: version2
        ),
        Field(
            .mergeDropout,
            \.mergeDropout,
            .dropout,
            "Share of the recycling's attention and output set to zero in training.",
            when: [inVersion2],
            source: version2
        ),
    ]

    private static let network: [Field] = [
        Field(.activation, \.activation, .choice, "What follows the first layer."),
        Field(.hidden, \.hidden, .width, "Width D after the first layer."),
        Field(.dropout, \.dropout, .dropout, "Share of the first layer's output set to zero in training."),
        .attentionHidden(
            .attentionHidden,
            \.attentionHidden,
            "Width of the attention's hidden layer or of the queries.",
            when: [notOnTransMIL]
        ),
        Field(
            .attentionActivation,
            \.attentionActivation,
            .choice,
            "What follows the attention's hidden layer.",
            when: [onABMIL]
        ),
        Field(.gated, \.gated, .flag, "With a sigmoid gate.", when: [onABMIL]),
        Field(.heads, \.heads, .whole(1...64), "Heads of an attention layer.", when: [onTransMIL]),
        .landmarks(.landmarks, \.landmarks, when: [onTransMIL]),
        .attentionDropout(.attentionDropout, \.attentionDropout, when: [onTransMIL]),
        Field(.start, \.start, .section, "How training begins."),
    ]

    public static let rules = [
        Rule("With the host `transmil`, `hidden` is a multiple of 8.", .hidden, "a multiple of 8 is wanted") {
            $0.host != .transmil || $0.hidden.isMultiple(of: 8)
        }
    ]
}
