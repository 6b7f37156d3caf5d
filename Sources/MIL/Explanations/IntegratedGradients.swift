import Records
import Torch

/// Integrated gradients (Sundararajan, Taly and Yan, ICML 2017) of a bag that is pooled, on one straight path for all patches from a bag
/// that is nothing but the training's mean patch.
///
/// At a point of the path one walk over the bag gathers what the pooling needs of all patches, and a second takes the gradient block by
/// block, with that held: the margin is Σ softmax(a)ᵢ qᵢ, so that exp(aᵢ - log Σ exp a) · (qᵢ - margin), summed over a block alone, has
/// at the block's patches the gradient of the whole. All in fp32, whatever the model was trained with.
struct IntegratedGradients {
    let pool: BagPool
    /// `[N, D]`
    let features: Tensor
    /// `[1, D]`
    let start: Tensor
    /// Patches of a block.
    let block: Int

    /// Of a margin: steps are halved until the parts miss the difference of both ends by a hundredth of it at most. No node is looked at
    /// twice; of each a row of numbers is kept.
    func callAsFunction(_ margin: Margin) throws -> ExplainedRow {
        let rows = try pool.rows(of: margin).rows
        var steps = Self.steps.lowerBound
        var seen: [(value: Double, parts: [Float])] = []
        while true {
            let nodes = ClenshawCurtis(steps: steps).nodes
            let known = seen
            seen = try nodes.enumerated().map { index, node in
                try known.isEmpty || index % 2 == 1 ? gradients(at: node.place, rows) : known[index / 2]
            }
            var values = [Double](repeating: 0, count: features.shape[0])
            for (node, told) in zip(nodes, seen) {
                for (row, part) in told.parts.enumerated() { values[row] += node.weight * Double(part) }
            }
            let whole = seen[steps].value - seen[0].value
            let residual = whole - values.reduce(0, +)
            guard abs(residual) > ExplanationFacts.largestShare * abs(whole), steps < Self.steps.upperBound else {
                return ExplainedRow(
                    output: margin.output,
                    values: values.map { Float($0) },
                    facts: ExplanationFacts(whole: whole, residual: residual, nodes: nodes.count)
                )
            }
            steps *= 2
        }
    }

    /// Of the path; even.
    static let steps = 8...128

    /// What is known of the whole bag at a point of the path.
    private struct Pooled {
        /// Logarithm of the sum of attention's exponentials `[K, 1]`; nil where patches weigh the same.
        var sums: Tensor?
        /// What each row of attention brings to the margin, `[K, 1]`.
        var margins: Tensor
        /// The margin without its bias.
        var value: Double
    }

    private func pooled(at place: Double, _ rows: Tensor) throws -> Pooled {
        let heads = rows.shape[0]
        let seen = try Blockwise.joined(features, dim: 1, rows: block) { block in
            let (logits, scores) = try looked(at: point(place, block), rows)
            return try logits.map { try Tensor.concatenated([$0, scores], dim: 0) } ?? scores
        }
        let scores = try seen.narrow(dim: 0, start: seen.shape[0] - heads, length: heads)
        var (sums, margins): (Tensor?, Tensor) = (nil, try scores.mean(dim: 1, keep: true))
        if pool.attention != nil {
            let logits = try seen.narrow(dim: 0, start: 0, length: heads)
            let shares = try logits.logSoftmax(dim: 1)
            sums = try (logits - shares).narrow(dim: 1, start: 0, length: 1).clone()
            margins = try (shares.exp() * scores).sum(dim: 1, keep: true)
        }
        let value = try margins.floats().reduce(0) { $0 + Double($1) }
        return Pooled(sums: sums, margins: margins, value: value)
    }

    /// At a point of the path the margin without its bias, and of each patch the gradient times the patch's way from the start, `[N]`.
    private func gradients(at place: Double, _ rows: Tensor) throws -> (value: Double, parts: [Float]) {
        let whole = try pooled(at: place, rows)
        let parts = try Blockwise.blocks(of: features, block).flatMap { block in
            let patches = try point(place, block).detach()
            try patches.setRequiresGrad(true)
            try withGrad {
                let (logits, scores) = try looked(at: patches, rows)
                if let logits, let sums = whole.sums {
                    try ((logits - sums).exp() * (scores - whole.margins)).sum().backward()
                } else {
                    try (scores.sum() / Double(features.shape[0])).backward()
                }
            }
            guard let gradient = try patches.grad else {
                throw Failure(.bug, nil, "no gradient has reached the patches")
            }
            return try (gradient * (block.to(.float32) - start)).sum(dim: 1).floats()
        }
        return (whole.value, parts)
    }

    private func point(_ place: Double, _ block: Tensor) throws -> Tensor {
        try start + (block.to(.float32) - start) * place
    }

    /// Of patches their attention's logits `[K, n]` and what each row of attention would pool of them `[K, n]`.
    private func looked(at patches: Tensor, _ rows: Tensor) throws -> (logits: Tensor?, scores: Tensor) {
        let instances = try pool.embedding(patches, nil)
        return (try pool.attention.map { try $0(instances, nil) }, try instances.scores(rows))
    }
}
