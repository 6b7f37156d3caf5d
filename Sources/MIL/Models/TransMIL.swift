public import Config
import Records
public import Torch

/// TransMIL (Shao et al., NeurIPS 2021), as MHIM's authors compare with it: Nyström attention over all instances, which
/// fill a square before the class token joins them. Names are those of their checkpoints.
///
/// What heatmaps show is the class token's row of the first layer, the mean of its heads: a score, no distribution.
public struct TransMIL: MILModel {
    private let embedding: InstanceEmbedding
    private let transformer: NystromTransformer
    private let classifier: Linear

    public init(
        _ config: TransMILConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let width = config.hidden
        embedding = InstanceEmbedding(
            try source.xavierLinear("feature.0", inputs: featureWidth, outputs: width, on: device),
            activation: config.activation,
            dropout: config.dropout
        )
        transformer = try NystromTransformer(
            prefix: "",
            positionName: "pos_layer",
            minimumSide: 1,
            deviation: 1e-6,
            .init(
                width: width,
                heads: config.heads,
                landmarks: config.landmarks ?? width / 2,
                dropout: config.attentionDropout
            ),
            from: source,
            on: device
        )
        classifier = try source.xavierLinear("classifier", inputs: width, outputs: classes, on: device)
    }

    public var parameters: [Parameter] { embedding.parameters + transformer.parameters + classifier.parameters }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let isLarge = features.shape[0] > StreamedTransformer.threshold
        let pass = try isLarge ? streamed(features) : forward(features, draws: nil)
        let score = try pass.attention.mean(dim: 0, keep: true)
        return BagOutput(logits: pass.logits, attention: score, kind: .score, names: ["class_token"])
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let instances = try PPEG.squared(embedding(features, step.draws))
        let bag = try bagLoss(classifier(transformer(instances, step.draws).bag), target)
        return TrainingLoss(total: bag, terms: [("bag", bag)])
    }

    /// The test-time pass without holding all tokens at once.
    func streamed(_ features: Tensor, block: Int = 2048) throws -> (logits: Tensor, attention: Tensor) {
        let count = features.shape[0]
        let side = PPEG.side(of: count)
        func embedded(_ range: Range<Int>) throws -> Tensor {
            try embedding(features.narrow(dim: 0, start: range.lowerBound, length: range.count), nil).to(.float32)
        }
        // Behind the last instance the square is filled with the first ones.
        let stream = StreamedTransformer(
            transformer: transformer,
            count: side * side,
            tokens: { range in
                let (own, again) = (range.clamped(to: 0..<count), range.clamped(to: count..<max(count, side * side)))
                guard !again.isEmpty else { return try embedded(own) }
                let filling = try embedded((again.lowerBound - count)..<(again.upperBound - count))
                return own.isEmpty ? filling : try Tensor.concatenated([embedded(own), filling], dim: 0)
            },
            block: block
        )
        let (bag, attention) = try stream(scoring: 1)
        return (try classifier(bag), try attention.narrow(dim: 1, start: 0, length: count))
    }

    /// Logits `[1, C]` and the class token's attention `[heads, N]`, without that to tokens that only fill the square.
    func forward(_ features: Tensor, draws: (any Draws)?) throws -> (logits: Tensor, attention: Tensor) {
        let pass = try transformer(PPEG.squared(embedding(features, draws)), draws)
        let attention = try pass.first.classAttention().narrow(dim: 1, start: 0, length: features.shape[0])
        return (try classifier(pass.bag), attention)
    }
}

extension TransMILConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try TransMIL(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
