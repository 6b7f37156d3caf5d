public import Config
import Foundation
import Records
public import Torch

/// The baseline without attention: a small network gives every instance class logits, and the bag has their mean or, for
/// every class alone, their maximum.
///
/// What heatmaps show as attention, one row: for the mean 1/N everywhere; for the maximum the share of the classes whose
/// largest logit is the instance's, 0 for all instances that decide nothing.
public struct InstancePooling: WeighedPooling {
    private let kind: PoolingConfig.Kind
    private let embedding: InstanceEmbedding
    private let classifier: Linear

    public init(
        _ config: PoolingConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let width = config.hidden ?? ModelConfig.defaultHidden(featureWidth: featureWidth)
        kind = config.kind
        embedding = InstanceEmbedding(
            try source.xavierLinear("dimreduction.fc1", inputs: featureWidth, outputs: width, on: device),
            dropout: config.dropout,
            reembedding: try config.reembedding.map {
                try RegionTransformer($0, width: width, from: source, on: device)
            }
        )
        classifier = try source.xavierLinear("classifier.fc", inputs: width, outputs: classes, on: device)
    }

    public var parameters: [Parameter] { embedding.parameters + classifier.parameters }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let (rows, embedded) = try embedding.blockwise(features)
        let instances = try Blockwise.joined(rows, dim: 0) { try instanceLogits(embedded($0)) }
        return BagOutput(logits: try pooled(instances), attention: try attention(instances))
    }

    func pool() throws -> BagPool? { try kind == .mean ? BagPool(embedding, nil, [classifier]) : nil }

    /// Of the maximum an output is all its critical instance's.
    func contributions(_ features: Tensor) throws -> Contributions {
        let pool = try BagPool(embedding, nil, [classifier])
        guard kind == .max else { return try pool.contributions(features) }
        let scores = try embedding.pooled(features, by: nil, scoredBy: pool.weight).scores
        let critical = try scores.max(dim: 1).indices.int64s().map(Int.init)
        return try Contributions(all: critical, scores: scores, bias: pool.bias)
    }

    func alone(_ features: Tensor) throws -> Tensor? { try BagPool(embedding, nil, [classifier]).alone(features) }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let bag = try bagLoss(pooled(instanceLogits(embedding(features, step.draws))), target)
        return TrainingLoss(total: bag, terms: [("bag", bag)])
    }

    /// `[N, D]` → `[N, C]`
    private func instanceLogits(_ instances: Tensor) throws -> Tensor {
        try instances.scores(classifier.weight.tensor, classifier.bias?.tensor).transpose(0, 1)
    }

    private func pooled(_ instances: Tensor) throws -> Tensor {
        switch kind {
        case .mean: try instances.mean(dim: 0, keep: true)
        case .max: try instances.max(dim: 0, keep: true).values
        }
    }

    /// Logits `[1, N]` whose softmax is the attention.
    private func attention(_ instances: Tensor) throws -> Tensor {
        let count = instances.shape[0]
        guard kind == .max else { return try Tensor.zeros([1, count], on: instances.device) }
        // ln of the number of classes won; what won none is as if masked.
        var won = [Float](repeating: 0, count: count)
        for winner in try instances.max(dim: 0).indices.int64s() { won[Int(winner)] += 1 }
        let logits = won.map { $0 == 0 ? Float(STKIM.masked) : log($0) }
        return try Tensor(logits, shape: [1, count], on: instances.device)
    }
}

extension PoolingConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try InstancePooling(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
