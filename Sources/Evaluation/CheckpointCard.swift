public import Config
public import Messages
public import Records

/// What `checkpoint.json` says: everything besides the weights that a prediction depends on, and where it came from.
public struct CheckpointCard: Codable, Equatable, Sendable {
    public static let currentFormat = "wsi-checkpoint-1"

    /// How the decision threshold came about.
    public enum ThresholdSource: String, Codable, Sendable {
        /// Youden's cut on the validation part.
        case validationYouden = "validation_youden"
        /// Most probable class, as the config wants or as more than two classes need.
        case argmax
        /// Youden's cut on the test part itself: the paper's protocol.
        case testYouden = "test_youden"
        /// Youden's cut was wanted, but the validation part does not define one: most probable class.
        case undefinedOnValidation = "undefined_on_validation"
    }

    /// Slides and cases of a part, by class name.
    public struct Part: Codable, Equatable, Sendable {
        public var slides: [String: Int]
        public var cases: Int

        public init(slides: [String: Int], cases: Int) { (self.slides, self.cases) = (slides, cases) }
    }

    public var format = CheckpointCard.currentFormat
    public var name: String
    public var fold: Int
    public var seed: UInt64
    /// With every width written out.
    public var model: ModelConfig
    public var training: TrainingConfig
    /// The training config with what it left out filled in.
    public var recipe: Recipe
    /// What was filled in by itself, and why; nil where nothing was.
    public var plan: TrainingPlan?
    /// What was compared before `model` and `training` were this fold's; nil where nothing was.
    public var search: ComparedCandidates?
    /// Where training was to begin anew if it found nothing: what came of the first weights that were tried; nil where it was not.
    public var starts: [TrainingStart]?
    public var evaluation: EvaluationConfig
    /// D_in.
    public var featureWidth: Int
    /// What is asked of a bag; nil: a class, also in checkpoints of earlier versions.
    private var target: Target.Kind?
    /// What the model's numbers mean; nil where they are the logits of classes.
    private var scale: Readout?
    public var classes: [String]
    /// Where several targets are asked each one's own; the members of the same names are then the first one's.
    public var targets: [AskedTarget]?
    /// What a bag is.
    public var unit: Cohort.Unit
    public var encoder: EncoderFacts
    /// What most of the training's features say of themselves; nil in checkpoints of earlier versions.
    public var facts: PatchFacts?
    public var isStandardised: Bool
    /// On the probability of class 1; nil: most probable class.
    public var threshold: Double?
    public var thresholdSource: ThresholdSource
    /// Fitted on the validation part; nil where that cannot be.
    public var temperature: Temperature?
    /// The chosen epoch, counted from 0, and the selection rule's value there.
    public var epoch: Int
    public var selectionScore: Double?
    public var parts: [String: Part]
    /// By part: validation and test.
    public var metrics: [String: MetricReport]
    /// Slides without a patch: neither trained on nor predicted.
    public var empty: [SlideID]
    /// SHA-256 of `checkpoint.safetensors`.
    public var weightsDigest: String
    public var fingerprint: String
    public var provenance: [String: String]

    /// - Parameters:
    ///   - request: of the fold.
    ///   - model: with every width written out.
    public init(
        of request: TrainRequest,
        model: ModelConfig,
        readout: Readout,
        recipe: Recipe,
        featureWidth: Int,
        isStandardised: Bool,
        threshold: (value: Double?, source: ThresholdSource),
        temperature: Temperature?,
        chosen: (epoch: Int, score: Double?),
        parts: [String: Part],
        metrics: [String: MetricReport],
        empty: [SlideID]
    ) {
        name = request.name
        fold = request.split.fold
        seed = request.training.seed
        training = request.training
        evaluation = request.evaluation
        target = request.cohort.kind == .class ? nil : request.cohort.kind
        scale = request.cohort.kind == .class ? nil : readout
        classes = request.cohort.classes
        unit = request.cohort.unit
        encoder = request.encoder
        facts = request.facts
        fingerprint = request.fingerprint
        provenance = request.provenance
        weightsDigest = ""
        (self.model, self.recipe, self.featureWidth) = (model, recipe, featureWidth)
        self.isStandardised = isStandardised
        (self.threshold, thresholdSource) = (threshold.value, threshold.source)
        self.temperature = temperature
        (epoch, selectionScore) = (chosen.epoch, chosen.score)
        (self.parts, self.metrics, self.empty) = (parts, metrics, empty)
    }

    enum CodingKeys: String, CodingKey {
        case format, name, fold, seed, model, training, recipe, plan, search, starts, evaluation, target, targets,
            classes,
            unit,
            encoder,
            threshold
        case epoch, parts, metrics, temperature, empty, fingerprint, provenance, facts
        case featureWidth = "feature_width"
        case scale = "readout"
        case isStandardised = "standardised"
        case thresholdSource = "threshold_source"
        case selectionScore = "selection_score"
        case weightsDigest = "weights_sha256"
    }
}

extension CheckpointCard {
    /// What is asked of a bag.
    public var kind: Target.Kind { target ?? .class }

    /// What the numbers mean that the model gives for a bag; of several targets the first one's.
    public var readout: Readout { scale ?? .class(count: classes.count) }

    mutating func ask(_ asked: AskedTarget) {
        target = asked.kind == .class ? nil : asked.kind
        scale = asked.kind == .class ? nil : asked.readout
        (classes, parts, metrics) = (asked.classes, asked.parts, asked.metrics)
        (threshold, thresholdSource, temperature) = (asked.threshold, asked.thresholdSource, asked.temperature)
    }
}
