import Records
import Torch

/// Attention logits of instances: wᵀ(tanh(V h) ⊙ sigmoid(U h)) for every branch (Ilse et al. 2018, equations 8 and 9).
///
/// V and U are shared by the branches; a branch is one row of w.
struct GatedAttention {
    private let hidden: Linear
    private let activation: AttentionActivation
    private let gate: Linear?
    private let weights: Linear
    private let dropout: Double

    /// - Parameters:
    ///   - activation: what follows V.
    ///   - dropout: share of either factor set to zero in training.
    init(
        hidden: Linear,
        activation: AttentionActivation = .tanh,
        gate: Linear?,
        weights: Linear,
        dropout: Double = 0
    ) {
        self.hidden = hidden
        self.activation = activation
        self.gate = gate
        self.weights = weights
        self.dropout = dropout
    }

    /// Named as in ACMIL's checkpoints.
    init(
        inputs: Int,
        hidden: Int,
        branches: Int,
        gated: Bool,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        self.init(
            hidden: try source.linear("attention.attention_V.0", inputs: inputs, outputs: hidden, on: device),
            gate: gated
                ? try source.linear("attention.attention_U.0", inputs: inputs, outputs: hidden, on: device) : nil,
            weights: try source.linear("attention.attention_weights", inputs: hidden, outputs: branches, on: device)
        )
    }

    var parameters: [Parameter] { hidden.parameters + (gate?.parameters ?? []) + weights.parameters }

    /// Instances `[N, D]` → logits `[K, N]`.
    /// - Parameter draws: nil at test time, when nothing is dropped.
    func callAsFunction(_ instances: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let linear = try hidden(instances)
        var factor =
            switch activation {
            case .relu: try linear.relu()
            case .gelu: try linear.gelu()
            case .tanh: try linear.tanh()
            }
        if let draws { factor = try factor.dropout(dropout, "dropout.attention", draws) }
        if let gate {
            var other = try gate(instances).sigmoid()
            if let draws { other = try other.dropout(dropout, "dropout.gate", draws) }
            factor = try factor * other
        }
        return try weights(factor).transpose(0, 1)
    }
}
