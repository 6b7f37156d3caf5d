public import Config
import Records
public import Torch

/// WiKG (Li et al., CVPR 2024): instances are the nodes of a graph that follows from the bag; each gathers what its neighbours hold, and
/// the bag is what all have become, pooled.
///
/// What heatmaps show is the pooling's attention to instances that have gathered, each of which holds something of its neighbours; of
/// the mean 1/N everywhere. Parameter names are those of the authors' checkpoints, less the three layers `gate_*`, which their model has
/// and does not use.
public struct WiKG: MILModel {
    private let graph: InstanceGraph
    private let norm: LayerNorm
    private let classifier: Linear

    public init(
        _ config: WiKGConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        graph = try InstanceGraph(config, featureWidth: featureWidth, from: source, on: device)
        norm = try source.layerNorm("norm", width: config.hidden, epsilon: 1e-5, on: device)
        classifier = try source.linear("fc", inputs: config.hidden, outputs: classes, on: device)
    }

    public var parameters: [Parameter] { graph.parameters + norm.parameters + classifier.parameters }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let pass = try graph(features, nil)
        return BagOutput(logits: try classifier(norm(pass.bag)), attention: pass.attention)
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let pass = try graph(features, step.draws)
        let bag = try bagLoss(classifier(norm(pass.bag)), target)
        return TrainingLoss(total: bag, terms: [("bag", bag)], attention: pass.attention)
    }
}

extension WiKGConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try WiKG(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
