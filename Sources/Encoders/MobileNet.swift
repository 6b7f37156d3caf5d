import Config
import Torch

/// MobileNetV2 (Sandler et al. 2018; `MobileNetArchitecture`) with torchvision's parameter names, for inference: batch
/// normalisation is multiplied into the convolutions. Gives the global average of its last map.
struct MobileNet: FrozenNetwork {
    private let dtype: DType
    private let stem: FrozenConvolution
    private let blocks: [InvertedResidual]
    private let last: FrozenConvolution

    /// - Throws: `EncoderError.unsuitable` naming the tensor that does not fit.
    init(_ architecture: MobileNetArchitecture, _ weights: inout NamedWeights) throws {
        dtype = weights.dtype
        var inputs = MobileNetArchitecture.stem
        stem = try weights.convolution("features.0.0", "features.0.1", inputs: 3, outputs: inputs, side: 3, stride: 2)
        var blocks: [InvertedResidual] = []
        for stage in MobileNetArchitecture.stages {
            for index in 0..<stage.blocks {
                let name = "features.\(blocks.count + 1).conv"
                blocks.append(
                    try InvertedResidual(name, stage, inputs: inputs, stride: index == 0 ? stage.stride : 1, &weights)
                )
                inputs = stage.outputs
            }
        }
        self.blocks = blocks
        let name = "features.\(blocks.count + 1)"
        last = try weights.convolution(
            "\(name).0",
            "\(name).1",
            inputs: inputs,
            outputs: architecture.dim,
            side: 1,
            stride: 1
        )
    }

    func forward(_ images: Tensor) throws(TorchError) -> Tensor {
        var maps = try stem(images.to(dtype).channelsLast(), .none).relu6()
        for block in blocks { maps = try block(maps) }
        return try last(maps, .none).relu6().to(.float32).mean(dim: 3).mean(dim: 2)
    }
}

/// project(depthwise(expand(x))), to which x is added where both have one shape.
private struct InvertedResidual {
    private let expand: FrozenConvolution?
    private let depthwise, project: FrozenConvolution
    private let addsInput: Bool

    init(
        _ name: String,
        _ stage: MobileNetArchitecture.Stage,
        inputs: Int,
        stride: Int,
        _ weights: inout NamedWeights
    ) throws {
        let hidden = inputs * stage.expansion
        let first = stage.expansion > 1 ? 1 : 0
        expand =
            stage.expansion > 1
            ? try weights.convolution(
                "\(name).0.0",
                "\(name).0.1",
                inputs: inputs,
                outputs: hidden,
                side: 1,
                stride: 1
            ) : nil
        depthwise = try weights.convolution(
            "\(name).\(first).0",
            "\(name).\(first).1",
            inputs: 1,
            outputs: hidden,
            side: 3,
            stride: stride,
            groups: hidden
        )
        project = try weights.convolution(
            "\(name).\(first + 1)",
            "\(name).\(first + 2)",
            inputs: hidden,
            outputs: stage.outputs,
            side: 1,
            stride: 1
        )
        addsInput = stride == 1 && inputs == stage.outputs
    }

    func callAsFunction(_ maps: Tensor) throws(TorchError) -> Tensor {
        let wide = if let expand { try expand(maps, .none).relu6() } else { maps }
        return try project(depthwise(wide, .none).relu6(), .none, adding: addsInput ? maps : nil)
    }
}

extension Tensor {
    fileprivate func relu6() throws(TorchError) -> Tensor { try clamped(0...6) }
}
