import Torch

/// Layer normalisation over the last dimension.
struct FrozenNorm {
    private let weight, bias: Tensor
    private let epsilon: Double

    init(_ name: String, _ width: Int, _ epsilon: Double, _ weights: inout NamedWeights) throws {
        weight = try weights.tensor(weights.take("\(name).weight", [width]), [width])
        bias = try weights.tensor(weights.take("\(name).bias", [width]), [width])
        self.epsilon = epsilon
    }

    func callAsFunction(_ tokens: Tensor) throws(TorchError) -> Tensor {
        try tokens.layerNorm(weight.shape, weight: weight, bias: bias, epsilon: epsilon)
    }
}

extension NamedWeights {
    /// - Parameter scale: the name of numbers [outputs] that what leaves the layer is multiplied with.
    mutating func linear(
        _ name: String,
        inputs: Int,
        outputs: Int,
        scale: String? = nil,
        hasBias: Bool = true
    ) throws -> FrozenLinear {
        var weight = try take("\(name).weight", [outputs, inputs])
        var bias = hasBias ? try take("\(name).bias", [outputs]) : nil
        if let scale {
            let gamma = try take(scale, [outputs])
            for output in 0..<outputs {
                for input in 0..<inputs { weight[output * inputs + input] *= gamma[output] }
                bias?[output] *= gamma[output]
            }
        }
        return try FrozenLinear(
            weight: tensor(weight, [outputs, inputs]),
            bias: bias.map { try tensor($0, [outputs]) }
        )
    }
}
