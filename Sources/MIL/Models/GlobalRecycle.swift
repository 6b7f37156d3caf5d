import Config
import Records
import Torch

/// MHIM-v2's global recycling network: a few slowly moving queries gather what the student's random split leaves over into
/// as many tokens (Tang et al., IJCV 2025).
///
/// The queries are no parameters of the optimiser: after each use they move a little towards what they have gathered.
struct GlobalRecycle {
    private let heads: Int
    private let headWidth: Int
    private let momentum: Double
    private let dropout: Double
    /// `[1, k, D]`
    let queries: Parameter
    private let norm: LayerNorm
    /// Keys' rows, then values' rows.
    private let keysAndValues: Linear
    private let query: Linear
    private let output: Linear
    private let kept = Kept()

    /// What the passes of one step have gathered.
    private final class Kept {
        var tokens: [Tensor] = []
    }

    init(_ config: MHIMConfig, from source: some ParameterSource, on device: Device) throws {
        let width = config.hidden
        (heads, headWidth) = (config.mergeHeads, config.mergeHeadWidth)
        (momentum, dropout) = (config.mergeMomentum, config.mergeDropout)
        let inner = heads * headWidth
        let shape = [1, config.mergeTokens, width]
        // The bound that vision transformers give to prompts for patches of 3 × 16 × 16 numbers.
        let bound = (6 / Double(3 * 16 * 16 + width)).squareRoot()
        let values = try source.values("merge.global_q_mm", shape: shape, .within(bound))
        queries = try Parameter("merge.global_q_mm", values, shape: shape, on: device)
        try queries.tensor.setRequiresGrad(false)
        norm = try source.layerNorm("merge.norm", width: width, epsilon: 1e-5, on: device)
        func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool) throws -> Linear {
            try source.xavierLinear("merge.attn.\(name)", inputs: inputs, outputs: outputs, bias: bias, on: device)
        }
        keysAndValues = try linear("to_kv", width, 2 * inner, bias: false)
        query = try linear("to_q", width, inner, bias: false)
        output = try linear("to_out.0", inner, width, bias: true)
    }

    var parameters: [Parameter] { [queries] + trainable }

    var trainable: [Parameter] { norm.parameters + [keysAndValues, query, output].flatMap(\.parameters) }

    /// Instances `[r, D]` → tokens `[k, D]` of fp32.
    ///
    /// The queries are few, so their product with the keys is folded into the keys' weights, and instances are pooled
    /// before the values': exact, as neither layer has a bias, and r × D × 2·heads·d less.
    func callAsFunction(_ instances: Tensor, _ draws: any Draws) throws -> Tensor {
        let (width, inner) = (instances.shape[1], heads * headWidth)
        // A copy: the queries may move before the backward pass reads what this pass has seen.
        let tokens = try queries.tensor.clone().reshape([-1, width])
        let count = tokens.shape[0]
        let rows = try norm(instances.to(.float32))
        func weights(_ start: Int) throws -> Tensor {
            try keysAndValues.weight.tensor.narrow(dim: 0, start: start, length: inner)
                .reshape([heads, headWidth, width])
        }
        let asked = try query(norm(tokens)).reshape([count, heads, headWidth]).transpose(0, 1)
        let folded = try asked.bmm(weights(0)).reshape([heads * count, width]) * (1 / Double(headWidth).squareRoot())
        let attention = try folded.matmul(rows.transpose(0, 1)).softmax(dim: 1)
            .dropout(dropout, "dropout.merge.attention", draws)
        let pooled = try attention.matmul(rows).reshape([heads, count, width])
        let gathered = try pooled.bmm(weights(inner).transpose(1, 2)).transpose(0, 1).reshape([count, inner])
        return try output(gathered).dropout(dropout, "dropout.merge", draws)
    }

    /// Keeps what was gathered until the step of several bags is at its end.
    func keep(_ tokens: Tensor) throws { kept.tokens.append(try tokens.detach()) }

    /// Moves as bag after bag of the step would have.
    func moveTowardsKept() throws {
        defer { kept.tokens = [] }
        for tokens in kept.tokens { try move(towards: tokens) }
    }

    /// g ← μ·g + (1 − μ)·y
    func move(towards tokens: Tensor) throws {
        try withoutGrad {
            try queries.tensor.scale(by: momentum)
            try queries.tensor.accumulate(tokens.reshape(queries.tensor.shape) * (1 - momentum))
        }
    }
}
