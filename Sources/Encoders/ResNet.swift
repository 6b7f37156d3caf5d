import Config
import Storage
import Torch

/// A residual network (He et al. 2016; `ResNetArchitecture`) with the parameter names of timm and torchvision, for
/// inference: batch normalisation is multiplied into the convolutions. Gives the global average of its last stage.
struct ResNet: FrozenNetwork {
    private let dtype: DType
    private let stem: FrozenConvolution
    private let blocks: [ResidualBlock]

    /// - Throws: `EncoderError.unsuitable` naming the tensor that does not fit.
    init(_ architecture: ResNetArchitecture, _ weights: inout NamedWeights) throws {
        dtype = weights.dtype
        stem = try weights.convolution("conv1", "bn1", inputs: 3, outputs: 64, side: 7, stride: 2)
        var blocks: [ResidualBlock] = []
        var inputs = 64
        for (stage, count) in architecture.layers.enumerated() {
            let channels = ResNetArchitecture.channels(stage: stage)
            for index in 0..<count {
                let block = try ResidualBlock(
                    "layer\(stage + 1).\(index)",
                    architecture.block,
                    inputs: inputs,
                    channels: channels,
                    stride: stage > 0 && index == 0 ? 2 : 1,
                    &weights
                )
                blocks.append(block)
                inputs = channels * architecture.block.expansion
            }
        }
        self.blocks = blocks
    }

    func forward(_ images: Tensor) throws(TorchError) -> Tensor {
        var maps = try stem(images.to(dtype).channelsLast(), .relu).maxPool2d(3, stride: 2, padding: 1)
        for block in blocks { maps = try block(maps) }
        return try maps.to(.float32).mean(dim: 3).mean(dim: 2)
    }
}

/// relu(convolutions(x) + x), where x is brought to another shape by a 1 × 1 convolution if need be.
private struct ResidualBlock {
    private let convolutions: [FrozenConvolution]
    private let last: FrozenConvolution
    private let shortcut: FrozenConvolution?

    init(
        _ name: String,
        _ block: ResNetArchitecture.Block,
        inputs: Int,
        channels: Int,
        stride: Int,
        _ weights: inout NamedWeights
    ) throws {
        let outputs = channels * block.expansion
        func layer(_ index: Int, _ inputs: Int, _ outputs: Int, side: Int, stride: Int = 1) throws -> FrozenConvolution
        {
            try weights.convolution(
                "\(name).conv\(index)",
                "\(name).bn\(index)",
                inputs: inputs,
                outputs: outputs,
                side: side,
                stride: stride
            )
        }
        switch block {
        case .basic:
            convolutions = [try layer(1, inputs, channels, side: 3, stride: stride)]
            last = try layer(2, channels, outputs, side: 3)
        case .bottleneck:
            convolutions = [
                try layer(1, inputs, channels, side: 1), try layer(2, channels, channels, side: 3, stride: stride),
            ]
            last = try layer(3, channels, outputs, side: 1)
        }
        shortcut =
            stride == 1 && inputs == outputs
            ? nil
            : try weights.convolution(
                "\(name).downsample.0",
                "\(name).downsample.1",
                inputs: inputs,
                outputs: outputs,
                side: 1,
                stride: stride
            )
    }

    func callAsFunction(_ maps: Tensor) throws(TorchError) -> Tensor {
        var inner = maps
        for convolution in convolutions { inner = try convolution(inner, .relu) }
        let direct = if let shortcut { try shortcut(maps, .none) } else { maps }
        return try last(inner, .relu, adding: direct)
    }
}
