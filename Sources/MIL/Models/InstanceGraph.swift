import Config
import Torch

/// The graph of WiKG (Li et al., CVPR 2024, section 3): an instance's neighbours are the k whose tails are most like its head.
///
/// It never is whole. An instance's likeness to all others is made for a block of instances at a time, and only which ones are its
/// neighbours is kept; in training a block is worked out again when its gradient is wanted. So beside a bag's features no more than two
/// numbers for each instance and width D are held at once: reduced instances and tails, then tails and their gradient. Which instances
/// are neighbours has no gradient; how alike they are has.
struct InstanceGraph {
    private let neighbours: Int
    private let width: Int
    private let dropout: Double
    private let embedding, head, tail: Linear
    private let layers: GraphLayers

    init(
        _ config: WiKGConfig,
        featureWidth: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        (neighbours, width, dropout) = (config.neighbours, config.hidden, config.dropout)
        func linear(_ name: String, _ inputs: Int) throws -> Linear {
            try source.linear(name, inputs: inputs, outputs: config.hidden, on: device)
        }
        embedding = try linear("_fc1.0", featureWidth)
        head = try linear("W_head", config.hidden)
        tail = try linear("W_tail", config.hidden)
        layers = try GraphLayers(config, from: source, on: device)
    }

    var parameters: [Parameter] { [embedding, head, tail].flatMap(\.parameters) + layers.parameters }

    /// What is pooled `[1, D]`, and the logits of the attention that pools it `[1, N]`.
    /// - Parameter block: instances of a block, a multiple of 4; nil: as many as need some megabytes.
    func callAsFunction(_ features: Tensor, _ draws: (any Draws)?, block: Int? = nil) throws -> (
        bag: Tensor, attention: Tensor
    ) {
        let count = features.shape[0]
        let dropout = try draws?.dropout(dropout, "dropout.message")
        let size = block ?? self.block(of: count)
        let digest = try withoutGrad { try self.digest(features, dropout, block: size) }
        let parts = try [digest.bag.reshape([-1]), digest.attention.reshape([-1])]
        let recorded = try Tensor.concatenated(parts, dim: 0).recorded(on: embedding.weight.tensor) { gradient in
            try pullBack(
                bag: gradient.narrow(dim: 0, start: 0, length: width).reshape([1, width]),
                attention: gradient.narrow(dim: 0, start: width, length: count).reshape([1, count]),
                digest
            )
        }
        return (
            try recorded.narrow(dim: 0, start: 0, length: width).reshape([1, width]),
            try recorded.narrow(dim: 0, start: width, length: count).reshape([1, count])
        )
    }

    /// Instances of a block: 4 MB for each tensor of its neighbours, 16 MB for its likeness to all instances.
    private func block(of count: Int) -> Int {
        let most = min((1 << 20) / (min(neighbours, count) * width), (1 << 22) / count)
        return max(4, most / 4 * 4)
    }

    /// All that a block needs to know of the bag.
    private struct Digest {
        let features: Tensor
        let dropout: Dropout?
        /// Instances of a block.
        let block: Int
        /// Of the reduced instances `[1, D]`.
        let mean: Tensor
        /// `[N, D]`
        let tails: Tensor
        /// Of each block its instances' neighbours, one instance's behind the other's `[n · k]`.
        let chosen: [Tensor]
        /// `[1, D]`
        let bag: Tensor
        /// `[1, N]`
        let attention: Tensor

        var ranges: [Range<Int>] { InstanceGraph.ranges(features.shape[0], block) }
    }

    private static func ranges(_ count: Int, _ block: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: block).map { $0..<min($0 + block, count) }
    }

    private func digest(_ features: Tensor, _ dropout: Dropout?, block: Int) throws -> Digest {
        let count = features.shape[0]
        func whole(_ body: (Range<Int>) throws -> Tensor) throws -> Tensor {
            let whole = try Tensor.zeros([count, width], on: features.device)
            for range in Self.ranges(count, Blockwise.rows) { try whole.rows(range).assign(body(range)) }
            return whole
        }
        let instances = try whole { try reduced(features.rows($0)) }
        let mean = try instances.mean(dim: 0, keep: true)
        let tails = try whole { try tail(centred(instances.rows($0), mean)) }
        let kinds = min(neighbours, count)
        var (start, chosen): (Int, [Tensor]) = (0, [])
        let (attention, bag) = try Blockwise.pooled(instances, rows: block) { own in
            defer { start += own.shape[0] }
            let heads = try head(centred(own, mean))
            let near = try heads.matmul(tails.transpose(0, 1)).topk(kinds, dim: 1).indices.reshape([-1])
            chosen.append(near)
            let (instances, logits) = try layers(
                heads,
                tails.indexSelect(dim: 0, near),
                dropout?.from(element: start * width)
            )
            return (logits, instances)
        }
        return Digest(
            features: features,
            dropout: dropout,
            block: block,
            mean: mean,
            tails: tails,
            chosen: chosen,
            bag: bag,
            attention: attention
        )
    }

    /// The first layer: features `[n, D_in]` → `[n, D]` of fp32.
    private func reduced(_ features: Tensor) throws -> Tensor {
        try features.dense(embedding, .none).to(.float32).leakyRelu()
    }

    /// Half an instance is the bag's mean.
    private func centred(_ instances: Tensor, _ mean: Tensor) throws -> Tensor { try (instances + mean) * 0.5 }

    /// Adds to the parameters' gradients what follows from those of the bag `[1, D]` and of the attention's logits `[1, N]`.
    ///
    /// Two walks over the bag. In the first a block goes from its heads and its neighbours' tails to the bag, and leaves a gradient to the
    /// mean and to tails anywhere in the bag; when these are complete the second goes from the instances to their own tails.
    private func pullBack(bag gradient: Tensor, attention given: Tensor, _ digest: Digest) throws {
        let shares = try digest.attention.softmax(dim: 1)
        let average = try (digest.bag * gradient).sum()
        let mean = try digest.mean.leaf()
        let tails = try Tensor.zeros(digest.tails.shape, on: digest.tails.device)
        for (range, chosen) in zip(digest.ranges, digest.chosen) {
            let near = try digest.tails.indexSelect(dim: 0, chosen).leaf()
            let share = try shares.columns(range)
            try withGrad {
                let heads = try head(centred(reduced(digest.features.rows(range)), mean))
                let dropout = digest.dropout?.from(element: range.lowerBound * width)
                let (instances, logits) = try layers(heads, near, dropout)
                // The softmax over the bag, whose sum holds the other blocks: what an instance brings beyond the average.
                let brought = try gradient.matmul(instances.detach().transpose(0, 1))
                let pull = try share * (brought - average) + given.columns(range)
                let pooled = try (share.transpose(0, 1) * gradient * instances).sum()
                return try pooled + (pull * logits).sum()
            }.backward()
            if let pulled = try near.grad { try tails.accumulate(rows: pulled, at: chosen) }
        }
        let meanOfTails = try tails.sum(dim: 0, keep: true).matmul(tail.weight.tensor) * 0.5
        let each = try (mean.grad.map { try $0 + meanOfTails } ?? meanOfTails) / Double(digest.features.shape[0])
        for range in digest.ranges {
            try withGrad {
                let instances = try reduced(digest.features.rows(range))
                let own = try tail(centred(instances, digest.mean)) * tails.rows(range)
                return try own.sum() + (instances * each).sum()
            }.backward()
        }
    }
}

extension Tensor {
    fileprivate func rows(_ range: Range<Int>) throws -> Tensor {
        try narrow(dim: 0, start: range.lowerBound, length: range.count)
    }

    fileprivate func columns(_ range: Range<Int>) throws -> Tensor {
        try narrow(dim: 1, start: range.lowerBound, length: range.count)
    }

    /// The same values as a leaf that records gradients.
    fileprivate func leaf() throws -> Tensor {
        let leaf = try detach()
        try leaf.setRequiresGrad(true)
        return leaf
    }
}
