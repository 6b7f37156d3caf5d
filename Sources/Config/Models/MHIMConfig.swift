public import Records

/// MHIM (Tang et al., ICCV 2023; version 2: IJCV 2025): a teacher that follows the student says which instances are easy;
/// the student learns from the others.
///
/// Defaults are the recipes of the papers: version 1 that for CAMELYON16 with each host, version 2 its only one. What each
/// key is, `fields` says.
public struct MHIMConfig: ModelSection {
    /// The model that teacher and student are.
    public enum Host: String, DescribedChoice {
        case abmil, dsmil, transmil

        public var meaning: String { ModelConfig.Kind(rawValue: rawValue)?.meaning ?? "" }
    }

    public internal(set) var kind = ModelConfig.Kind.mhim
    public internal(set) var host = Host.abmil
    public internal(set) var version = 2

    public var maskRandom = 0.0
    public var maskLow = 0.0
    public var maskHigh = 0.03
    public var maskHighShare = 1.0
    public var maskHighDecay = false
    public var classScore = true
    public var attentionLayer = 1

    /// α.
    public var consistency = 0.5
    /// τ.
    public var temperature = 0.1
    /// m: the teacher's share in itself at each step.
    public var momentum = 0.9997
    public var momentumRise = false
    public var teacherDropout = true

    public var merge = true
    /// k.
    public var mergeTokens = 5
    public var mergeKeep = 0.9
    /// μ.
    public var mergeMomentum = 0.9999
    public var mergeHeads = 8
    public var mergeHeadWidth = 64
    public var mergeDropout = 0.1

    public var activation = Activation.gelu
    /// Width D after the first layer.
    public var hidden = 512
    public var dropout = 0.25
    public var attentionHidden = 128
    public var attentionActivation = AttentionActivation.relu
    public var gated = false
    public var heads = 8
    public var landmarks: Int?
    public var attentionDropout = 0.1

    public var start = Start()

    public init() {}

    public func recipe(featureWidth: Int, classes: Int) -> Recipe {
        version == 2
            ? .mhim(minimum: 1e-7, stopping: Recipe.EarlyStopping(patience: 20, afterEpoch: 100), classes: classes)
            : .mhim(classes: classes)
    }

    /// Its runs had no other validation part.
    public var wasSelectedOnTest: Bool { true }

    public var wasDecidedByYouden: Bool { version == 1 }

    public static var recipes: [ConfigVariant<Self>] {
        [2, 1].map { ConfigVariant("version \($0)", Self(version: $0)) }
    }

    /// The recipe of a version, 1 or 2, with its host.
    public init(host: Host = .abmil, version: Int = 2) {
        self.host = host
        self.version = version
        guard version == 1 else { return }
        switch host {
        case .abmil, .dsmil: (maskRandom, maskHigh) = (0.5, 0.01)
        case .transmil: (maskLow, maskHigh, momentumRise) = (0.8, 0.03, true)
        }
        (maskHighShare, maskHighDecay) = (0.5, true)
        (classScore, merge) = (false, false)
        (consistency, momentum, activation) = (0.1, 0.9999, .relu)
    }

    public var defaults: Self { Self(host: host, version: version) }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        self.init()
        try reader.read([.host, .version], into: &self)
        try check(at: reader.path)
        self = Self(host: host, version: version)
        try reader.read(into: &self)
        try check(at: reader.path)
    }

    /// How the student begins where a host was trained first.
    public var studentStart: Start.Student { start.student ?? (version == 1 ? .embedding : .random) }

    /// The config of the host alone, for the host `dsmil`.
    public var dsmil: DSMILConfig {
        var config = DSMILConfig()
        (config.activation, config.hidden, config.attentionHidden) = (activation, hidden, attentionHidden)
        config.dropout = dropout
        config.mean = version == 1 ? .probabilities : .logits
        return config
    }

    /// How training begins.
    public struct Start: ConfigSection {
        public enum Student: String, DescribedChoice {
            case random, embedding, teacher

            public var meaning: String {
                switch self {
                case .random: "at random"
                case .embedding: "with the first layer of the trained host, the rest at random"
                case .teacher: "as the teacher"
                }
            }
        }

        public var host = true
        /// nil: `embedding` for version 1, `random` for version 2.
        public var student: Student?

        public init() {}

        public enum CodingKeys: String, CodingKey, CaseIterable { case host, student }

        public static let words = "How MHIM's training begins."
        public static let source: String? = MHIMConfig.source

        public static let fields: [Field] = [
            Field(
                .host,
                \.host,
                .flag,
                "Whether the plain host is trained first; the teacher begins as it, else as the student."
            ),
            Field(
                .student,
                \.student,
                .choice,
                "How the student begins.",
                absent: "`embedding` for version 1, `random` for version 2"
            ),
        ]

        public static let rules = [
            Rule(
                "Where no host is trained first, the student begins at `random`.",
                .student,
                "without a trained host the student begins at random"
            ) { $0.host || $0.student == nil || $0.student == .random }
        ]
    }
}
