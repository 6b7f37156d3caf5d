import Config
import Torch

/// A Swin transformer (Liu et al. 2021; `SwinArchitecture`) with timm's parameter names, for inference. Gives the mean of its
/// normalised tokens.
///
/// Tokens stand window by window, in the order of the block that they are in: what a block does to each token alone does not
/// mind, and the mean does not either.
struct SwinTransformer: FrozenNetwork {
    private let dtype: DType
    private let stem: SwinStem
    private let blocks: [SwinBlock]
    private let norm: FrozenNorm

    /// - Parameter input: side of the images in pixels.
    /// - Throws: `EncoderError.unsuitable` naming the tensor that does not fit.
    init(_ architecture: SwinArchitecture, input: Int, _ weights: inout NamedWeights) throws {
        dtype = weights.dtype
        stem = try SwinStem(architecture, &weights)
        var blocks: [SwinBlock] = []
        // Row by row.
        var order = Array(0..<architecture.side(stage: 0, input: input) * architecture.side(stage: 0, input: input))
        for (stage, count) in architecture.layers.enumerated() {
            let side = architecture.side(stage: stage, input: input)
            for index in 0..<count {
                let grid = WindowGrid(side: side, window: architecture.window, isShifted: !index.isMultiple(of: 2))
                let arrival: SwinArrival
                if stage > 0, index == 0 {
                    let width = architecture.width(stage: stage - 1)
                    arrival = .merged(
                        try PatchMerging(
                            "layers.\(stage).downsample",
                            width: width,
                            epsilon: architecture.epsilon,
                            from: order,
                            to: grid,
                            &weights
                        )
                    )
                } else if grid.order == order {
                    arrival = .same
                } else {
                    arrival = .ordered(try Tensor(indices: grid.order.positions(in: order), on: weights.device))
                }
                blocks.append(
                    try SwinBlock(
                        "layers.\(stage).blocks.\(index)",
                        architecture,
                        stage: stage,
                        grid,
                        arrival,
                        &weights
                    )
                )
                order = grid.order
            }
        }
        self.blocks = blocks
        norm = try FrozenNorm("norm", architecture.dim, architecture.epsilon, &weights)
    }

    func forward(_ images: Tensor) throws(TorchError) -> Tensor {
        var tokens = try stem(images.to(dtype))
        for block in blocks { tokens = try block(tokens) }
        return try norm(tokens).to(.float32).mean(dim: 1)
    }
}

/// Pixels become tokens.
private struct SwinStem {
    private enum Layers {
        case patch(PatchEmbedding)
        case convolutions([FrozenConvolution], last: FrozenConvolution)
    }

    private let layers: Layers
    private let norm: FrozenNorm?

    init(_ architecture: SwinArchitecture, _ weights: inout NamedWeights) throws {
        let (name, width) = ("patch_embed.proj", architecture.width)
        switch architecture.stem {
        case .patch:
            layers = .patch(try PatchEmbedding(name, patch: architecture.patch, width: width, &weights))
        case .convolutions:
            // Their places in the makers' list of layers, which has a normalisation and a ReLU after each.
            let first = try weights.convolution(
                "\(name).0",
                "\(name).1",
                inputs: 3,
                outputs: width / 8,
                side: 3,
                stride: 2
            )
            let second = try weights.convolution(
                "\(name).3",
                "\(name).4",
                inputs: width / 8,
                outputs: width / 4,
                side: 3,
                stride: 2
            )
            let last = try weights.convolution("\(name).6", inputs: width / 4, outputs: width, side: 1)
            layers = .convolutions([first, second], last: last)
        }
        norm =
            architecture.stemNorm
            ? try FrozenNorm("patch_embed.norm", width, architecture.epsilon, &weights) : nil
    }

    /// Images [B, 3, side, side] to tokens [B, T, width], row by row.
    func callAsFunction(_ images: Tensor) throws(TorchError) -> Tensor {
        let tokens: Tensor
        switch layers {
        case .patch(let embedding): tokens = try embedding(images)
        case .convolutions(let convolutions, let last):
            var maps = try images.channelsLast()
            for convolution in convolutions { maps = try convolution(maps, .relu) }
            maps = try last(maps, .none)
            tokens = try maps.permute([0, 2, 3, 1]).reshape([maps.shape[0], -1, maps.shape[1]])
        }
        guard let norm else { return tokens }
        return try norm(tokens)
    }
}
