public import Config
import Records
public import Torch

/// ACMIL with gated attention (Zhang et al., "Attention-Challenging Multiple Instance Learning", ECCV 2024).
///
/// K branches share the reduced instances and the gated trunk; each attends on its own, has a classifier of its own and
/// is kept apart from the others by the diversity loss. The bag's classifier sees the mean of the branches' attention;
/// it alone decides at test time. No dropout anywhere. Parameter names are those of the authors' checkpoints.
public struct ACMIL: BranchModel, WeighedPooling {
    private let embedding: InstanceEmbedding
    private let attention: GatedAttention
    private let branchClassifiers: [Linear]
    private let bagClassifier: Linear
    private let masking: STKIM

    public init(
        _ config: ACMILConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let width = try config.width(featureWidth: featureWidth)
        embedding = InstanceEmbedding(
            try source.linear("dimreduction.fc1", inputs: featureWidth, outputs: width, bias: false, on: device),
            reembedding: try config.reembedding.map {
                try RegionTransformer($0, width: width, from: source, on: device)
            }
        )
        attention = try GatedAttention(
            inputs: width,
            hidden: config.attentionHidden,
            branches: config.branches,
            gated: true,
            from: source,
            on: device
        )
        branchClassifiers = try (0..<config.branches).map {
            try source.linear("classifier.\($0).fc", inputs: width, outputs: classes, on: device)
        }
        bagClassifier = try source.linear("Slide_classifier.fc", inputs: width, outputs: classes, on: device)
        masking = STKIM(instances: config.maskedPatches, drop: config.maskDrop)
    }

    public var parameters: [Parameter] {
        embedding.parameters + attention.parameters + branchClassifiers.flatMap(\.parameters) + bagClassifier.parameters
    }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let (rows, embedded) = try embedding.blockwise(features)
        let (logits, branches) = try Blockwise.pooled(rows) { block in
            let instances = try embedded(block)
            return (try attention(instances, nil), instances)
        }
        return BagOutput(logits: try bagLogits(branches), attention: logits)
    }

    func pool() throws -> BagPool? {
        let even = branchClassifiers.map { _ in 1 / Float(branchClassifiers.count) }
        let outputs = bagClassifier.weight.tensor.shape[0]
        return try BagPool(embedding, attention, [bagClassifier], mix: Array(repeating: even, count: outputs))
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        try forward(features, draws: step.draws).loss(target: target)
    }

    func forward(_ features: Tensor, draws: (any Draws)?) throws -> BranchPass {
        let instances = try embedding(features, draws)
        var logits = try attention(instances, draws)
        if let draws { logits = try masking(logits, draws) }
        let branches = try instances.pooled(by: logits)
        let branchLogits = try branchClassifiers.enumerated().map { branch, classifier in
            try classifier(branches.narrow(dim: 0, start: branch, length: 1))
        }
        return BranchPass(
            instances: instances,
            attention: logits,
            branchLogits: try Tensor.concatenated(branchLogits, dim: 0),
            bagLogits: try bagLogits(branches)
        )
    }

    /// What the branches have pooled `[K, D]` → `[1, C]`. Pooling by their mean attention is the mean of what they pool.
    private func bagLogits(_ branches: Tensor) throws -> Tensor {
        try bagClassifier(branches.mean(dim: 0, keep: true))
    }
}

extension ACMILConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        switch variant {
        case .ga: try ACMIL(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
        case .mha: try MultiHeadACMIL(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
        }
    }
}
