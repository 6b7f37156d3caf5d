import Config
import Torch

/// A vision transformer (Dosovitskiy et al. 2021; `ViTArchitecture`) with timm's parameter names, for inference.
struct VisionTransformer: FrozenNetwork {
    /// Patches along a side.
    private let grid: Int
    private let pool: ViTArchitecture.Pool
    private let dtype: DType
    private let embedding: PatchEmbedding
    /// Class and register tokens with their positions [1, prefixTokens, width]; nil: there are none.
    private let prefix: Tensor?
    private let prefixTokens: Int
    /// [1, grid², width]; nil: none are added.
    private let positions: Tensor?
    private let normPre: FrozenNorm?
    /// All but the last.
    private let blocks: [TransformerBlock]
    private let last: TransformerBlock
    /// Of the last block's tokens, or of their mean.
    private let norm: FrozenNorm
    private let attentionPool: AttentionPool?
    private let projection: TokenProjection?

    /// - Parameter input: side of the images in pixels.
    /// - Throws: `EncoderError.unsuitable` naming the tensor that does not fit.
    init(_ architecture: ViTArchitecture, input: Int, _ weights: inout NamedWeights) throws {
        grid = input / architecture.patch
        pool = architecture.pool
        dtype = weights.dtype
        let width = architecture.width
        embedding = try PatchEmbedding("patch_embed.proj", patch: architecture.patch, width: width, &weights)
        var tokens = architecture.classToken ? try weights.take("cls_token", [1, 1, width]) : []
        if architecture.registerTokens > 0 {
            tokens += try weights.take("reg_token", [1, architecture.registerTokens, width])
        }
        if architecture.positions == .learned {
            let learned = try weights.positions(architecture, grid: grid)
            if architecture.prefixPositions { tokens = zip(tokens, learned.prefix).map { $0 + $1 } }
            positions = try weights.tensor(learned.patches, [1, grid * grid, width])
        } else {
            positions = nil
        }
        prefixTokens = architecture.prefixTokens
        prefix = prefixTokens > 0 ? try weights.tensor(tokens, [1, prefixTokens, width]) : nil
        let epsilon = architecture.epsilon
        normPre = architecture.normPre ? try FrozenNorm("norm_pre", width, epsilon, &weights) : nil
        let rotation = try RotaryPositions(architecture, grid: grid, weights)
        let final = architecture.depth - 1
        blocks = try (0..<final).map { try TransformerBlock("blocks.\($0)", architecture, rotation, &weights) }
        last = try TransformerBlock("blocks.\(final)", architecture, rotation, &weights)
        norm = try FrozenNorm(pool == .meanNorm ? "fc_norm" : "norm", width, epsilon, &weights)
        attentionPool = try architecture.attentionPool.map { try AttentionPool($0, inputs: width, &weights) }
        projection = try architecture.projection.map {
            try TokenProjection($0, inputs: architecture.pooled, &weights)
        }
    }

    func forward(_ images: Tensor) throws(TorchError) -> Tensor {
        var tokens = try embedded(images)
        if let normPre { tokens = try normPre(tokens) }
        for block in blocks { tokens = try block(tokens) }
        let pooled = try pooled(tokens)
        guard let projection else { return pooled }
        return try projection(pooled.to(dtype))
    }

    /// Images [B, 3, input, input] to tokens [B, prefixTokens + grid², width].
    private func embedded(_ images: Tensor) throws(TorchError) -> Tensor {
        let count = images.shape[0]
        var patches = try embedding(images.to(dtype))
        if let positions { patches = try patches + positions }
        guard let prefix else { return patches }
        let prefixed = try prefix.expand([count, prefixTokens, prefix.shape[2]])
        return try Tensor.concatenated([prefixed, patches], dim: 1)
    }

    /// The last block's tokens [B, T, width], given those before it, to [B, pooled].
    private func pooled(_ tokens: Tensor) throws(TorchError) -> Tensor {
        switch pool {
        case .cls:
            // Only the class token leaves the last block: the others are its keys and values, no more.
            return try norm(last(tokens, rows: 1)).select(dim: 1, index: 0)
        case .clsMean:
            let tokens = try norm(last(tokens)).to(.float32)
            return try Tensor.concatenated([tokens.select(dim: 1, index: 0), patchMean(tokens)], dim: -1)
        case .mean: return try patchMean(norm(last(tokens)).to(.float32))
        case .meanNorm: return try norm(patchMean(last(tokens).to(.float32)).to(dtype))
        case .attention:
            let tokens = try norm(last(tokens))
            guard let attentionPool else { return tokens }
            return try attentionPool(tokens)
        }
    }

    private func patchMean(_ tokens: Tensor) throws(TorchError) -> Tensor {
        try tokens.narrow(dim: 1, start: prefixTokens, length: grid * grid).mean(dim: 1)
    }
}
