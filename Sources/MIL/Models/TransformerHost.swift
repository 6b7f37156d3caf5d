import Config
import Records
import Torch

/// TransMIL as MHIM hosts it (Tang et al., ICCV 2023): the square is filled behind the first attention layer only, and is
/// never smaller than 7 × 7. Names are those of MHIM's checkpoints.
struct TransformerHost: MHIMHost {
    struct Pass: HostPass {
        var transformer: NystromTransformer.Pass
        var logits: Tensor

        var bag: Tensor { transformer.bag }
    }

    var asksClasses = true
    /// Of several targets the outputs of the first, by which instances are scored; nil: all.
    private var mainOutputs: Int?
    let embedding: InstanceEmbedding
    private let transformer: NystromTransformer
    private let predictor: Linear
    private let attentionLayer: Int

    init(
        _ config: MHIMConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        let width = config.hidden
        embedding = InstanceEmbedding(
            try source.xavierLinear("feature.0", inputs: featureWidth, outputs: width, on: device),
            activation: config.activation,
            dropout: config.dropout
        )
        transformer = try NystromTransformer(
            prefix: "online_encoder.",
            positionName: "pos_embedding",
            minimumSide: 7,
            deviation: 1,
            .init(
                width: width,
                heads: config.heads,
                landmarks: config.landmarks ?? width / 2,
                dropout: config.attentionDropout
            ),
            from: source,
            on: device
        )
        predictor = try source.xavierLinear("predictor", inputs: width, outputs: classes, on: device)
        attentionLayer = config.attentionLayer
    }

    mutating func ask(mainOutputs: Int, areClasses: Bool) {
        (self.mainOutputs, asksClasses) = (mainOutputs, areClasses)
    }

    var parameters: [Parameter] { embedding.parameters + transformer.parameters + predictor.parameters }

    func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let isLarge = features.shape[0] > StreamedTransformer.threshold
        let (logits, attention) = try isLarge ? streamed(features) : whole(features)
        let score = try attention.mean(dim: 0, keep: true)
        return BagOutput(logits: logits, attention: score, kind: .score, names: ["class_token"])
    }

    /// Logits `[1, C]` and the class token's attention `[heads, N]`.
    func whole(_ features: Tensor) throws -> (logits: Tensor, attention: Tensor) {
        let pass = try encode(embedding(features, nil), nil)
        return (pass.logits, try classAttention(pass))
    }

    /// The same without holding all tokens at once.
    func streamed(_ features: Tensor, block: Int = 2048) throws -> (logits: Tensor, attention: Tensor) {
        let stream = StreamedTransformer(
            transformer: transformer,
            count: features.shape[0],
            tokens: {
                try embedding(features.narrow(dim: 0, start: $0.lowerBound, length: $0.count), nil).to(.float32)
            },
            block: block
        )
        let (bag, attention) = try stream(scoring: attentionLayer)
        return (try predictor(bag), attention)
    }

    func encode(_ tokens: Tensor, _ draws: (any Draws)?) throws -> Pass {
        let pass = try transformer(tokens, draws)
        return Pass(transformer: pass, logits: try predictor(pass.bag))
    }

    func score(_ pass: Pass, byClass: Bool, _ draws: (any Draws)?) throws -> InstanceScore {
        guard byClass else { return .rows(try classAttention(pass)) }
        let contributions = try transformer.contributions(pass.transformer, draws).linear(predictor.weight.tensor)
        let scored = try mainOutputs.map { try contributions.narrow(dim: 1, start: 0, length: $0) } ?? contributions
        return asksClasses ? .classes(scored) : .outputs(scored)
    }

    /// `[heads, N]`
    private func classAttention(_ pass: Pass) throws -> Tensor {
        try (attentionLayer == 1 ? pass.transformer.first : pass.transformer.second).classAttention()
    }
}
