import Torch

extension NamedWeights {
    /// A convolution without bias and the batch normalisation after it, as one convolution.
    /// - Parameter inputs: channels that each group of outputs sees.
    mutating func convolution(
        _ name: String,
        _ normalisation: String,
        inputs: Int,
        outputs: Int,
        side: Int,
        stride: Int,
        groups: Int = 1
    ) throws -> FrozenConvolution {
        let shape = [outputs, inputs, side, side]
        var weight = try take("\(name).weight", shape)
        let gain = try take("\(normalisation).weight", [outputs])
        var bias = try take("\(normalisation).bias", [outputs])
        let mean = try take("\(normalisation).running_mean", [outputs])
        let variance = try take("\(normalisation).running_var", [outputs])
        // Of training alone.
        ignore("\(normalisation).num_batches_tracked")
        let taps = inputs * side * side
        for output in 0..<outputs {
            let scale = Double(gain[output]) / (Double(variance[output]) + 1e-5).squareRoot()
            for tap in 0..<taps { weight[output * taps + tap] = Float(Double(weight[output * taps + tap]) * scale) }
            bias[output] = Float(Double(bias[output]) - Double(mean[output]) * scale)
        }
        return try FrozenConvolution(
            weight: tensor(weight, shape),
            bias: tensor(bias, [outputs]),
            stride: stride,
            padding: side / 2,
            groups: groups
        )
    }

    /// A convolution with a bias.
    /// - Parameter inputs: channels that each group of outputs sees.
    mutating func convolution(
        _ name: String,
        inputs: Int,
        outputs: Int,
        side: Int,
        stride: Int = 1,
        padding: Int = 0,
        groups: Int = 1
    ) throws -> FrozenConvolution {
        let shape = [outputs, inputs, side, side]
        return try FrozenConvolution(
            weight: tensor(take("\(name).weight", shape), shape),
            bias: tensor(take("\(name).bias", [outputs]), [outputs]),
            stride: stride,
            padding: padding,
            groups: groups
        )
    }
}
