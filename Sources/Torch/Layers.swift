/// A named tensor that training changes.
public struct Parameter {
    public let name: String
    public let tensor: Tensor

    /// An fp32 leaf that records gradients; its first values are the caller's, drawn or read.
    public init(_ name: String, _ values: [Float], shape: [Int], on device: Device = .cpu) throws(TorchError) {
        self.name = name
        tensor = try Tensor(values, shape: shape, on: device)
        try tensor.setRequiresGrad(true)
    }

    private init(_ name: String, _ tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }

    /// The same tensor under another name.
    public func named(_ name: String) -> Parameter { Parameter(name, tensor) }
}

/// y = x · weightᵀ + bias, for x [N, inputs].
public struct Linear {
    /// [outputs, inputs]
    public let weight: Parameter
    /// [outputs]
    public let bias: Parameter?

    /// Parameters are named `<name>.weight` and `<name>.bias`, as PyTorch does.
    public init(
        _ name: String,
        inputs: Int,
        outputs: Int,
        weight: [Float],
        bias: [Float]?,
        on device: Device = .cpu
    ) throws(TorchError) {
        self.weight = try Parameter("\(name).weight", weight, shape: [outputs, inputs], on: device)
        if let bias {
            self.bias = try Parameter("\(name).bias", bias, shape: [outputs], on: device)
        } else {
            self.bias = nil
        }
    }

    public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
        try input.linear(weight.tensor, bias?.tensor)
    }
}

/// Normalisation over the last dimension, with a learned scale and shift.
public struct LayerNorm {
    /// [width]
    public let weight: Parameter
    /// [width]
    public let bias: Parameter
    public let epsilon: Double

    /// Begins as scale 1 and shift 0. PyTorch's default `epsilon` is 1e-5; transformers often say 1e-6.
    public init(_ name: String, width: Int, epsilon: Double = 1e-5, on device: Device = .cpu) throws(TorchError) {
        weight = try Parameter("\(name).weight", Array(repeating: 1, count: width), shape: [width], on: device)
        bias = try Parameter("\(name).bias", Array(repeating: 0, count: width), shape: [width], on: device)
        self.epsilon = epsilon
    }

    public var parameters: [Parameter] { [weight, bias] }

    public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
        try input.layerNorm(weight.tensor.shape, weight: weight.tensor, bias: bias.tensor, epsilon: epsilon)
    }
}
