public import Config
import Records
public import Torch

/// Attention-based MIL (Ilse, Tomczak and Welling, ICML 2018), in the shape of ACMIL's baseline: a linear layer without
/// bias and ReLU, one attention row, one linear classifier.
public struct ABMIL: MILModel {
    private let embedding: InstanceEmbedding
    private let attention: GatedAttention
    private let classifier: Linear

    public init(
        _ config: ABMILConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let width = config.hidden ?? ModelConfig.defaultHidden(featureWidth: featureWidth)
        embedding = InstanceEmbedding(
            try source.linear("dimreduction.fc1", inputs: featureWidth, outputs: width, bias: false, on: device),
            dropout: config.dropout
        )
        attention = try GatedAttention(
            inputs: width,
            hidden: config.attentionHidden,
            branches: 1,
            gated: config.gated,
            from: source,
            on: device
        )
        classifier = try source.linear("classifier.fc", inputs: width, outputs: classes, on: device)
    }

    public var parameters: [Parameter] { embedding.parameters + attention.parameters + classifier.parameters }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let (logits, bag) = try Blockwise.pooled(features) { block in
            let instances = try embedding(block, nil)
            return (try attention(instances, nil), instances)
        }
        return BagOutput(logits: try classifier(bag), attention: logits)
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let instances = try embedding(features, step.draws)
        let pooled = try instances.pooled(by: attention(instances, step.draws))
        let bag = try bagLoss(classifier(pooled), target)
        return TrainingLoss(total: bag, terms: [("bag", bag)])
    }
}

extension ABMILConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try ABMIL(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
