public import Config
public import Records

/// In questions paths are absolute; dictionaries by slide are keyed by the id's text.

/// Who made the features a model is trained on; kept in the checkpoint.
public struct EncoderFacts: Codable, Equatable, Sendable {
    public var name: String
    /// SHA-256 of the weights, or of the specification of a handcrafted encoder.
    public var digest: String
    public var licence: String
    /// Handcrafted features are standardised unless the config says otherwise.
    public var isHandcrafted: Bool

    public init(name: String, digest: String, licence: String, isHandcrafted: Bool) {
        self.name = name
        self.digest = digest
        self.licence = licence
        self.isHandcrafted = isHandcrafted
    }

    enum CodingKeys: String, CodingKey {
        case name, digest, licence
        case isHandcrafted = "handcrafted"
    }
}

/// `wsi-compute train`: one fold, into one folder.
public struct TrainRequest: ComputeQuestion, Equatable {
    public typealias Word = TrainProgress
    public typealias Answer = TrainAnswer

    public static let verb = ComputeVerb.train

    /// Name of the training: `JOB/training/<name>/fold_K`.
    public var name: String
    public var cohort: Cohort
    public var split: Split
    /// Feature file of every slide of the split.
    public var features: [String: String]
    /// The slides of each bag in order, by the bag's id in cohort and split; nil where every bag is the slide of its id.
    public var parts: [String: [SlideID]]?
    public var encoder: EncoderFacts
    /// What most of the features say of themselves; it goes into the checkpoint.
    public var facts: PatchFacts?
    public var model: ModelConfig
    public var training: TrainingConfig
    public var evaluation: EvaluationConfig
    /// The folder `fold_K`.
    public var output: String
    public var fingerprint: String
    /// Facts of the chain behind the checkpoint: versions, digests of splits and labels. Nothing with a time in it.
    public var provenance: [String: String]
    /// Where it computes, whatever `training` says.
    public var device: ComputeDevice
    /// Threads of one LibTorch operation.
    public var threads: Int
    /// Bytes for features that are kept or read ahead.
    public var memory: Int
    /// Folds that may be trained beside each other on the device, and share its memory.
    public var foldsPerDevice = 1
    /// What the fold compares first; nil: `model` and `training` are what is trained.
    public var search: FoldSearch?

    /// In the folder `fold_K` while it is trained: what a killed training goes on from, of the model and of its plain host, and of the
    /// one of them that is trained from several first weights the best so far.
    public static let resumeFiles = ["resume.safetensors", "host_resume.safetensors", "starts_resume.safetensors"]

    public init(
        name: String,
        cohort: Cohort,
        split: Split,
        features: [String: String],
        parts: [String: [SlideID]]? = nil,
        encoder: EncoderFacts,
        facts: PatchFacts? = nil,
        model: ModelConfig,
        training: TrainingConfig,
        evaluation: EvaluationConfig,
        output: String,
        fingerprint: String,
        provenance: [String: String],
        device: ComputeDevice = .cpu,
        threads: Int = 1,
        memory: Int = 4 << 30
    ) {
        self.name = name
        self.cohort = cohort
        self.split = split
        self.features = features
        self.parts = parts
        self.encoder = encoder
        self.facts = facts
        self.model = model
        self.training = training
        self.evaluation = evaluation
        self.output = output
        self.fingerprint = fingerprint
        self.provenance = provenance
        self.device = device
        self.threads = threads
        self.memory = memory
    }
}

/// `wsi-compute predict`: probabilities and attention of slides by the models of a training. It says each slide as it ends.
public struct PredictRequest: ComputeQuestion, Equatable {
    public typealias Word = SlideEnd
    public typealias Answer = Done

    public static let verb = ComputeVerb.predict

    /// A slide inside a bag.
    public struct Part: Codable, Equatable, Sendable {
        public var slide: SlideID
        /// The slide's feature file.
        public var features: String

        public init(slide: SlideID, features: String) {
            self.slide = slide
            self.features = features
        }
    }

    public struct Item: Codable, Equatable, Sendable {
        public var slide: SlideID
        /// The slide's feature file.
        public var features: String
        /// The slides that make one bag with this one, itself among them, in order; nil: the slide alone.
        public var bag: [Part]?
        /// Features of further patches of the slide: they join its bag, and the attention is theirs, while probabilities stay
        /// those of the bag alone. nil: attention is that of the slide's own patches.
        public var finer: String?
        /// The folds whose models speak; several are averaged.
        public var folds: [Int]
        /// Side of a patch in level-0 pixels, for features that do not say it.
        public var sideLevel0: Int?
        /// In what the features differ from those of the training, and the user goes on.
        public var accepted: [Mismatch]?
        public var fingerprint: String

        public init(
            slide: SlideID,
            features: String,
            bag: [Part]? = nil,
            finer: String? = nil,
            folds: [Int],
            sideLevel0: Int? = nil,
            accepted: [Mismatch]? = nil,
            fingerprint: String
        ) {
            self.slide = slide
            self.features = features
            self.bag = bag
            self.finer = finer
            self.folds = folds
            self.sideLevel0 = sideLevel0
            self.accepted = accepted
            self.fingerprint = fingerprint
        }
    }

    /// `JOB/training/<name>`, which holds the folders `fold_K`.
    public var model: String
    public var items: [Item]
    /// Folder that gets `ID.h5`.
    public var output: String
    public var device: ComputeDevice
    public var threads: Int
    /// What the predictions tell besides; nil: nothing.
    public var explain: [Explanation]?

    public init(
        model: String,
        items: [Item],
        output: String,
        explain: [Explanation]? = nil,
        device: ComputeDevice = .cpu,
        threads: Int = 1
    ) {
        self.model = model
        self.items = items
        self.output = output
        self.explain = explain
        self.device = device
        self.threads = threads
    }
}
