public import Records
public import Torch

/// Dual-stream MIL (Li, Li and Eliceiri, CVPR 2021), the host of MHIM (Tang et al., ICCV 2023).
///
/// One stream classifies every instance and takes each class's largest logit; where it stands is the class's critical
/// instance. The other attends to the instances by their likeness to the critical ones, and classifies the bag from what
/// it gathers for all classes. A prediction is the mean of both streams' probabilities. Parameter names are those of
/// MHIM's checkpoints, less its `predictor`, which nothing uses with this host.
public struct DSMIL: MILModel {
    private let embedding: InstanceEmbedding
    private let instanceClassifier: Linear
    private let query: (first: Linear, second: Linear)
    private let value: Linear
    private let bagWeight: Parameter
    private let bagBias: Parameter

    public init(
        _ config: DSMILConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let (width, queryWidth) = (config.hidden, config.attentionHidden)
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            try source.xavierLinear(name, inputs: inputs, outputs: outputs, on: device)
        }
        embedding = InstanceEmbedding(
            try linear("feature.0", featureWidth, width),
            activation: config.activation,
            dropout: config.dropout
        )
        instanceClassifier = try linear("online_encoder.i_classifier.0", width, classes)
        query = (
            try linear("online_encoder.b_classifier.q.0", width, queryWidth),
            try linear("online_encoder.b_classifier.q.2", queryWidth, queryWidth)
        )
        value = try linear("online_encoder.b_classifier.v.1", width, width)
        // A convolution as wide as its input; such keep LibTorch's own beginning.
        func convolution(_ part: String, shape: [Int]) throws -> Parameter {
            let name = "online_encoder.b_classifier.fcc.\(part)"
            let values = try source.values(name, shape: shape, .uniform(fanIn: classes * width))
            return try Parameter(name, values, shape: shape, on: device)
        }
        bagWeight = try convolution("weight", shape: [classes, classes, width])
        bagBias = try convolution("bias", shape: [classes])
    }

    public var parameters: [Parameter] {
        embedding.parameters + [instanceClassifier, query.first, query.second, value].flatMap(\.parameters)
            + [bagWeight, bagBias]
    }

    /// The logits are logarithms of the mean probability of both streams; attention has one row per class.
    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let pass = try forward(features, draws: nil)
        let streams = try Tensor.concatenated([pass.bagLogits, pass.maxLogits], dim: 0).logSoftmax(dim: 1)
        let largest = try streams.max(dim: 0, keep: true).values
        let mean = try (streams - largest).exp().mean(dim: 0, keep: true)
        return BagOutput(logits: try mean.log() + largest, attention: pass.attention)
    }

    /// The mean of both streams' cross-entropies.
    public func trainingLoss(_ features: Tensor, label: Int, _ step: TrainingStep) throws -> TrainingLoss {
        let pass = try forward(features, draws: step.draws)
        let bag = try 0.5 * crossEntropy(pass.bagLogits, label: label)
        let max = try 0.5 * crossEntropy(pass.maxLogits, label: label)
        return TrainingLoss(total: try bag + max, terms: [("bag", bag), ("max", max)])
    }

    /// One pass; with draws it drops as in training.
    struct Pass {
        /// `[N, C]`
        var instanceLogits: Tensor
        /// Likeness to the critical instance of every class `[C, N]`, before the softmax over instances.
        var attention: Tensor
        /// What is gathered for every class `[C, D]`.
        var bags: Tensor
        /// `[1, C]`
        var bagLogits: Tensor
        /// The critical instances' own `[1, C]`.
        var maxLogits: Tensor
    }

    func forward(_ features: Tensor, draws: (any Draws)?) throws -> Pass {
        let instances = try embedding(features, draws)
        let classifier = instanceClassifier
        let instanceLogits = try instances.scores(classifier.weight.tensor, classifier.bias?.tensor).transpose(0, 1)
        // Not `max`, whose choice among equal logits is the device's own: the first is meant.
        let critical = try instanceLogits.argsort(dim: 0, descending: true).narrow(dim: 0, start: 0, length: 1)
        let queries = try instances.dense(query.first, .relu).dense(query.second, .tanh)
        let criticalQueries = try queries.indexSelect(dim: 0, critical.reshape([-1]))
        let scale = Double(queries.shape[1]).squareRoot()
        let attention = try queries.scores(criticalQueries) / scale
        let bags = try instances.dense(value, .relu).pooled(by: attention)
        let bagLogits = try bags.unsqueeze(0).conv1d(bagWeight.tensor, bagBias.tensor)
        return Pass(
            instanceLogits: instanceLogits,
            attention: attention,
            bags: bags,
            bagLogits: try bagLogits.reshape([1, -1]),
            maxLogits: try instanceLogits.gather(dim: 0, critical)
        )
    }
}
