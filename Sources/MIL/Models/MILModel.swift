public import Config
public import Records
public import Torch

/// What a model says about one bag at test time.
public struct BagOutput {
    /// Of the bag `[1, C]`: for classes logits, whose softmax is the prediction; else what `Readout` says.
    public var logits: Tensor
    /// One row per name: `[K, N]`; with several heads `[heads, K, N]`. Attention before the softmax over instances, or the
    /// score itself.
    public var attention: Tensor
    public var kind: MapKind
    /// Of the K rows.
    public var names: [String]
    /// The rows whose mean is the bag's one map.
    public var main: Range<Int>

    /// - Parameters:
    ///   - names: of the rows; nil: `attention`, or `branch_0` and so on.
    ///   - main: nil: all rows.
    public init(
        logits: Tensor,
        attention: Tensor,
        kind: MapKind = .attention,
        names: [String]? = nil,
        main: Range<Int>? = nil
    ) {
        self.logits = logits
        self.attention = attention
        self.kind = kind
        let shape = attention.shape
        let count = shape.count < 2 ? 1 : shape[shape.count - 2]
        self.names = names ?? (count == 1 ? ["attention"] : (0..<count).map { "branch_\($0)" })
        self.main = main ?? 0..<count
    }

    /// The rows of the map `[K, N]`; of several heads their mean. Attention sums to 1 in every row.
    public func rows() throws -> Tensor {
        let rank = attention.shape.count
        let values = try kind == .attention ? attention.softmax(dim: rank - 1) : attention
        return try rank == 3 ? values.mean(dim: 0) : values
    }
}

/// What one training step minimises, and the terms it is the sum of.
public struct TrainingLoss {
    public var total: Tensor
    /// By name, in the order of the history's columns.
    public var terms: [(name: String, value: Tensor)]
}

/// What a training pass may know besides the bag.
public struct TrainingStep {
    /// All randomness of the pass: masks and dropout.
    public var draws: any Draws
    /// i / (E·n) for iteration i of n bags a pass and E epochs; from 0, below 1. Schedules inside a model go by it.
    public var progress: Double
    /// Whether the same pass follows once more and this one leaves nothing behind.
    var isRehearsal = false

    public init(draws: any Draws, progress: Double = 0) {
        self.draws = draws
        self.progress = progress
    }
}

/// A multiple-instance model: from the features `[N, D_in]` of one bag to logits and attention.
public protocol MILModel {
    /// Everything a checkpoint holds, in a fixed order.
    var parameters: [Parameter] { get }

    /// Those of `parameters` that an optimiser moves.
    var trainable: [Parameter] { get }

    /// The test-time pass: the whole bag, nothing random.
    func callAsFunction(_ features: Tensor) throws -> BagOutput

    /// The test-time pass with all that heatmaps show, which may cost more than the logits.
    func mapped(_ features: Tensor) throws -> BagOutput

    /// The training pass with its masks and dropout.
    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss

    /// What the model itself does after the optimiser's step, such as moving a teacher.
    func finish(_ step: TrainingStep) throws
}

extension MILModel {
    public var trainable: [Parameter] { parameters }

    public func mapped(_ features: Tensor) throws -> BagOutput { try self(features) }

    public func finish(_ step: TrainingStep) {}
}

/// A model part of which only makes sense of classes.
protocol ClassAware: MILModel {
    /// Whether its outputs are the logits of classes.
    var asksClasses: Bool { get set }
}

/// A section of a config that a model is built from; that of every kind is one, which a test asks.
protocol BuildableModel: ModelSection {
    /// - Parameters:
    ///   - featureWidth: D_in.
    ///   - source: of the parameters: fresh ones or a checkpoint's.
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel
}

extension ModelConfig {
    /// Builds the model for features of `featureWidth` numbers.
    /// - Parameters:
    ///   - classes: numbers that it gives for a bag, of classes one for each.
    ///   - kind: what is asked of a bag.
    public func model(
        featureWidth: Int,
        classes: Int,
        kind: Target.Kind = .class,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws -> any MILModel {
        guard let section = section as? any BuildableModel else {
            throw Failure(.bug, nil, "no model is built from the section \(kind.rawValue)")
        }
        let model = try section.model(featureWidth: featureWidth, classes: classes, from: source, on: device)
        return model.asking(kind)
    }
}

extension MILModel {
    /// The same model where another kind of target is asked.
    func asking(_ kind: Target.Kind) -> any MILModel {
        guard kind != .class, var aware = self as? any ClassAware else { return self }
        aware.asksClasses = false
        return aware
    }
}
