import CTorch

/// Elements to set to 0 by a share, and the stream of random bits that chooses them; the others are scaled so that the
/// mean stays (Srivastava et al., 2014). Equal keys choose equally on every machine.
public struct Dropout: Equatable, Sendable {
    /// From 0 to below 1, in steps of 1 / 65536.
    public var share: Double
    public var key: UInt64

    public init(share: Double, key: UInt64) {
        self.share = share
        self.key = key
    }

    /// What the elements from this one on have, row-major, as if they were a tensor of their own: the whole's dropout by parts.
    /// - Parameter element: a multiple of 4, since a draw is for four of them.
    public func from(element: Int) -> Dropout {
        precondition(element.isMultiple(of: 4), "a draw of a dropout is for four elements")
        // A draw follows from the key and its place times SplitMix64's step.
        return Dropout(share: share, key: key &+ UInt64(element / 4) &* 0x9E37_79B9_7F4A_7C15)
    }

    var settings: ct_dropout_settings { ct_dropout_settings(share: share, key: key) }
}

/// What the instances `[N, D]` of a bag go through, fused and with gradients written by hand on the CPU.
///
/// Instances are of fp32 or bf16, whose matrix products then run in that type and add up in fp32. Parameters are of fp32.
///
/// On other devices LibTorch's own operators compute the same, with LibTorch's gradients; `withPlainOperators` asks for these on the CPU.
extension Tensor {
    /// What follows a layer; GELU is the exact one, by the error function.
    public enum Activation: Sendable {
        case none, relu, gelu, tanh, sigmoid

        var code: CTActivation {
            switch self {
            case .none: .none
            case .relu: .relu
            case .gelu: .gelu
            case .tanh: .tanh
            case .sigmoid: .sigmoid
            }
        }
    }

    public func dropout(_ dropout: Dropout) throws(TorchError) -> Tensor {
        var settings = dropout.settings
        return try unary { ct_dropout($0, &settings, $1) }
    }

    /// dropout(activation(x · weightᵀ + bias)): x [N, in], weight [out, in], bias [out] → [N, out], of x's type.
    public func dense(
        _ layer: Linear,
        _ activation: Activation,
        dropout: Dropout? = nil
    ) throws(TorchError) -> Tensor {
        var settings = (dropout ?? Dropout(share: 0, key: 0)).settings
        return try quaternary(layer.weight.tensor, layer.bias?.tensor) { input, weight, bias, _, out in
            ct_dense(input, weight, bias, activation.code, &settings, out)
        }
    }

    /// branches · (activation(layer · x) ⊙ sigmoid(gate · x)) → logits [K, N] of fp32 (Ilse et al. 2018, equations 8 and 9).
    ///
    /// - Parameter activation: tanh or ReLU.
    public func attentionLogits(
        _ layer: Linear,
        _ activation: Activation,
        gate: Linear?,
        branches: Linear
    ) throws(TorchError) -> Tensor {
        try withExtendedLifetime((self, layer, gate, branches)) { () throws(TorchError) in
            var layers = ct_attention_layers(
                weight: layer.weight.tensor.handle,
                bias: layer.bias?.tensor.handle,
                gate_weight: gate?.weight.tensor.handle,
                gate_bias: gate?.bias?.tensor.handle,
                branch_weight: branches.weight.tensor.handle,
                branch_bias: branches.bias?.tensor.handle
            )
            return try Self.make(#function) { ct_attention_logits(handle, &layers, activation.code, $0) }
        }
    }

    /// rows [K, D] · xᵀ + bias [K] → [K, N] of fp32; for a few rows, such as classes or queries.
    public func scores(_ rows: Tensor, _ bias: Tensor? = nil) throws(TorchError) -> Tensor {
        try quaternary(rows, bias) { instances, rows, bias, _, out in ct_instance_scores(instances, rows, bias, out) }
    }

    /// softmax over the instances of logits [K, N] · x → [K, D] of fp32.
    public func pooled(by logits: Tensor) throws(TorchError) -> Tensor { try binary(logits, ct_attention_pool) }
}

/// Runs `body` with LibTorch's own operators over instances on the CPU too, as on every other device: for what is compared with them.
/// Synchronous, because the setting belongs to the thread.
public func withPlainOperators<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
    let previous = ct_set_plain_operators(true)
    defer { _ = ct_set_plain_operators(previous) }
    return try body()
}
