import Config
import Records
import Torch

/// The re-embedding of RRT-MIL (Tang et al., CVPR 2024), which stands before any pooling: instances fill a square in their order, and
/// attend to those of their region (R-MSA); then regions attend to each other by k tokens each (CR-MSA). Both are added to what came in.
///
/// The square's sides are a multiple of the regions'; behind the last instance it has zeros, which take part in all softmaxes as in
/// the authors' code. Names are those of their checkpoints.
struct RegionTransformer {
    private let regions: Int
    private let shortcut: Bool
    private let norm, crossNorm, lastNorm: LayerNorm
    private let attention, crossAttention: RegionAttention
    /// `[D, k]`
    private let representatives: Parameter

    init(
        _ config: ReembeddingConfig,
        width: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        (regions, shortcut) = (config.regions, config.shortcut)
        func norm(_ name: String) throws -> LayerNorm {
            try source.layerNorm("online_encoder.\(name)", width: width, epsilon: 1e-5, on: device)
        }
        func attention(_ name: String, _ heads: Int, _ taps: Int?) throws -> RegionAttention {
            try RegionAttention(
                "online_encoder.\(name).attn.attn",
                width: width,
                heads: heads,
                taps: taps,
                dropout: config.dropout,
                from: source,
                on: device
            )
        }
        lastNorm = try norm("norm")
        self.norm = try norm("layers.0.norm")
        self.attention = try attention("layers.0", config.heads, config.taps)
        crossNorm = try norm("cr_msa.norm")
        let (name, shape) = ("online_encoder.cr_msa.attn.phi", [width, config.representatives])
        let values = try source.values(name, shape: shape, .uniform(fanIn: config.representatives))
        representatives = try Parameter(name, values, shape: shape, on: device)
        crossAttention = try attention("cr_msa", config.crossHeads, nil)
    }

    var parameters: [Parameter] {
        lastNorm.parameters + norm.parameters + attention.parameters + crossNorm.parameters + [representatives]
            + crossAttention.parameters
    }

    /// Instances `[N, D]` → the same embedded anew, of fp32.
    func callAsFunction(_ instances: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let instances = try instances.to(.float32)
        let square = Square(count: instances.shape[0], regions: regions)
        var tokens = try instances + square.inRegions(norm(instances)) { try attention($0, draws) }
        tokens = try tokens + square.inRegions(crossNorm(tokens)) { try crossed($0, draws) }
        return try lastNorm(shortcut ? tokens + instances : tokens)
    }

    /// Regions `[W, P, D]` → what the attention between them leaves of each place, one region below the other.
    private func crossed(_ tokens: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        // [W, k, P]
        let logits = try tokens.matmul(representatives.tensor).transpose(1, 2)
        let (count, kinds, width) = (logits.shape[0], logits.shape[1], tokens.shape[2])
        // [k, W, D]
        let standing = try logits.softmax(dim: 2).bmm(tokens).transpose(0, 1)
        let gathered = try crossAttention(standing, draws).reshape([kinds, count, width]).transpose(0, 1)
        let least = try -(-logits).max(dim: 2, keep: true).values
        let spread = try logits.max(dim: 2, keep: true).values - least + 1e-8
        let dealt = try (logits - least) / spread * logits.softmax(dim: 1)
        return try dealt.transpose(1, 2).bmm(gathered).reshape([-1, width])
    }
}

/// Where instances stand that fill a square row by row, cut into regions.
private struct Square {
    let count: Int
    /// Regions along a side.
    let regions: Int
    /// A region's.
    let side: Int

    init(count: Int, regions: Int) {
        (self.count, self.regions) = (count, regions)
        side = (PPEG.side(of: count) + regions - 1) / regions
    }

    /// `[N, D]` → the same, as `body` makes it of the regions `[W, P, D]` row by row.
    func inRegions(_ instances: Tensor, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
        let (whole, width) = (regions * side, instances.shape[1])
        var order: [Int] = []
        for region in 0..<(regions * regions) {
            let (top, left) = (region / regions * side, region % regions * side)
            for row in top..<(top + side) { for column in left..<(left + side) { order.append(row * whole + column) } }
        }
        let padding = try Tensor.zeros([whole * whole - count, width], on: instances.device)
        let filled = try Tensor.concatenated([instances, padding], dim: 0).indexSelect(dim: 0, order)
        let made = try body(filled.reshape([regions * regions, side * side, width]))
        var places = [Int](repeating: 0, count: order.count)
        for (place, position) in order.enumerated() { places[position] = place }
        return try made.indexSelect(dim: 0, Array(places.prefix(count)))
    }
}
