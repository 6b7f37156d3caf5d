public import Foundation
public import Records
public import Storage
import Torch

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
    public var evaluation: EvaluationConfig
    /// D_in.
    public var featureWidth: Int
    public var classes: [String]
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

    enum CodingKeys: String, CodingKey {
        case format, name, fold, seed, model, training, recipe, evaluation, classes, unit, encoder, threshold, epoch
        case parts, metrics, temperature, empty, fingerprint, provenance, facts
        case featureWidth = "feature_width"
        case isStandardised = "standardised"
        case thresholdSource = "threshold_source"
        case selectionScore = "selection_score"
        case weightsDigest = "weights_sha256"
    }
}

/// A trained model on disk: `checkpoint.safetensors` and `checkpoint.json` in a folder `fold_K`.
public struct Checkpoint: Equatable, Sendable {
    public var card: CheckpointCard
    /// Parameters by the names of the authors' checkpoints, fp32.
    public var parameters: [String: StoredTensor]
    public var standardiser: Standardiser?

    static let weightsName = "checkpoint.safetensors"
    static let cardName = "checkpoint.json"

    init(card: CheckpointCard, parameters: [String: StoredTensor], standardiser: Standardiser?) {
        self.card = card
        self.parameters = parameters
        self.standardiser = standardiser
    }

    /// Reads and checks both files.
    /// - Throws: `MILError.checkpoint`, `.weightsDigest`, or what reading a damaged file throws; nothing is guessed.
    public init(folder: URL) throws {
        let weights = folder.appending(path: Self.weightsName)
        card = try CanonicalJSON.read(CheckpointCard.self, from: folder.appending(path: Self.cardName))
        func refuse(_ reason: String) -> MILError { .checkpoint(path: folder.path, reason: reason) }
        guard card.format == CheckpointCard.currentFormat else {
            throw refuse("the format is \(card.format); \(CheckpointCard.currentFormat) is wanted")
        }
        guard card.featureWidth > 0, card.classes.count >= 2 else { throw refuse("a width or the classes are missing") }
        guard try Digest.sha256(fileAt: weights) == card.weightsDigest else {
            throw MILError.weightsDigest(path: weights.path)
        }
        var tensors = try SafeTensors(contentsOf: weights).tensors
        let mean = tensors.removeValue(forKey: Standardiser.meanName)
        let deviation = tensors.removeValue(forKey: Standardiser.deviationName)
        parameters = tensors
        guard card.isStandardised == (mean != nil), card.isStandardised == (deviation != nil) else {
            throw refuse("the standardiser's tensors do not fit checkpoint.json")
        }
        if let mean = mean?.floats, let deviation = deviation?.floats {
            guard mean.count == card.featureWidth, deviation.count == mean.count, deviation.allSatisfy({ $0 > 0 })
            else {
                throw refuse("the standardiser does not fit features of width \(card.featureWidth)")
            }
            standardiser = Standardiser(mean: mean, deviation: deviation)
        }
    }

    /// The model with these parameters.
    /// - Throws: `MILError.checkpoint` for a parameter that is missing, of another shape, or not the model's.
    func makeModel(on device: Device) throws -> any MILModel {
        let model = try card.model.model(
            featureWidth: card.featureWidth,
            classes: card.classes.count,
            from: StoredParameters(parameters, path: Self.weightsName),
            on: device
        )
        if let stranger = Set(parameters.keys).subtracting(model.parameters.map(\.name)).min() {
            throw MILError.checkpoint(path: Self.weightsName, reason: "\(stranger) is no parameter of the model")
        }
        return model
    }

    /// Publishes the weights; the card follows with `publishCard` when all else of the fold is in place.
    ///
    /// A card of other weights must not stand beside them, should this be cut short, and goes first. One of the same weights
    /// stays: another process has trained the same fold, and may be reading it.
    mutating func writeWeights(to folder: URL) throws {
        let tensors = parameters.merging(standardiser?.tensors ?? [:]) { parameter, _ in parameter }
        let data = try SafeTensors(tensors: tensors).data()
        card.weightsDigest = Digest.sha256(data)
        let place = folder.appending(path: Self.cardName)
        let before = try? CanonicalJSON.read(CheckpointCard.self, from: place)
        if before?.weightsDigest != card.weightsDigest {
            guard unlink(place.path) == 0 || errno == ENOENT else {
                throw StorageError.system(path: place.path, call: "unlink", errno: errno)
            }
        }
        try AtomicFile.write(data, to: folder.appending(path: Self.weightsName))
    }

    /// Its presence marks the fold as done.
    func publishCard(to folder: URL) throws { try CanonicalJSON.write(card, to: folder.appending(path: Self.cardName)) }
}
