import Config
import Storage
import Torch

/// A vision transformer (Dosovitskiy et al. 2021; `ViTArchitecture`) with timm's parameter names, for inference.
struct VisionTransformer: FrozenNetwork {
    private let architecture: ViTArchitecture
    /// Patches along a side.
    private let grid: Int
    private let dtype: DType
    private let embedding: FrozenLinear
    /// Class and register tokens with their positions [1, 1 + registers, width].
    private let prefix: Tensor
    /// [1, grid², width]
    private let positions: Tensor
    /// All but the last.
    private let blocks: [TransformerBlock]
    private let last: TransformerBlock
    private let norm: FrozenNorm

    /// - Parameter input: side of the images in pixels.
    /// - Throws: `EncoderError.unsuitable` naming the tensor that does not fit.
    init(_ architecture: ViTArchitecture, input: Int, _ weights: inout NamedWeights) throws {
        self.architecture = architecture
        grid = input / architecture.patch
        dtype = weights.dtype
        let (width, patch) = (architecture.width, architecture.patch)
        let patches = grid * grid
        let taps = 3 * patch * patch
        embedding = try FrozenLinear(
            weight: weights.tensor(weights.take("patch_embed.proj.weight", [width, 3, patch, patch]), [width, taps]),
            bias: weights.tensor(weights.take("patch_embed.proj.bias", [width]), [width])
        )
        var tokens = try weights.take("cls_token", [1, 1, width])
        if architecture.registerTokens > 0 {
            tokens += try weights.take("reg_token", [1, architecture.registerTokens, width])
        }
        let prefixCount = 1 + architecture.registerTokens
        let positioned = patches + (architecture.prefixPositions ? prefixCount : 0)
        var rows = try weights.take("pos_embed", [1, positioned, width])[...]
        if architecture.prefixPositions {
            tokens = zip(tokens, rows).map { $0 + $1 }
            rows = rows.dropFirst(prefixCount * width)
        }
        prefix = try weights.tensor(tokens, [1, prefixCount, width])
        positions = try weights.tensor(Array(rows), [1, patches, width])
        let final = architecture.depth - 1
        blocks = try (0..<final).map { try TransformerBlock("blocks.\($0)", architecture, &weights) }
        last = try TransformerBlock("blocks.\(final)", architecture, &weights)
        norm = try FrozenNorm("norm", architecture, &weights)
    }

    func forward(_ images: Tensor) throws(TorchError) -> Tensor {
        let (count, patch, width) = (images.shape[0], architecture.patch, architecture.width)
        let pixels = try images.to(dtype).reshape([count, 3, grid, patch, grid, patch])
            .permute([0, 2, 4, 1, 3, 5]).reshape([count, grid * grid, 3 * patch * patch])
        let prefixed = try prefix.expand([count, prefix.shape[1], width])
        var tokens = try Tensor.concatenated([prefixed, embedding(pixels) + positions], dim: 1)
        for block in blocks { tokens = try block(tokens) }
        switch architecture.pool {
        case .cls:
            // Only the class token leaves the last block: the others are its keys and values, no more.
            return try norm(last(tokens, rows: 1)).select(dim: 1, index: 0)
        case .clsMean:
            tokens = try norm(last(tokens)).to(.float32)
            let mean = try tokens.narrow(dim: 1, start: prefix.shape[1], length: grid * grid).mean(dim: 1)
            return try Tensor.concatenated([tokens.select(dim: 1, index: 0), mean], dim: -1)
        }
    }
}

/// x + attention(norm(x)), then x + mlp(norm(x)); layer scales are multiplied into the weights before them.
private struct TransformerBlock {
    private let heads: Int
    private let mlp: ViTArchitecture.MLP
    private let attentionNorm, mlpNorm: FrozenNorm
    private let qkv, projection, expand, contract: FrozenLinear

    init(_ name: String, _ architecture: ViTArchitecture, _ weights: inout NamedWeights) throws {
        let width = architecture.width
        heads = architecture.heads
        mlp = architecture.mlp
        func linear(_ layer: String, _ inputs: Int, _ outputs: Int, scale: String? = nil) throws -> FrozenLinear {
            var weight = try weights.take("\(name).\(layer).weight", [outputs, inputs])
            var bias = try weights.take("\(name).\(layer).bias", [outputs])
            if let scale, architecture.layerScale {
                let gamma = try weights.take("\(name).\(scale).gamma", [outputs])
                for output in 0..<outputs {
                    for input in 0..<inputs { weight[output * inputs + input] *= gamma[output] }
                    bias[output] *= gamma[output]
                }
            }
            return try FrozenLinear(
                weight: weights.tensor(weight, [outputs, inputs]),
                bias: weights.tensor(bias, [outputs])
            )
        }
        attentionNorm = try FrozenNorm("\(name).norm1", architecture, &weights)
        qkv = try linear("attn.qkv", width, 3 * width)
        projection = try linear("attn.proj", width, width, scale: "ls1")
        mlpNorm = try FrozenNorm("\(name).norm2", architecture, &weights)
        expand = try linear("mlp.fc1", width, architecture.hidden)
        let inner = mlp == .gelu ? architecture.hidden : architecture.hidden / 2
        contract = try linear("mlp.fc2", inner, width, scale: "ls2")
    }

    /// - Parameters:
    ///   - tokens: [B, T, width]
    ///   - rows: how many of the first tokens are wanted; nil for all.
    func callAsFunction(_ tokens: Tensor, rows: Int? = nil) throws(TorchError) -> Tensor {
        let (count, length, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
        let joint = try qkv(attentionNorm(tokens)).reshape([count, length, 3, heads, width / heads])
            .permute([2, 0, 3, 1, 4])
        var queries = try joint.select(dim: 0, index: 0)
        var residual = tokens
        if let rows {
            queries = try queries.narrow(dim: 2, start: 0, length: rows)
            residual = try tokens.narrow(dim: 1, start: 0, length: rows).contiguous()
        }
        let mixed = try queries.attention(
            keys: joint.select(dim: 0, index: 1),
            values: joint.select(dim: 0, index: 2)
        )
        residual = try projection(mixed.transpose(1, 2).reshape([count, rows ?? length, width]), adding: residual)
        return try contract(inner(mlpNorm(residual)), adding: residual)
    }

    /// The MLP's first layer and what follows it.
    private func inner(_ tokens: Tensor) throws(TorchError) -> Tensor {
        switch mlp {
        case .gelu: return try expand(tokens, .gelu)
        case .swiglu:
            let joint = try expand(tokens)
            let half = joint.shape[2] / 2
            return try joint.narrow(dim: 2, start: 0, length: half).silu()
                * joint.narrow(dim: 2, start: half, length: half)
        }
    }
}

/// Layer normalisation over the last dimension.
private struct FrozenNorm {
    private let weight, bias: Tensor
    private let epsilon: Double

    init(_ name: String, _ architecture: ViTArchitecture, _ weights: inout NamedWeights) throws {
        let width = architecture.width
        weight = try weights.tensor(weights.take("\(name).weight", [width]), [width])
        bias = try weights.tensor(weights.take("\(name).bias", [width]), [width])
        epsilon = architecture.epsilon
    }

    func callAsFunction(_ tokens: Tensor) throws(TorchError) -> Tensor {
        try tokens.layerNorm(weight.shape, weight: weight, bias: bias, epsilon: epsilon)
    }
}
