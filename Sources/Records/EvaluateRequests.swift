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
