import Config
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
        let isDropped = draws != nil && dropout > 0
        guard isDropped || activation == .gelu else {
            return try instances.attentionLogits(hidden, activation.ofTensors, gate: gate, branches: weights)
        }
        var factor = try instances.dense(
            hidden,
            activation.ofTensors,
            dropout: draws?.dropout(dropout, "dropout.attention")
        )
        if let gate {
            factor =
                try factor * instances.dense(gate, .sigmoid, dropout: draws?.dropout(dropout, "dropout.gate"))
        }
        return try factor.scores(weights.weight.tensor, weights.bias?.tensor)
    }
}

extension AttentionActivation {
    fileprivate var ofTensors: Tensor.Activation {
        switch self {
        case .relu: .relu
        case .gelu: .gelu
        case .tanh: .tanh
        }
    }
}
