import Config
import Torch

/// How a block comes by its tokens.
enum SwinArrival {
    /// They stand in its order.
    case same
    /// Positions of its tokens among those before.
    case ordered(Tensor)
    /// Each is made of four.
    case merged(PatchMerging)
}

/// x + attention(norm(x)) within windows, then x + mlp(norm(x)).
struct SwinBlock {
    private let arrival: SwinArrival
    private let attentionNorm, mlpNorm: FrozenNorm
    private let attention: WindowAttention
    private let expand, contract: FrozenLinear

    /// - Parameter stage: from 0.
    init(
        _ name: String,
        _ architecture: SwinArchitecture,
        stage: Int,
        _ grid: WindowGrid,
        _ arrival: SwinArrival,
        _ weights: inout NamedWeights
    ) throws {
        let (width, epsilon) = (architecture.width(stage: stage), architecture.epsilon)
        self.arrival = arrival
        attentionNorm = try FrozenNorm("\(name).norm1", width, epsilon, &weights)
        attention = try WindowAttention("\(name).attn", width, heads: architecture.heads[stage], grid, &weights)
        mlpNorm = try FrozenNorm("\(name).norm2", width, epsilon, &weights)
        expand = try weights.linear("\(name).mlp.fc1", inputs: width, outputs: 4 * width)
        contract = try weights.linear("\(name).mlp.fc2", inputs: 4 * width, outputs: width)
    }

    /// Tokens in the order of the block before to tokens [B, T, width] in this one's.
    func callAsFunction(_ tokens: Tensor) throws(TorchError) -> Tensor {
        let own =
            switch arrival {
            case .same: tokens
            case .ordered(let positions): try tokens.indexSelect(dim: 1, positions)
            case .merged(let merging): try merging(tokens)
            }
        let residual = try attention(attentionNorm(own), adding: own)
        return try contract(expand(mlpNorm(residual), .gelu), adding: residual)
    }
}

/// Attention of every token to those of its window, in several heads, with a learned number for each distance.
private struct WindowAttention {
    private let windows: Int
    private let qkv, projection: FrozenLinear
    /// [1 or windows, heads, tokens, tokens]
    private let bias: Tensor

    init(_ name: String, _ width: Int, heads: Int, _ grid: WindowGrid, _ weights: inout NamedWeights) throws {
        windows = grid.windows
        let table = try weights.take(
            "\(name).relative_position_bias_table",
            [WindowGrid.distances(grid.window), heads]
        )
        bias = try weights.tensor(
            grid.bias(table, heads: heads),
            [grid.shift == 0 ? 1 : grid.windows, heads, grid.tokens, grid.tokens]
        )
        qkv = try weights.linear("\(name).qkv", inputs: width, outputs: 3 * width)
        projection = try weights.linear("\(name).proj", inputs: width, outputs: width)
    }

    /// - Parameters:
    ///   - tokens: [B, T, width], window by window.
    ///   - residual: what the result is added to, likewise.
    func callAsFunction(_ tokens: Tensor, adding residual: Tensor) throws(TorchError) -> Tensor {
        let (count, width) = (tokens.shape[0], tokens.shape[2])
        let (kinds, heads, length) = (bias.shape[0], bias.shape[1], bias.shape[2])
        let joint = try qkv(tokens).reshape([count * windows, length, 3, heads, width / heads])
            .permute([2, 0, 3, 1, 4])
        let repeated = try bias.expand([count * windows / kinds, kinds, heads, length, length])
            .reshape([count * windows, heads, length, length])
        let mixed = try joint.select(dim: 0, index: 0)
            .attention(keys: joint.select(dim: 0, index: 1), values: joint.select(dim: 0, index: 2), bias: repeated)
        return try projection(mixed.transpose(1, 2).reshape(tokens.shape), adding: residual)
    }
}

/// Four tokens beside each other become one of twice their width.
struct PatchMerging {
    /// Four positions for each token that comes of them.
    private let positions: Tensor
    private let norm: FrozenNorm
    private let reduction: FrozenLinear

    /// - Parameters:
    ///   - width: of the tokens before.
    ///   - order: the places of the tokens before.
    ///   - grid: of the tokens after.
    init(
        _ name: String,
        width: Int,
        epsilon: Double,
        from order: [Int],
        to grid: WindowGrid,
        _ weights: inout NamedWeights
    ) throws {
        let places = grid.order.flatMap { place in
            let corner = place / grid.side * 4 * grid.side + place % grid.side * 2
            // The upper left, the one below it, the one to its right, the one below that.
            return [corner, corner + 2 * grid.side, corner + 1, corner + 2 * grid.side + 1]
        }
        positions = try Tensor(indices: places.positions(in: order), on: weights.device)
        norm = try FrozenNorm("\(name).norm", 4 * width, epsilon, &weights)
        reduction = try weights.linear(
            "\(name).reduction",
            inputs: 4 * width,
            outputs: 2 * width,
            hasBias: false
        )
    }

    /// [B, 4 T, width] to [B, T, 2 width]
    func callAsFunction(_ tokens: Tensor) throws(TorchError) -> Tensor {
        let (count, length, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
        let four = try tokens.indexSelect(dim: 1, positions).reshape([count, length / 4, 4 * width])
        return try reduction(norm(four))
    }
}
