import Config
public import Evaluation
import Files
public import Foundation
import Records
public import Storage
import Torch

/// A trained model on disk: `checkpoint.safetensors` and `checkpoint.json` in a folder `fold_K`.
public struct Checkpoint: Equatable, Sendable {
    public var card: CheckpointCard
    /// Parameters by the names of the authors' checkpoints, fp32.
    public var parameters: [String: StoredTensor]
    public var standardiser: Standardiser?
    /// The mean of the training part's patches where they are not standardised, one for each feature; nil in checkpoints of earlier
    /// versions.
    private var meanFeatures: [Float]?

    static let meanName = "explain.mean_features"
    /// What a file of weights holds beside the parameters of the model.
    static let beside = [meanName, Standardiser.meanName, Standardiser.deviationName]

    /// - Parameter meanFeatures: of the training part's patches.
    init(
        card: CheckpointCard,
        parameters: [String: StoredTensor],
        standardiser: Standardiser?,
        meanFeatures: [Float]? = nil
    ) {
        self.card = card
        self.parameters = parameters
        self.standardiser = standardiser
        self.meanFeatures = standardiser == nil ? meanFeatures : nil
    }

    /// The mean of the training part's patches as the model takes them, from which integrated gradients begin; nil where it is not known.
    var trainingMean: [Float]? { standardiser.map { $0.mean.map { _ in 0 } } ?? meanFeatures }

    /// Reads and checks both files.
    /// - Throws: `MILError.checkpoint`, `.weightsDigest`, or what reading a damaged file throws; nothing is guessed.
    public init(folder: URL) throws {
        let fold = FoldFolder(folder)
        let weights = fold.file(.weights)
        let card = try CanonicalJSON.read(CheckpointCard.self, from: fold.file(.card))
        self.card = card
        func refuse(_ reason: String) -> MILError { .checkpoint(path: folder.path, reason: reason) }
        guard card.format == CheckpointCard.currentFormat else {
            throw refuse("the format is \(card.format); \(CheckpointCard.currentFormat) is wanted")
        }
        guard card.featureWidth > 0, card.kind.isLearnable(classes: card.classes.count), card.readout.kind == card.kind,
            card.readout.outputs > 0,
            card.targets.map({ $0.first?.readout == card.readout && $0.allSatisfy(\.isWhole) }) ?? true
        else {
            throw refuse("a width, the classes or the scale are missing")
        }
        guard try Digest.sha256(fileAt: weights) == card.weightsDigest else {
            throw MILError.weightsDigest(path: weights.path)
        }
        var tensors = try SafeTensors(contentsOf: weights).tensors
        let mean = tensors.removeValue(forKey: Standardiser.meanName)
        let deviation = tensors.removeValue(forKey: Standardiser.deviationName)
        let features = tensors.removeValue(forKey: Self.meanName)?.floats
        parameters = tensors
        guard features.map({ $0.count == card.featureWidth && $0.allSatisfy(\.isFinite) }) ?? true else {
            throw refuse("\(Self.meanName) does not fit features of width \(card.featureWidth)")
        }
        meanFeatures = features
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
        let trained = StoredParameters(parameters, path: FoldFolder.File.weights.rawValue)
        let model = try makeModel(from: trained, on: device)
        if let stranger = Set(parameters.keys).subtracting(model.parameters.map(\.name)).min() {
            throw MILError.checkpoint(
                path: FoldFolder.File.weights.rawValue,
                reason: "\(stranger) is no parameter of the model"
            )
        }
        return model
    }

    /// The same model with parameters that no training has seen, other ones than it began with.
    func makeUntrainedModel(on device: Device) throws -> any MILModel {
        let draws = CounterDraws(seed: card.seed, fold: card.fold, epoch: -2, step: 0)
        return try makeModel(from: FreshParameters(draws), on: device)
    }

    private func makeModel(from source: some ParameterSource, on device: Device) throws -> any MILModel {
        try card.model.model(
            featureWidth: card.featureWidth,
            readout: card.wholeReadout,
            attention: card.training.targetAttention,
            from: source,
            on: device
        )
    }

    /// Publishes the weights; the card follows with `publishCard` when all else of the fold is in place.
    ///
    /// A card of other weights must not stand beside them, should this be cut short, and goes first. One of the same weights
    /// stays: another process has trained the same fold, and may be reading it.
    mutating func writeWeights(to folder: URL) throws {
        var tensors = parameters.merging(standardiser?.tensors ?? [:]) { parameter, _ in parameter }
        tensors[Self.meanName] = meanFeatures.map { StoredTensor(shape: [$0.count], floats: $0) }
        let data = try SafeTensors(tensors: tensors).data()
        card.weightsDigest = Digest.sha256(data)
        let place = FoldFolder(folder).file(.card)
        let before = try? CanonicalJSON.read(CheckpointCard.self, from: place)
        if before?.weightsDigest != card.weightsDigest { try Leftovers.remove(place) }
        try AtomicFile.write(data, to: FoldFolder(folder).file(.weights))
    }

    /// Its presence marks the fold as done.
    func publishCard(to folder: URL) throws {
        try CanonicalJSON.write(card, to: FoldFolder(folder).file(.card))
    }
}
