import Torch

/// Attention logits of instances: wᵀ(tanh(V h) ⊙ sigmoid(U h)) for every branch (Ilse et al. 2018, equations 8 and 9).
///
/// V and U are shared by the branches; a branch is one row of w. Named as in ACMIL's checkpoints.
struct GatedAttention {
    private let tanhLayer: Linear
    private let gate: Linear?
    private let weights: Linear

    init(
        inputs: Int,
        hidden: Int,
        branches: Int,
        gated: Bool,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        tanhLayer = try source.linear("attention.attention_V.0", inputs: inputs, outputs: hidden, on: device)
        gate = gated ? try source.linear("attention.attention_U.0", inputs: inputs, outputs: hidden, on: device) : nil
        weights = try source.linear("attention.attention_weights", inputs: hidden, outputs: branches, on: device)
    }

    var parameters: [Parameter] { tanhLayer.parameters + (gate?.parameters ?? []) + weights.parameters }

    /// Instances `[N, D]` → logits `[K, N]`.
    func callAsFunction(_ instances: Tensor) throws -> Tensor {
        try instances.attentionLogits(tanhLayer, .tanh, gate: gate, branches: weights)
    }
}
