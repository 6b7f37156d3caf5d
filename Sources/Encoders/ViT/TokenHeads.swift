import Config
import Torch

/// Attention of one learned query to all tokens (`AttentionPoolArchitecture`).
struct AttentionPool {
    /// Of its normalisations, as PyTorch has it without being asked.
    private static let epsilon = 1e-5

    private let keyNorm, norm: FrozenNorm
    private let keysAndValues, projection: FrozenLinear
    /// [1, heads, 1, numbers of a head]: does not depend on the image.
    private let query: Tensor

    /// - Parameter inputs: numbers of a token.
    init(_ architecture: AttentionPoolArchitecture, inputs: Int, _ weights: inout NamedWeights) throws {
        let (width, heads, name) = (architecture.width, architecture.heads, "attn_pool")
        let scale = try weights.take("\(name).norm_q.weight", [width])
        let shift = try weights.take("\(name).norm_q.bias", [width])
        let learned = try Tensor(weights.take("\(name).query", [1, width]), shape: [1, width])
            .layerNorm(
                [width],
                weight: Tensor(scale, shape: [width]),
                bias: Tensor(shift, shape: [width]),
                epsilon: Self.epsilon
            ).linear(
                Tensor(weights.take("\(name).q.weight", [width, width]), shape: [width, width]),
                Tensor(weights.take("\(name).q.bias", [width]), shape: [width])
            )
        query = try weights.tensor(learned.floats(), [1, heads, 1, width / heads])
        keyNorm = try FrozenNorm("\(name).norm_k", inputs, Self.epsilon, &weights)
        keysAndValues = try weights.linear("\(name).kv", inputs: inputs, outputs: 2 * width)
        projection = try weights.linear("\(name).proj", inputs: width, outputs: width)
        norm = try FrozenNorm("\(name).norm", width, Self.epsilon, &weights)
    }

    /// [B, T, inputs] to [B, width].
    func callAsFunction(_ tokens: Tensor) throws(TorchError) -> Tensor {
        let (count, length) = (tokens.shape[0], tokens.shape[1])
        let (heads, size) = (query.shape[1], query.shape[3])
        let joint = try keysAndValues(keyNorm(tokens)).reshape([count, length, 2, heads, size])
            .permute([2, 0, 3, 1, 4])
        let mixed = try query.expand([count, heads, 1, size])
            .attention(keys: joint.select(dim: 0, index: 0), values: joint.select(dim: 0, index: 1))
        return try norm(projection(mixed.reshape([count, heads * size])))
    }
}

/// What the pooled token goes through last (`ProjectionArchitecture`).
struct TokenProjection {
    private let first: FrozenLinear?
    private let last: FrozenLinear
    private let normalises: Bool

    init(_ architecture: ProjectionArchitecture, inputs: Int, _ weights: inout NamedWeights) throws {
        normalises = architecture.normalised
        if let hidden = architecture.hidden {
            first = try weights.linear("projection.fc1", inputs: inputs, outputs: hidden)
            last = try weights.linear("projection.fc2", inputs: hidden, outputs: architecture.dim)
        } else {
            first = nil
            last = try weights.linear("projection", inputs: inputs, outputs: architecture.dim, hasBias: false)
        }
    }

    /// [B, inputs] to fp32 [B, dim].
    func callAsFunction(_ pooled: Tensor) throws(TorchError) -> Tensor {
        let inner = if let first { try first(pooled, .gelu) } else { pooled }
        let features = try last(inner).to(.float32)
        guard normalises else { return features }
        return try features / features.square().sum(dim: -1, keep: true).sqrt().clampMin(1e-12)
    }
}
