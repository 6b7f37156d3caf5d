public import Config
public import Records
public import Torch

/// Attention-based MIL (Ilse, Tomczak and Welling, ICML 2018), in the shape of ACMIL's baseline: a linear layer without
/// bias and ReLU, one attention row, one linear classifier.
public struct ABMIL: WeighedPooling {
    private let embedding: InstanceEmbedding
    private let attention: GatedAttention
    private let classifier: Linear
    private let divided: DividedOutputs

    /// - Parameter parts: targets with an attention each; empty: one for all outputs.
    public init(
        _ config: ABMILConfig,
        featureWidth: Int,
        classes: Int,
        parts: [Readout.Part] = [],
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let width = config.hidden ?? ModelConfig.defaultHidden(featureWidth: featureWidth)
        embedding = InstanceEmbedding(
            try source.linear("dimreduction.fc1", inputs: featureWidth, outputs: width, bias: false, on: device),
            dropout: config.dropout,
            reembedding: try config.reembedding.map {
                try RegionTransformer($0, width: width, from: source, on: device)
            }
        )
        attention = try GatedAttention(
            inputs: width,
            hidden: config.attentionHidden,
            branches: max(1, parts.count),
            gated: config.gated,
            from: source,
            on: device
        )
        classifier = try source.linear("classifier.fc", inputs: width, outputs: classes, on: device)
        divided = DividedOutputs(parts)
    }

    public var parameters: [Parameter] { embedding.parameters + attention.parameters + classifier.parameters }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let (rows, embedded) = try embedding.blockwise(features)
        let (logits, bag) = try Blockwise.pooled(rows) { block in
            let instances = try embedded(block)
            return (try attention(instances, nil), instances)
        }
        return try divided.output(classifier(bag), attention: logits)
    }

    func pool() throws -> BagPool? { try BagPool(embedding, attention, [classifier], mix: divided.mix) }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let instances = try embedding(features, step.draws)
        let logits = try attention(instances, step.draws)
        let pooled = try instances.pooled(by: logits)
        let bag = try bagLoss(divided(classifier(pooled)), target)
        return TrainingLoss(total: bag, terms: [("bag", bag)], attention: logits)
    }
}

extension ABMILConfig: DividedModel {
    func model(
        featureWidth: Int,
        classes: Int,
        parts: [Readout.Part],
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try ABMIL(self, featureWidth: featureWidth, classes: classes, parts: parts, from: source, on: device)
    }
}
