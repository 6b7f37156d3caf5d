import CTorch

/// Operators of networks that only infer.
extension Tensor {
    /// softmax(self·kᵀ/√d + bias)·v for queries [B, heads, n, d] and keys and values [B, heads, m, d], in one kernel that
    /// never holds the n × m weights.
    /// - Parameter bias: of the queries' type, [B, heads, n, m]; nil: none.
    public func attention(keys: Tensor, values: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
        try withExtendedLifetime((self, keys, values, bias)) { () throws(TorchError) in
            try Self.make("attention(keys:values:bias:)") {
                ct_attention(handle, keys.handle, values.handle, bias?.handle, $0)
            }
        }
    }

    /// Largest of each `side` × `side` window over [B, C, H, W].
    public func maxPool2d(_ side: Int, stride: Int, padding: Int) throws(TorchError) -> Tensor {
        try unary { ct_max_pool2d($0, Int64(side), Int64(stride), Int64(padding), $1) }
    }

    /// [B, C, H, W] to [B, C, side, side] by bicubic interpolation, as `torch.nn.functional.interpolate` does it with
    /// corners that are not aligned.
    /// - Parameter factor: how much larger the result is thought to be; nil: as the sides tell.
    public func resizedBicubic(
        to side: Int,
        factor: Double? = nil,
        antialias: Bool
    ) throws(TorchError) -> Tensor {
        try unary { ct_resize_bicubic($0, Int64(side), factor ?? 0, antialias, $1) }
    }

    /// The same values [B, C, H, W] with a pixel's channels beside each other in memory.
    public func channelsLast() throws(TorchError) -> Tensor { try unary(ct_channels_last) }
}

/// What a frozen layer's result goes through before it leaves the kernel.
public enum FrozenActivation: Sendable {
    case none, relu
    /// By the error function.
    case gelu

    var code: CTActivation {
        switch self {
        case .none: .none
        case .relu: .relu
        case .gelu: .gelu
        }
    }

    func callAsFunction(_ tensor: Tensor) throws(TorchError) -> Tensor {
        switch self {
        case .none: tensor
        case .relu: try tensor.relu()
        case .gelu: try tensor.gelu()
        }
    }
}

extension LibTorch {
    /// Whether the CPU has packed layers for this type; for bf16 that is whether it multiplies in bf16.
    public static func canPack(_ dtype: DType) throws(TorchError) -> Bool {
        var can = false
        try check(ct_can_pack(dtype.code, &can), "canPack(_:)")
        return can
    }
}
