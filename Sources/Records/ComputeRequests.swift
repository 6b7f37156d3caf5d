/// What `wsi` asks of `wsi-compute <verb>`, as JSON on its standard input. Paths are absolute; dictionaries by slide are
/// keyed by the id's text.

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
public struct TrainRequest: Codable, Equatable, Sendable {
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
    /// Threads of one LibTorch operation.
    public var threads: Int

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
        threads: Int = 1
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
        self.threads = threads
    }
}

/// `wsi-compute predict`: probabilities and attention of slides by the models of a training.
public struct PredictRequest: Codable, Equatable, Sendable {
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
    public var device: TrainingConfig.DeviceChoice
    public var threads: Int

    public init(
        model: String,
        items: [Item],
        output: String,
        device: TrainingConfig.DeviceChoice = .auto,
        threads: Int = 1
    ) {
        self.model = model
        self.items = items
        self.output = output
        self.device = device
        self.threads = threads
    }
}

/// `wsi-compute evaluate`: pooled out-of-fold metrics of a training, and what else its evidence supports.
public struct EvaluateRequest: Codable, Equatable, Sendable {
    /// Maps against annotations.
    public struct Patches: Codable, Equatable, Sendable {
        /// Prediction file by slide.
        public var predictions: [String: String]
        /// File of annotated regions by slide. A slide of the first class may be without one: nothing is to be found there.
        public var annotations: [String: String]
        /// Case by slide, where a case was one bag: it is the case that was tested.
        public var cases: [String: String] = [:]
        /// Pixels of the annotations per level-0 pixel of the slide.
        public var scale = 1.0
        /// What the annotations count from; nil: what their files say.
        public var origin: CoordinateOrigin?
        /// The annotations' classes that count; nil: all of them.
        public var classes: [String]?
        /// N·value of a patch from which its area counts for Dice; 1 is uniform attention.
        public var from = 1.0

        public init(predictions: [String: String], annotations: [String: String]) {
            self.predictions = predictions
            self.annotations = annotations
        }
    }

    /// Shortcut controls: what a plain regression on numbers without tissue detail reaches.
    public struct Controls: Codable, Equatable, Sendable {
        /// Named groups of numbers by slide, such as `mean_colour` → slide → [r, g, b].
        public var groups: [String: [String: [Double]]]
        /// Feature file by slide, for the control on a slide's mean features; empty: without it.
        public var features: [String: String]

        public init(groups: [String: [String: [Double]]], features: [String: String]) {
            self.groups = groups
            self.features = features
        }
    }

    /// `JOB/training/<name>`, which holds the folders `fold_K`.
    public var model: String
    public var folds: [Int]
    public var evaluation: EvaluationConfig
    /// Of the bootstrap.
    public var seed: UInt64
    public var patches: Patches?
    public var controls: Controls?
    /// The JSON file to write, as a rule `metrics.json` in the model's folder.
    public var output: String
    /// The page to write, as a rule `report.html` beside it; nil: none.
    public var page: String?

    public init(
        model: String,
        folds: [Int],
        evaluation: EvaluationConfig,
        seed: UInt64,
        patches: Patches? = nil,
        controls: Controls? = nil,
        output: String,
        page: String? = nil
    ) {
        self.model = model
        self.folds = folds
        self.evaluation = evaluation
        self.seed = seed
        self.patches = patches
        self.controls = controls
        self.output = output
        self.page = page
    }
}

/// `wsi-compute summarise`: a training with several seeds, each evaluated already, as one.
public struct SummariseRequest: Codable, Equatable, Sendable {
    /// One seed's training folder, which holds its `metrics.json` and the folders `fold_K`.
    public struct Run: Codable, Equatable, Sendable {
        public var seed: UInt64
        public var folder: String

        public init(seed: UInt64, folder: String) {
            self.seed = seed
            self.folder = folder
        }
    }

    public var name: String
    public var runs: [Run]
    /// The folder that gets `metrics.json` and `report.html`.
    public var output: String

    public init(name: String, runs: [Run], output: String) {
        self.name = name
        self.runs = runs
        self.output = output
    }
}

/// How far a verb is.
public struct ComputeProgress: Codable, Equatable, Sendable {
    /// What is counted: `epoch` or `slide`.
    public var unit: String
    public var done: Int
    public var total: Int
    /// The fold or slide at hand.
    public var subject: String
    /// Losses, metrics and the like; only finite numbers.
    public var figures: [String: Double]

    public init(unit: String, done: Int, total: Int, subject: String, figures: [String: Double] = [:]) {
        self.unit = unit
        self.done = done
        self.total = total
        self.subject = subject
        self.figures = figures
    }
}

/// What a verb achieved.
public struct ComputeResult: Codable, Equatable, Sendable {
    /// Files that were published.
    public var outputs: [String]
    public var figures: [String: Double]
    /// Slides that could not be used, each with its reason; the process then ends with exit 3.
    public var failures: [Failure]
    /// Slides whose feature file has no row: left out, which is no failure.
    public var empty: [SlideID]

    public init(
        outputs: [String] = [],
        figures: [String: Double] = [:],
        failures: [Failure] = [],
        empty: [SlideID] = []
    ) {
        self.outputs = outputs
        self.figures = figures
        self.failures = failures
        self.empty = empty
    }
}

/// One line of `wsi-compute`'s standard output: `{"progress": {…}}`, at the end `{"result": {…}}`.
public struct ComputeLine: Codable, Equatable, Sendable {
    public var progress: ComputeProgress?
    public var result: ComputeResult?

    public init(progress: ComputeProgress) { self.progress = progress }

    public init(result: ComputeResult) { self.result = result }
}
