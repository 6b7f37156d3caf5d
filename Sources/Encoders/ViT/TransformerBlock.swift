import Config
import Torch

/// x + attention(norm(x)), then x + mlp(norm(x)); layer scales are multiplied into the weights before them.
struct TransformerBlock {
    private let attentionNorm, mlpNorm: FrozenNorm
    private let attention: SelfAttention
    private let mlp: TokenMLP

    init(
        _ name: String,
        _ architecture: ViTArchitecture,
        _ rotation: RotaryPositions?,
        _ weights: inout NamedWeights
    ) throws {
        let (width, epsilon) = (architecture.width, architecture.epsilon)
        attentionNorm = try FrozenNorm("\(name).norm1", width, epsilon, &weights)
        attention = try SelfAttention(name, architecture, rotation, &weights)
        mlpNorm = try FrozenNorm("\(name).norm2", width, epsilon, &weights)
        mlp = try TokenMLP(name, architecture, &weights)
    }

    /// - Parameters:
    ///   - tokens: [B, T, width]
    ///   - rows: how many of the first tokens are wanted; nil for all.
    func callAsFunction(_ tokens: Tensor, rows: Int? = nil) throws(TorchError) -> Tensor {
        let residual = try attention(attentionNorm(tokens), adding: tokens, rows: rows)
        return try mlp(mlpNorm(residual), adding: residual)
    }
}

/// Attention of every token to all, in several heads.
private struct SelfAttention {
    private let heads: Int
    private let qkv, projection: FrozenLinear
    /// Of queries and keys.
    private let norms: (queries: FrozenNorm, keys: FrozenNorm)?
    private let rotation: RotaryPositions?

    init(
        _ name: String,
        _ architecture: ViTArchitecture,
        _ rotation: RotaryPositions?,
        _ weights: inout NamedWeights
    ) throws {
        let width = architecture.width
        heads = architecture.heads
        self.rotation = rotation
        qkv = try weights.linear("\(name).attn.qkv", inputs: width, outputs: 3 * width)
        norms =
            try architecture.qkNorm
            ? (
                FrozenNorm("\(name).attn.q_norm", width / heads, architecture.epsilon, &weights),
                FrozenNorm("\(name).attn.k_norm", width / heads, architecture.epsilon, &weights)
            ) : nil
        projection = try weights.linear(
            "\(name).attn.proj",
            inputs: width,
            outputs: width,
            scale: architecture.layerScale ? "\(name).ls1.gamma" : nil
        )
    }

    /// - Parameters:
    ///   - tokens: [B, T, width]
    ///   - residual: what the result is added to, likewise.
    ///   - rows: how many of the first tokens are wanted; nil for all.
    func callAsFunction(_ tokens: Tensor, adding residual: Tensor, rows: Int?) throws(TorchError) -> Tensor {
        let (count, length, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
        let joint = try qkv(tokens).reshape([count, length, 3, heads, width / heads]).permute([2, 0, 3, 1, 4])
        var queries = try joint.select(dim: 0, index: 0)
        var keys = try joint.select(dim: 0, index: 1)
        if let norms { (queries, keys) = (try norms.queries(queries), try norms.keys(keys)) }
        if let rotation { (queries, keys) = (try rotation(queries), try rotation(keys)) }
        var residual = residual
        if let rows {
            queries = try queries.narrow(dim: 2, start: 0, length: rows)
            residual = try residual.narrow(dim: 1, start: 0, length: rows).contiguous()
        }
        let mixed = try queries.attention(keys: keys, values: joint.select(dim: 0, index: 2))
        return try projection(mixed.transpose(1, 2).reshape([count, rows ?? length, width]), adding: residual)
    }
}

/// Two layers with an activation or a gate between them.
private struct TokenMLP {
    private let kind: ViTArchitecture.MLP
    private let expand, contract: FrozenLinear

    init(_ name: String, _ architecture: ViTArchitecture, _ weights: inout NamedWeights) throws {
        let (width, hidden) = (architecture.width, architecture.hidden)
        kind = architecture.mlp
        expand = try weights.linear("\(name).mlp.fc1", inputs: width, outputs: hidden)
        contract = try weights.linear(
            "\(name).mlp.fc2",
            inputs: kind == .swiglu ? hidden / 2 : hidden,
            outputs: width,
            scale: architecture.layerScale ? "\(name).ls2.gamma" : nil
        )
    }

    /// - Parameters:
    ///   - tokens: [B, T, width]
    ///   - residual: what the result is added to, likewise.
    func callAsFunction(_ tokens: Tensor, adding residual: Tensor) throws(TorchError) -> Tensor {
        try contract(inner(tokens), adding: residual)
    }

    /// The first layer and what follows it.
    private func inner(_ tokens: Tensor) throws(TorchError) -> Tensor {
        switch kind {
        case .gelu: return try expand(tokens, .gelu)
        case .quickGELU:
            let wide = try expand(tokens)
            return try wide * (wide * 1.702).sigmoid()
        case .swiglu:
            let joint = try expand(tokens)
            let half = joint.shape[2] / 2
            return try joint.narrow(dim: 2, start: 0, length: half).silu()
                * joint.narrow(dim: 2, start: half, length: half)
        }
    }
}
