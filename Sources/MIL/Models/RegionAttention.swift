import Torch

/// Multi-head self-attention over a sequence, with a position encoding of the attention itself where there are taps: a convolution
/// of every head's logits along the queries, added to them (EPEG of RRT-MIL; Tang et al., CVPR 2024).
struct RegionAttention {
    private let name: String
    private let heads: Int
    private let projection, output: Linear
    /// `[heads, 1, taps, 1]` and its bias.
    private let encoding: (weight: Parameter, bias: Parameter)?
    private let dropout: Double

    init(
        _ name: String,
        width: Int,
        heads: Int,
        taps: Int?,
        dropout: Double,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        (self.name, self.heads, self.dropout) = (name, heads, dropout)
        let inner = heads * max(1, width / heads)
        projection = try source.xavierLinear("\(name).qkv", inputs: width, outputs: 3 * inner, on: device)
        output = try source.xavierLinear("\(name).proj", inputs: inner, outputs: width, on: device)
        encoding = try taps.map { taps in
            let (shape, deviation) = ([heads, 1, taps, 1], (2 / Double(taps + heads * taps)).squareRoot())
            let weight = try source.values("\(name).pe.weight", shape: shape, .normal(deviation: deviation))
            let bias = try source.values("\(name).pe.bias", shape: [heads], .constant(0))
            return (
                try Parameter("\(name).pe.weight", weight, shape: shape, on: device),
                try Parameter("\(name).pe.bias", bias, shape: [heads], on: device)
            )
        }
    }

    var parameters: [Parameter] {
        projection.parameters + output.parameters + (encoding.map { [$0.weight, $0.bias] } ?? [])
    }

    /// Sequences `[n, D]` of one length → what each has gathered, one below the other. One at a time, so that at test time no more
    /// than one sequence's pairs are held.
    func callAsFunction(_ sequences: [Tensor], _ draws: (any Draws)?) throws -> Tensor {
        let gathered = try Tensor.concatenated(sequences.map { try output(self.gathered($0)) }, dim: 0)
        return try draws.map { try gathered.dropout(dropout, "dropout.\(name)", $0) } ?? gathered
    }

    /// `[n, D]` → `[n, heads · d]`
    private func gathered(_ tokens: Tensor) throws -> Tensor {
        let (count, inner) = (tokens.shape[0], output.weight.tensor.shape[1])
        let width = inner / heads
        let parts = try projection(tokens).reshape([count, 3, heads, width]).permute([1, 2, 0, 3])
        let queries = try parts.select(dim: 0, index: 0) * (1 / Double(width).squareRoot())
        var logits = try queries.bmm(parts.select(dim: 0, index: 1).transpose(1, 2))
        if let encoding {
            let (weight, bias) = (encoding.weight.tensor, encoding.bias.tensor)
            let near = try logits.unsqueeze(0).conv2d(
                weight,
                bias,
                padding: (weight.shape[2] / 2, 0),
                groups: heads
            )
            logits = try logits + near.squeeze(0)
        }
        let mixed = try logits.softmax(dim: 2).bmm(parts.select(dim: 0, index: 2))
        return try mixed.transpose(0, 1).reshape([count, inner])
    }
}
