public import Storage
public import Torch

/// Where a model's parameters get their values: drawn for a new model, or read from a checkpoint.
public protocol ParameterSource {
    /// Row-major values of the parameter `name`. A new one is uniform within ± 1/√`fanIn`.
    func values(_ name: String, shape: [Int], fanIn: Int) throws -> [Float]
}

extension ParameterSource {
    /// A linear layer whose weight [outputs, inputs] and bias [outputs] come from here.
    public func linear(
        _ name: String,
        inputs: Int,
        outputs: Int,
        bias: Bool = true,
        on device: Device
    ) throws -> Linear {
        let weight = try values("\(name).weight", shape: [outputs, inputs], fanIn: inputs)
        let bias = bias ? try values("\(name).bias", shape: [outputs], fanIn: inputs) : nil
        return try Linear(name, inputs: inputs, outputs: outputs, weight: weight, bias: bias, on: device)
    }
}

/// LibTorch's default initialisation of linear layers, weight and bias: U(−1/√fan_in, +1/√fan_in).
public struct FreshParameters: ParameterSource {
    private let draws: any Draws

    public init(_ draws: any Draws) { self.draws = draws }

    public func values(_ name: String, shape: [Int], fanIn: Int) throws -> [Float] {
        let bound = 1 / Double(max(1, fanIn)).squareRoot()
        return try draws.uniform(name, shape).map { Float((2 * Double($0) - 1) * bound) }
    }
}

/// Parameters by name, as a checkpoint holds them.
public struct StoredParameters: ParameterSource {
    private let tensors: [String: StoredTensor]
    private let path: String

    /// - Parameter path: of the file, for messages.
    public init(_ tensors: [String: StoredTensor], path: String) {
        self.tensors = tensors
        self.path = path
    }

    public func values(_ name: String, shape: [Int], fanIn: Int) throws -> [Float] {
        guard let tensor = tensors[name] else {
            throw MILError.checkpoint(path: path, reason: "the parameter \(name) is missing")
        }
        guard tensor.shape == shape, tensor.kind == .float32, let values = tensor.floats else {
            throw MILError.checkpoint(
                path: path,
                reason: "\(name) is \(tensor.kind.rawValue) \(tensor.shape); the model wants F32 \(shape)"
            )
        }
        return values
    }
}
