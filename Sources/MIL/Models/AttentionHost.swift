import Config
import Records
import Torch

/// ABMIL as MHIM hosts it (Tang et al., ICCV 2023): the attention's two layers have no bias, and ReLU between them.
/// Names are those of MHIM's checkpoints.
struct AttentionHost: MHIMHost, WeighedPooling {
    struct Pass: HostPass {
        /// `[N, D]`
        var tokens: Tensor
        /// Before the softmax, `[1, N]`.
        var attention: Tensor
        var bag: Tensor
        var logits: Tensor
    }

    var asksClasses = true
    /// Of several targets the outputs of the first, by which instances are scored; nil: all.
    private var mainOutputs: Int?
    let embedding: InstanceEmbedding
    private let attention: GatedAttention
    private let predictor: Linear

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
        attention = try GatedAttention(
            unbiased: "online_encoder.attention",
            inputs: width,
            hidden: config.attentionHidden,
            activation: config.attentionActivation,
            gated: config.gated,
            from: source,
            on: device
        )
        predictor = try source.xavierLinear("predictor", inputs: width, outputs: classes, on: device)
    }

    mutating func ask(mainOutputs: Int, areClasses: Bool) {
        (self.mainOutputs, asksClasses) = (mainOutputs, areClasses)
    }

    var parameters: [Parameter] { embedding.parameters + attention.parameters + predictor.parameters }

    func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let (logits, bag) = try Blockwise.pooled(features) { block in
            let tokens = try embedding(block, nil)
            return (try attention(tokens, nil), tokens)
        }
        return BagOutput(logits: try predictor(bag), attention: logits)
    }

    func pool() throws -> BagPool? { try BagPool(embedding, attention, [predictor]) }

    func encode(_ tokens: Tensor, _ draws: (any Draws)?) throws -> Pass {
        let logits = try attention(tokens, draws)
        let bag = try tokens.pooled(by: logits)
        return Pass(tokens: tokens, attention: logits, bag: bag, logits: try predictor(bag))
    }

    func score(_ pass: Pass, byClass: Bool, _ draws: (any Draws)?) throws -> InstanceScore {
        let attention = try pass.attention.softmax(dim: 1)
        guard byClass else { return .rows(attention) }
        // What an instance adds to the bag's logits. The bias, equal for all classes there, would only round it.
        let contributions = try (attention * pass.tokens.scores(predictor.weight.tensor)).transpose(0, 1)
        let scored = try mainOutputs.map { try contributions.narrow(dim: 1, start: 0, length: $0) } ?? contributions
        return asksClasses ? .classes(scored) : .outputs(scored)
    }
}
