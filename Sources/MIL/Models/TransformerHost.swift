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

    var parameters: [Parameter] { embedding.parameters + transformer.parameters + predictor.parameters }

    func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let pass = try encode(embedding(features, nil), nil)
        let score = try classAttention(pass).mean(dim: 0, keep: true)
        return BagOutput(logits: pass.logits, attention: score, kind: .score, names: ["class_token"])
    }

    func encode(_ tokens: Tensor, _ draws: (any Draws)?) throws -> Pass {
        let pass = try transformer(tokens, draws)
        return Pass(transformer: pass, logits: try predictor(pass.bag))
    }

    func score(_ pass: Pass, byClass: Bool, _ draws: (any Draws)?) throws -> InstanceScore {
        guard byClass else { return .rows(try classAttention(pass)) }
        return .classes(try transformer.contributions(pass.transformer, draws).linear(predictor.weight.tensor))
    }

    /// `[heads, N]`
    private func classAttention(_ pass: Pass) throws -> Tensor {
        try (attentionLayer == 1 ? pass.transformer.first : pass.transformer.second).classAttention()
    }
}
