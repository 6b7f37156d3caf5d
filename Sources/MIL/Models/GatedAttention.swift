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

    /// Named as in ACMIL's and DTFD-MIL's checkpoints.
    /// - Parameter name: what stands before the layers' names.
    init(
        _ name: String = "attention",
        inputs: Int,
        hidden: Int,
        branches: Int,
        gated: Bool,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        func linear(_ part: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            try source.linear("\(name).attention_\(part)", inputs: inputs, outputs: outputs, on: device)
        }
        self.init(
            hidden: try linear("V.0", inputs, hidden),
            gate: gated ? try linear("U.0", inputs, hidden) : nil,
            weights: try linear("weights", hidden, branches)
        )
    }

    /// One branch of layers without bias, which begin with Xavier's weights; named as in MHIM's and RRT-MIL's checkpoints.
    /// - Parameter name: what stands before the layers' names.
    init(
        unbiased name: String,
        inputs: Int,
        hidden: Int,
        activation: AttentionActivation,
        gated: Bool,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        func layer(_ part: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            try source.xavierLinear("\(name).\(part)", inputs: inputs, outputs: outputs, bias: false, on: device)
        }
        self.init(
            hidden: try layer(gated ? "attention_a.0" : "attention.0", inputs, hidden),
            activation: activation,
            gate: gated ? try layer("attention_b.0", inputs, hidden) : nil,
            weights: try layer(gated ? "attention_c" : "attention.2", hidden, 1)
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
