import Torch

/// A test-time pass over a bag block by block: the memory it needs grows with the block and not with the bag, of which
/// only attention logits are kept.
enum Blockwise {
    /// Instances of a block: enough for matrix products at full speed.
    static let rows = 4096

    /// What `body` makes of every block of features `[n, D_in]`, side by side along `dim`.
    static func joined(
        _ features: Tensor,
        dim: Int,
        rows: Int = Blockwise.rows,
        _ body: (Tensor) throws -> Tensor
    ) throws -> Tensor {
        let parts = try blocks(of: features, rows).map(body)
        return parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, dim: dim)
    }

    /// Attention pooling, exactly as over the whole bag: softmax over a bag is softmax over a block, times the block's
    /// share in the sum of exponentials.
    ///
    /// - Parameters:
    ///   - rows: instances of a block.
    ///   - isMasked: whether logits may be those of `STKIM.masked`, beside which no other is seen.
    ///   - body: a block of features `[n, D_in]` → its attention logits `[K, n]` and what they pool `[n, D]`.
    /// - Returns: the logits `[K, N]`, and what is pooled `[K, D]`.
    static func pooled(
        _ features: Tensor,
        rows: Int = Blockwise.rows,
        isMasked: Bool = false,
        _ body: (Tensor) throws -> (logits: Tensor, instances: Tensor)
    ) throws -> (logits: Tensor, pooled: Tensor) {
        var (logits, pooled, sums): ([Tensor], [Tensor], [Tensor]) = ([], [], [])
        for block in try blocks(of: features, rows) {
            let part = try body(block)
            logits.append(part.logits)
            pooled.append(try part.instances.pooled(by: part.logits))
            // The logarithm of the sum of exponentials is what a logit loses in the logarithm of the softmax.
            let shares = try part.logits.logSoftmax(dim: 1)
            if isMasked {
                sums.append(
                    try part.logits.max(dim: 1, keep: true).values - shares.max(dim: 1, keep: true).values
                )
            } else {
                sums.append(try (part.logits - shares).narrow(dim: 1, start: 0, length: 1).clone())
            }
        }
        guard pooled.count > 1 else { return (logits[0], pooled[0]) }
        let shares = try Tensor.concatenated(sums, dim: 1).softmax(dim: 1)
        return (
            try Tensor.concatenated(logits, dim: 1),
            try shares.unsqueeze(1).bmm(Tensor.stacked(pooled, dim: 1)).squeeze(1)
        )
    }

    static func blocks(of features: Tensor, _ rows: Int = Blockwise.rows) throws -> [Tensor] {
        let count = features.shape[0]
        guard count > rows else { return [features] }
        return try stride(from: 0, to: count, by: rows).map { start in
            try features.narrow(dim: 0, start: start, length: min(rows, count - start))
        }
    }
}
