public import Config
import Records
public import Torch

/// RRT-MIL (Tang et al., CVPR 2024): instances are embedded anew by a transformer of regions, then pooled by attention.
///
/// What heatmaps show is the pooling's attention to the re-embedded instances; each of these holds something of its region and of
/// others. Parameter names are those of the authors' checkpoints.
public struct RRT: WeighedPooling {
    private let embedding: InstanceEmbedding
    private let attention: GatedAttention
    private let predictor: Linear

    public init(
        _ config: RRTConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let width = config.hidden
        embedding = InstanceEmbedding(
            try source.xavierLinear("patch_to_emb.0", inputs: featureWidth, outputs: width, on: device),
            activation: config.activation,
            dropout: config.dropout,
            reembedding: try RegionTransformer(config.reembedding, width: width, from: source, on: device)
        )
        attention = try GatedAttention(
            unbiased: "pool_fn.attention",
            inputs: width,
            hidden: config.attentionHidden,
            activation: config.attentionActivation,
            gated: config.gated,
            from: source,
            on: device
        )
        predictor = try source.xavierLinear("predictor", inputs: width, outputs: classes, on: device)
    }

    public var parameters: [Parameter] { embedding.parameters + attention.parameters + predictor.parameters }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let instances = try embedding(features, nil)
        let logits = try attention(instances, nil)
        return BagOutput(logits: try predictor(instances.pooled(by: logits)), attention: logits)
    }

    func pool() throws -> BagPool? { try BagPool(embedding, attention, [predictor]) }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let instances = try embedding(features, step.draws)
        let logits = try attention(instances, step.draws)
        let pooled = try instances.pooled(by: logits)
        let bag = try bagLoss(predictor(pooled), target)
        return TrainingLoss(total: bag, terms: [("bag", bag)], attention: logits)
    }
}

extension RRTConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try RRT(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
