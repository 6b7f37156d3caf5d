import Evaluation
import Foundation
public import Storage
public import Torch

/// What a parameter is before any training.
public indirect enum FirstValues: Equatable, Sendable {
    /// LibTorch's default for linear layers, weight and bias: U(−1/√fan_in, +1/√fan_in).
    case uniform(fanIn: Int)
    /// N(0, deviation²).
    case normal(deviation: Double)
    /// U(−bound, +bound).
    case within(Double)
    case constant(Float)
    /// Those of another parameter, which begins as the second says.
    case copy(of: String, FirstValues)
}

/// Where a model's parameters get their values: drawn for a new model, or read from a checkpoint.
public protocol ParameterSource {
    /// Row-major values of the parameter `name`; a new one has `first`.
    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float]
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
        let weight = try values("\(name).weight", shape: [outputs, inputs], .uniform(fanIn: inputs))
        let bias = bias ? try values("\(name).bias", shape: [outputs], .uniform(fanIn: inputs)) : nil
        return try Linear(name, inputs: inputs, outputs: outputs, weight: weight, bias: bias, on: device)
    }

    /// A linear layer that begins with Xavier's normal weights (Glorot and Bengio, 2010) and a bias of 0.
    func xavierLinear(
        _ name: String,
        inputs: Int,
        outputs: Int,
        bias: Bool = true,
        on device: Device
    ) throws -> Linear {
        let deviation = (2 / Double(inputs + outputs)).squareRoot()
        let weight = try values("\(name).weight", shape: [outputs, inputs], .normal(deviation: deviation))
        let bias = bias ? try values("\(name).bias", shape: [outputs], .constant(0)) : nil
        return try Linear(name, inputs: inputs, outputs: outputs, weight: weight, bias: bias, on: device)
    }

    /// Weights or biases of a convolution with LibTorch's own beginning; `fanIn` is read off the weights' shape
    /// `[out, in / groups, …]` where it is nil.
    func convolution(_ name: String, shape: [Int], fanIn: Int? = nil, on device: Device) throws -> Parameter {
        let values = try values(name, shape: shape, .uniform(fanIn: fanIn ?? shape.dropFirst().reduce(1, *)))
        return try Parameter(name, values, shape: shape, on: device)
    }

    /// A layer norm whose scale and shift [width] come from here.
    func layerNorm(_ name: String, width: Int, epsilon: Double, on device: Device) throws -> LayerNorm {
        let layer = try LayerNorm(name, width: width, epsilon: epsilon, on: device)
        for (parameter, first) in [(layer.weight, Float(1)), (layer.bias, 0)] {
            let values = try values(parameter.name, shape: [width], .constant(first))
            try withoutGrad { try parameter.tensor.assign(Tensor(values, shape: [width], on: device)) }
        }
        return layer
    }
}

/// The parameters of a model that nothing has trained yet.
public struct FreshParameters: ParameterSource {
    private let draws: any Draws

    public init(_ draws: any Draws) { self.draws = draws }

    public func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        switch first {
        case .uniform(let fanIn):
            return try values(name, shape: shape, .within(1 / Double(max(1, fanIn)).squareRoot()))
        case .within(let bound):
            return try draws.uniform(name, shape).map { Float((2 * Double($0) - 1) * bound) }
        case .normal(let deviation):
            // Box and Muller's transform; 1 − u is never 0.
            let pairs = try draws.uniform(name, shape + [2])
            return stride(from: 0, to: pairs.count, by: 2).map { index in
                let radius = (-2 * log(1 - Double(pairs[index]))).squareRoot()
                return Float(deviation * radius * cos(2 * .pi * Double(pairs[index + 1])))
            }
        case .constant(let value):
            return Array(repeating: value, count: shape.reduce(1, *))
        case .copy(let other, let first): return try values(other, shape: shape, first)
        }
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

    public func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
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
