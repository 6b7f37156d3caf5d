import CTorch

/// activation(x·weightᵀ + bias) with a weight that no longer changes.
///
/// On a CPU whose LibTorch has them, oneDNN's fused layers on a weight packed once: 1.2 to 1.4 times faster than eager
/// fp32 for vision transformers. Elsewhere LibTorch's own kernels.
public struct FrozenLinear {
    private let weight: Tensor
    private let bias: Tensor?
    private let isPacked: Bool

    /// - Parameters:
    ///   - weight: [outputs, inputs], on the device and of the type that inputs will have.
    ///   - bias: [outputs]
    public init(weight: Tensor, bias: Tensor?) throws(TorchError) {
        isPacked = try FrozenLayers.arePacked(weight)
        self.weight = isPacked ? try weight.unary(ct_pack_linear, operation: "FrozenLinear") : weight
        self.bias = bias
    }

    /// - Parameter input: [..., inputs]
    public func callAsFunction(_ input: Tensor, _ activation: FrozenActivation = .none) throws(TorchError) -> Tensor {
        guard isPacked else { return try activation(input.linear(weight, bias)) }
        return try input.quaternary(weight, bias) { input, weight, bias, _, out in
            ct_packed_linear(input, weight, bias, nil, activation.code, out)
        }
    }

    /// x·weightᵀ + bias + other, for `other` of the result's shape.
    public func callAsFunction(_ input: Tensor, adding other: Tensor) throws(TorchError) -> Tensor {
        guard isPacked else { return try input.linear(weight, bias) + other }
        return try input.quaternary(weight, bias, other) { input, weight, bias, other, out in
            ct_packed_linear(input, weight, bias, other, .none, out)
        }
    }
}

/// activation(convolution + bias + other) with a weight that no longer changes; otherwise as `FrozenLinear`.
public struct FrozenConvolution {
    private let weight: Tensor
    private let bias: Tensor
    private let stride: Int
    private let padding: Int
    private let groups: Int
    private let isPacked: Bool

    /// - Parameters:
    ///   - weight: [out, in / groups, k, k], on the device and of the type that inputs will have.
    ///   - bias: [out]
    public init(weight: Tensor, bias: Tensor, stride: Int, padding: Int, groups: Int = 1) throws(TorchError) {
        isPacked = try FrozenLayers.arePacked(weight)
        self.weight =
            isPacked
            ? try weight.unary(
                { ct_pack_conv2d($0, Int64(stride), Int64(padding), Int64(groups), $1) },
                operation: "FrozenConvolution"
            )
            : try weight.channelsLast()
        self.bias = bias
        self.stride = stride
        self.padding = padding
        self.groups = groups
    }

    /// - Parameters:
    ///   - input: [B, in, H, W], channels last for speed.
    ///   - activation: none or relu.
    ///   - other: of the result's shape.
    public func callAsFunction(
        _ input: Tensor,
        _ activation: FrozenActivation,
        adding other: Tensor? = nil
    ) throws(TorchError) -> Tensor {
        guard isPacked else {
            let result = try input.conv2d(
                weight,
                bias,
                stride: (stride, stride),
                padding: (padding, padding),
                groups: groups
            )
            guard let other else { return try activation(result) }
            return try activation(result + other)
        }
        return try input.quaternary(weight, bias, other) { input, weight, bias, other, out in
            ct_packed_conv2d(
                input,
                weight,
                bias,
                other,
                Int64(stride),
                Int64(padding),
                Int64(groups),
                activation.code,
                out
            )
        }
    }
}

private enum FrozenLayers {
    static func arePacked(_ weight: Tensor) throws(TorchError) -> Bool {
        // Not `&&`, whose right side cannot throw a typed error.
        guard weight.device == .cpu else { return false }
        return try LibTorch.canPack(weight.dtype)
    }
}
