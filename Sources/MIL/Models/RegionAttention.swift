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

    /// Pairs of a head that are made at a time: enough for small sequences to be many, and so few that at test time of long ones no
    /// more than some are held.
    private static let pairs = 1 << 19

    /// Sequences `[S, n, D]` → what each has gathered, one below the other `[S · n, D]`.
    func callAsFunction(_ sequences: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let (count, length) = (sequences.shape[0], sequences.shape[1])
        let some = max(1, Self.pairs / (length * length))
        let parts = try stride(from: 0, to: count, by: some).map { start in
            try output(self.gathered(sequences.narrow(dim: 0, start: start, length: min(some, count - start))))
        }
        let gathered = parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, dim: 0)
        return try draws.map { try gathered.dropout(dropout, "dropout.\(name)", $0) } ?? gathered
    }

    /// `[S, n, D]` → `[S · n, heads · d]`
    private func gathered(_ tokens: Tensor) throws -> Tensor {
        let (count, length, inner) = (tokens.shape[0], tokens.shape[1], output.weight.tensor.shape[1])
        let width = inner / heads
        // [3, S, heads, n, d]
        let parts = try projection(tokens.reshape([count * length, -1])).reshape([count, length, 3, heads, width])
            .permute([2, 0, 3, 1, 4])
        func part(_ index: Int) throws -> Tensor {
            try parts.select(dim: 0, index: index).reshape([count * heads, length, width])
        }
        let queries = try part(0) * (1 / Double(width).squareRoot())
        var logits = try queries.bmm(part(1).transpose(1, 2))
        if let encoding {
            let (weight, bias) = (encoding.weight.tensor, encoding.bias.tensor)
            let near = try logits.reshape([count, heads, length, length]).conv2d(
                weight,
                bias,
                padding: (weight.shape[2] / 2, 0),
                groups: heads
            )
            logits = try logits + near.reshape([count * heads, length, length])
        }
        let mixed = try logits.softmax(dim: 2).bmm(part(2)).reshape([count, heads, length, width])
        return try mixed.transpose(1, 2).reshape([count * length, inner])
    }
}
