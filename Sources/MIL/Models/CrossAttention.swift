import Torch

/// The query side of one branch's cross-attention: `heads` logits per instance from one learned query.
///
/// The query is one row, so its product with the keys H·Wkᵀ is folded into the key's weights: per head, the logits are
/// H·(q·Wk)ᵀ. That is exact, and spares a product of N × D × D.
struct QueryAttention {
    private let heads: Int
    private let query: Linear
    private let key: Linear

    init(_ name: String, width: Int, heads: Int, from source: some ParameterSource, on device: Device) throws {
        self.heads = heads
        query = try source.linear("\(name).q_proj", inputs: width, outputs: width, on: device)
        key = try source.linear("\(name).k_proj", inputs: width, outputs: width, on: device)
    }

    var parameters: [Parameter] { query.parameters + key.parameters }

    /// A query `[1, D]` → weights `[heads, D]` and biases `[heads]` of the linear layer from instances to logits.
    func folded(_ token: Tensor) throws -> (weight: Tensor, bias: Tensor?) {
        let width = token.shape[1]
        let part = width / heads
        let rows = try query(token).reshape([heads, 1, part]) * (1 / Double(part).squareRoot())
        let weight = try rows.bmm(key.weight.tensor.reshape([heads, part, width])).reshape([heads, width])
        let bias = try key.bias.map { try rows.bmm($0.tensor.reshape([heads, part, 1])).reshape([heads]) }
        return (weight, bias)
    }
}

/// The value side of a cross-attention: what every head has pooled → one feature, normalised without a residual.
///
/// Rows of attention sum to 1, so instances are pooled before the value's projection: exact, and N × D × D less.
struct ValuePooling {
    private let name: String
    private let heads: Int
    private let dropout: Double
    private let value: Linear
    private let output: Linear
    private let norm: LayerNorm

    init(
        _ name: String,
        width: Int,
        heads: Int,
        dropout: Double,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        self.name = name
        self.heads = heads
        self.dropout = dropout
        value = try source.linear("\(name).v_proj", inputs: width, outputs: width, on: device)
        output = try source.linear("\(name).out_proj", inputs: width, outputs: width, on: device)
        norm = try source.layerNorm("\(name).layer_norm", width: width, epsilon: 1e-6, on: device)
    }

    var parameters: [Parameter] { value.parameters + output.parameters + norm.parameters }

    /// Instances pooled by every head `[heads, D]` → `[1, D]`.
    func callAsFunction(_ pooled: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let width = pooled.shape[1]
        let weights = try value.weight.tensor.reshape([heads, width / heads, width])
        var feature = try weights.bmm(pooled.unsqueeze(2)).reshape([1, width])
        if let bias = value.bias { feature = try feature + bias.tensor }
        feature = try output(feature)
        if let draws { feature = try feature.dropout(dropout, "dropout.\(name)", draws) }
        return try norm(feature)
    }
}
