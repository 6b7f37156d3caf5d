public import Records

/// MHIM (Tang et al., ICCV 2023; version 2: IJCV 2025): a teacher that follows the student says which instances are easy;
/// the student learns from the others.
///
/// Defaults are the recipes of the papers: version 1 that for CAMELYON16 with each host, version 2 its only one.
public struct MHIMConfig: Codable, Equatable, Sendable {
    /// The model that teacher and student are.
    public enum Host: String, ConfigChoice { case abmil, dsmil, transmil }

    /// How training begins.
    public struct Start: Codable, Equatable, Sendable {
        public enum Student: String, ConfigChoice {
            case random
            /// The first layer is the trained host's.
            case embedding
            /// As the teacher.
            case teacher
        }

        /// Whether the plain host is trained first; the teacher begins as it, else as the student.
        public var host = true
        /// nil: `embedding` for version 1, `random` for version 2.
        public var student: Student?

        public init() {}
    }

    public private(set) var kind = ModelConfig.Kind.mhim
    public private(set) var host: Host
    public private(set) var version: Int

    /// Share of all instances masked at random.
    public var maskRandom = 0.0
    /// Share masked for the lowest scores.
    public var maskLow = 0.0
    /// Share masked for the highest scores.
    public var maskHigh = 0.03
    /// Of the instances with the highest scores, `maskHigh` over this share, the share that is masked, drawn at random.
    public var maskHighShare = 1.0
    /// Whether `maskHigh` falls to 0 by half a cosine over the training.
    public var maskHighDecay = false
    /// Whether an instance's score is how sure the teacher is of a class by that instance alone (version 2).
    public var classScore = true
    /// The attention layer whose class token scores, 1 or 2 (host `transmil` without `classScore`).
    public var attentionLayer = 1

    /// α, the weight of the consistency loss.
    public var consistency = 0.5
    /// τ, which divides the teacher's features in the consistency loss.
    public var temperature = 0.1
    /// m: the teacher's share in itself at each step.
    public var momentum = 0.9997
    /// Whether m rises to 1 by half a cosine over the training.
    public var momentumRise = false
    /// Whether the teacher drops out in training as the student does.
    public var teacherDropout = true

    /// Whether some kept instances are recycled into a few tokens (version 2).
    public var merge = true
    /// k, the number of those tokens.
    public var mergeTokens = 5
    /// Share of the kept instances that stay as they are.
    public var mergeKeep = 0.9
    /// μ: the recycling queries' share in themselves at each step.
    public var mergeMomentum = 0.9999
    public var mergeHeads = 8
    public var mergeHeadWidth = 64
    /// Share of the recycling's attention and output set to zero in training.
    public var mergeDropout = 0.1

    public var activation = Activation.gelu
    /// Width D after the first layer.
    public var hidden = 512
    /// Share of the first layer's output set to zero in training.
    public var dropout = 0.25
    /// Width of the attention's hidden layer or of the queries (hosts `abmil`, `dsmil`).
    public var attentionHidden = 128
    /// What follows the attention's hidden layer (host `abmil`).
    public var attentionActivation = AttentionActivation.relu
    /// With a sigmoid gate (host `abmil`).
    public var gated = false
    /// As in `TransMILConfig` (host `transmil`).
    public var heads = 8
    public var landmarks: Int?
    public var attentionDropout = 0.1

    public var start = Start()

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
}

/// What may follow the hidden layer of an attention.
public enum AttentionActivation: String, ConfigChoice { case relu, gelu, tanh }
