public import Records
public import Torch

/// What a model says about one bag at test time.
public struct BagOutput {
    /// Bag logits `[1, C]`; their softmax is the prediction.
    public var logits: Tensor
    /// Attention before the softmax over instances, one row per branch: `[K, N]`; with several heads `[heads, K, N]`.
    public var attention: Tensor

    /// Attention of every branch, rows summing to 1: `[K, N]`. Of several heads it is the mean of their softmaxes.
    public func branchAttention() throws -> Tensor {
        guard attention.shape.count == 3 else { return try attention.softmax(dim: 1) }
        return try attention.softmax(dim: 2).mean(dim: 0)
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

    /// The training pass with its masks and dropout.
    func trainingLoss(_ features: Tensor, label: Int, _ step: TrainingStep) throws -> TrainingLoss

    /// What the model itself does after the optimiser's step, such as moving a teacher.
    func finish(_ step: TrainingStep) throws
}

extension MILModel {
    public var trainable: [Parameter] { parameters }

    public func finish(_ step: TrainingStep) {}
}

extension ModelConfig {
    /// Builds the model for features of `featureWidth` numbers and `classes` classes.
    public func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws -> any MILModel {
        switch self {
        case .abmil(let config):
            try ABMIL(config, featureWidth: featureWidth, classes: classes, from: source, on: device)
        case .acmil(let config):
            switch config.variant {
            case .ga: try ACMIL(config, featureWidth: featureWidth, classes: classes, from: source, on: device)
            case .mha:
                try MultiHeadACMIL(config, featureWidth: featureWidth, classes: classes, from: source, on: device)
            }
        case .pooling(let config):
            try InstancePooling(config, featureWidth: featureWidth, classes: classes, from: source, on: device)
        case .dsmil(let config):
            try DSMIL(config, featureWidth: featureWidth, classes: classes, from: source, on: device)
        }
    }
}
