import Torch

/// Nyström attention at test time over a sequence that is never held whole: its rows are asked for again, block by block,
/// each time that they are read.
extension NystromAttention {
    /// Attention between all landmarks and so many rows is held at a time.
    static let keysAtOnce = 512

    /// All that an output row needs to know of the other rows.
    struct Digest {
        /// Rows of padding in front.
        let padding: Int
        let length: Int
        /// Means by group, queries scaled by 1/√d `[heads, m, d]`.
        let landmarkQueries, landmarkKeys: Tensor
        /// The pseudo-inverse between landmarks `[heads, m, m]`.
        let inverse: Tensor
        /// What the landmarks gather, through the inverse `[heads, m, d]`.
        let gathered: Tensor
        /// Logarithms of the sums of exponentials over the sequence `[heads, m, 1]`.
        let totals: Tensor
    }

    /// - Parameters:
    ///   - length: n, the rows of the sequence.
    ///   - block: how many rows are asked for at a time.
    ///   - rows: some of them, normalised, `[n, D]`.
    func digest(_ length: Int, block: Int, _ rows: (Range<Int>) throws -> Tensor) throws -> Digest {
        let padding = (landmarks - length % landmarks) % landmarks
        let group = (length + padding) / landmarks
        let groups = max(1, block / group)
        /// Whole groups, with the padding in front as rows of 0.
        func padded(from first: Int) throws -> Tensor {
            let end = min(first + groups, landmarks) * group - padding
            let start = max(0, first * group - padding)
            let zeros = (min(first + groups, landmarks) - first) * group - max(0, end - start)
            guard end > start else { return try Tensor.zeros([zeros, width], on: residual.tensor.device) }
            let part = try rows(start..<end)
            return zeros == 0
                ? part : try Tensor.concatenated([Tensor.zeros([zeros, width], on: part.device), part], dim: 0)
        }
        let firsts = stride(from: 0, to: landmarks, by: groups)
        let means = try firsts.map { try padded(from: $0).reshape([-1, group, width]).mean(dim: 1) }
        // The projection has no bias, so that of a mean is the mean of the projections.
        let landmark = try parts(Tensor.concatenated(means, dim: 0))
        let between = try landmark.queries.bmm(landmark.keys.transpose(1, 2)).softmax(dim: 2)
        var attended = try Tensor.zeros(landmark.queries.shape, on: landmark.queries.device)
        var totals = try Tensor.full([heads, landmarks, 1], value: -1e30, on: attended.device)
        for first in firsts {
            let part = try parts(padded(from: first))
            for start in stride(from: 0, to: part.keys.shape[1], by: Self.keysAtOnce) {
                let count = min(Self.keysAtOnce, part.keys.shape[1] - start)
                let keys = try part.keys.narrow(dim: 1, start: start, length: count)
                let logits = try landmark.queries.bmm(keys.transpose(1, 2))
                let shares = try logits.logSoftmax(dim: 2)
                let sums = try (logits - shares).narrow(dim: 2, start: 0, length: 1)
                let pooled = try shares.exp().bmm(part.values.narrow(dim: 1, start: start, length: count))
                // Two softmaxes over parts of the sequence, weighted by their sums of exponentials, are that over both.
                let both = try Tensor.concatenated([totals, sums], dim: 2)
                let lost = try both.logSoftmax(dim: 2)
                let weights = try lost.exp()
                attended =
                    try attended * weights.narrow(dim: 2, start: 0, length: 1)
                    + pooled * weights.narrow(dim: 2, start: 1, length: 1)
                totals = try (both - lost).narrow(dim: 2, start: 1, length: 1)
            }
        }
        let inverse = try pseudoInverse(between)
        return Digest(
            padding: padding,
            length: length,
            landmarkQueries: landmark.queries,
            landmarkKeys: landmark.keys,
            inverse: inverse,
            gathered: try inverse.bmm(attended),
            totals: totals
        )
    }

    /// The rows whose values an output row sees beside its own.
    func window(_ wanted: Range<Int>, of length: Int) -> Range<Int> {
        max(0, wanted.lowerBound - Self.taps / 2)..<min(length, wanted.upperBound + Self.taps / 2)
    }

    /// The layer's output for some rows `[rows, D]`.
    /// - Parameter seen: the normalised rows of their `window`.
    func output(_ digest: Digest, _ wanted: Range<Int>, seeing seen: Tensor) throws -> Tensor {
        let start = wanted.lowerBound - window(wanted, of: digest.length).lowerBound
        let part = try parts(seen)
        let queries = try part.queries.narrow(dim: 1, start: start, length: wanted.count)
        let attention = try queries.bmm(digest.landmarkKeys.transpose(1, 2)).softmax(dim: 2)
        // Beyond the sequence's ends, and in the padding in front, values are 0 as a convolution's margin is.
        let beside = try part.values.unsqueeze(0)
            .conv2d(residual.tensor, padding: (Self.taps / 2, 0), groups: heads).squeeze(0)
            .narrow(dim: 1, start: start, length: wanted.count)
        let mixed = try attention.bmm(digest.gathered) + beside
        return try projected(mixed.transpose(0, 1).reshape([wanted.count, heads * headWidth]), nil, "")
    }

    /// What the first row attends to among the others `[heads, n − 1]`.
    func classAttention(
        _ digest: Digest,
        block: Int,
        _ rows: (Range<Int>) throws -> Tensor
    ) throws -> Tensor {
        let first = try parts(rows(0..<1)).queries
        let weights = try first.bmm(digest.landmarkKeys.transpose(1, 2)).softmax(dim: 2).bmm(digest.inverse)
        var shares: [Tensor] = []
        for start in stride(from: 1, to: digest.length, by: block) {
            let keys = try parts(rows(start..<min(start + block, digest.length))).keys
            for first in stride(from: 0, to: keys.shape[1], by: Self.keysAtOnce) {
                let some = try keys.narrow(dim: 1, start: first, length: min(Self.keysAtOnce, keys.shape[1] - first))
                let logits = try digest.landmarkQueries.bmm(some.transpose(1, 2))
                shares.append(try weights.bmm((logits - digest.totals).exp()).squeeze(1))
            }
        }
        return try Tensor.concatenated(shares, dim: 1)
    }
}
