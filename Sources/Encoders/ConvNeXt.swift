import Config
import Torch

/// A ConvNeXt (Liu et al. 2022, Woo et al. 2023; `ConvNeXtArchitecture`) with timm's parameter names, for inference. Gives the
/// mean of its last map, normalised.
///
/// Maps are [B, H, W, channels], which is how channels lie in memory for oneDNN's convolutions too.
struct ConvNeXt: FrozenNetwork {
    private let dtype: DType
    private let stem: FrozenConvolution
    private let stemNorm: FrozenNorm
    private let stages: [ConvNeXtStage]
    private let normFirst: Bool
    private let norm: FrozenNorm

    /// - Throws: `EncoderError.unsuitable` naming the tensor that does not fit.
    init(_ architecture: ConvNeXtArchitecture, _ weights: inout NamedWeights) throws {
        let patch = architecture.patch
        dtype = weights.dtype
        normFirst = architecture.normFirst
        stem = try weights.convolution("stem.0", inputs: 3, outputs: architecture.width, side: patch, stride: patch)
        stemNorm = try FrozenNorm("stem.1", architecture.width, architecture.epsilon, &weights)
        stages = try architecture.layers.indices.map { try ConvNeXtStage($0, architecture, &weights) }
        norm = try FrozenNorm(normFirst ? "norm_pre" : "head.norm", architecture.dim, architecture.epsilon, &weights)
    }

    func forward(_ images: Tensor) throws(TorchError) -> Tensor {
        var map = try stemNorm(stem(images.to(dtype).channelsLast(), .none).permute([0, 2, 3, 1]))
        for stage in stages { map = try stage(map) }
        if normFirst { map = try norm(map) }
        let mean = try map.to(.float32).mean(dim: 1).mean(dim: 1)
        return try normFirst ? mean : norm(mean.to(dtype))
    }
}

/// Blocks of one width; all stages but the first halve the map before.
private struct ConvNeXtStage {
    private let halving: (norm: FrozenNorm, convolution: FrozenConvolution)?
    private let blocks: [ConvNeXtBlock]

    init(_ stage: Int, _ architecture: ConvNeXtArchitecture, _ weights: inout NamedWeights) throws {
        let (name, width) = ("stages.\(stage)", architecture.width(stage: stage))
        halving =
            stage == 0
            ? nil
            : (
                try FrozenNorm("\(name).downsample.0", width / 2, architecture.epsilon, &weights),
                try weights.convolution(
                    "\(name).downsample.1",
                    inputs: width / 2,
                    outputs: width,
                    side: 2,
                    stride: 2
                )
            )
        blocks = try (0..<architecture.layers[stage]).map {
            try ConvNeXtBlock("\(name).blocks.\($0)", architecture, width, &weights)
        }
    }

    func callAsFunction(_ map: Tensor) throws(TorchError) -> Tensor {
        var map = map
        if let (norm, convolution) = halving {
            map = try convolution(norm(map).permute([0, 3, 1, 2]), .none).permute([0, 2, 3, 1]).contiguous()
        }
        for block in blocks { map = try block(map) }
        return map
    }
}

/// x + mlp(norm(convolution of each channel)); the layer scale is multiplied into the last weights.
private struct ConvNeXtBlock {
    private let convolution: FrozenConvolution
    private let norm: FrozenNorm
    private let expand, contract: FrozenLinear
    private let responseNorm: ResponseNorm?

    init(
        _ name: String,
        _ architecture: ConvNeXtArchitecture,
        _ width: Int,
        _ weights: inout NamedWeights
    ) throws {
        convolution = try weights.convolution(
            "\(name).conv_dw",
            inputs: 1,
            outputs: width,
            side: 7,
            padding: 3,
            groups: width
        )
        norm = try FrozenNorm("\(name).norm", width, architecture.epsilon, &weights)
        expand = try weights.linear("\(name).mlp.fc1", inputs: width, outputs: 4 * width)
        responseNorm =
            architecture.responseNorm ? try ResponseNorm("\(name).mlp.grn", 4 * width, &weights) : nil
        contract = try weights.linear(
            "\(name).mlp.fc2",
            inputs: 4 * width,
            outputs: width,
            scale: architecture.layerScale ? "\(name).gamma" : nil
        )
    }

    func callAsFunction(_ map: Tensor) throws(TorchError) -> Tensor {
        let convolved = try convolution(map.permute([0, 3, 1, 2]), .none).permute([0, 2, 3, 1])
        var inner = try expand(norm(convolved), .gelu)
        if let responseNorm { inner = try responseNorm(inner) }
        return try contract(inner, adding: map)
    }
}

/// Global response normalisation (Woo et al. 2023, section 3.2): channels by their share of the whole map.
private struct ResponseNorm {
    /// As the makers have it.
    private static let epsilon = 1e-6

    private let weight, bias: Tensor

    init(_ name: String, _ width: Int, _ weights: inout NamedWeights) throws {
        weight = try Tensor(weights.take("\(name).weight", [width]), shape: [width], on: weights.device)
        bias = try weights.tensor(weights.take("\(name).bias", [width]), [width])
    }

    func callAsFunction(_ map: Tensor) throws(TorchError) -> Tensor {
        let lengths = try map.to(.float32).square().sum(dim: 1, keep: true).sum(dim: 2, keep: true).sqrt()
        let shares = try lengths / (lengths.mean(dim: 3, keep: true) + Self.epsilon)
        return try map * (shares * weight + 1).to(map.dtype) + bias
    }
}
