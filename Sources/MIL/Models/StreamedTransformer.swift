import Torch

/// A Nyström transformer at test time over a bag that is too large to be held as tokens: what a layer reads is made again
/// from the layer below whenever it is read, so that memory grows with the block and not with the bag.
struct StreamedTransformer {
    let transformer: NystromTransformer
    /// Patch tokens, and how to make some of them `[n, D]`.
    let count: Int
    let tokens: (Range<Int>) throws -> Tensor
    var block = 2048

    /// Bags with more instances than this are streamed: above it, holding all tokens would take more than a gigabyte.
    static let threshold = 16_384

    /// Class token at the end `[1, D]`, and its attention in the first or second layer `[heads, count]`.
    func callAsFunction(scoring layer: Int) throws -> (bag: Tensor, attention: Tensor) {
        let (first, second) = (transformer.first, transformer.second)
        func normed(_ rows: Range<Int>) throws -> Tensor { try first.norm(sequence(rows)) }
        let digest = try first.attention.digest(count + 1, block: block, normed)
        func placed(_ rows: Range<Int>) throws -> Tensor { try second.norm(between(rows, digest)) }
        let above = try second.attention.digest(count + 1, block: block, placed)
        let seen = second.attention.window(0..<1, of: count + 1)
        let classRow = try below(0..<1, digest)
        let bag = try classRow + second.attention.output(above, 0..<1, seeing: placed(seen))
        let attention =
            try layer == 1
            ? first.attention.classAttention(digest, block: block, normed)
            : second.attention.classAttention(above, block: block, placed)
        return (try transformer.norm(bag), attention)
    }

    /// Rows of the first layer's sequence: the class token, then the patches.
    private func sequence(_ rows: Range<Int>) throws -> Tensor {
        guard rows.lowerBound == 0 else { return try tokens((rows.lowerBound - 1)..<(rows.upperBound - 1)) }
        let token = try transformer.classToken.tensor.reshape([1, -1])
        guard rows.count > 1 else { return token }
        return try Tensor.concatenated([token, tokens(0..<(rows.upperBound - 1))], dim: 0)
    }

    /// Rows of what the first layer gives.
    private func below(_ rows: Range<Int>, _ digest: NystromAttention.Digest) throws -> Tensor {
        let layer = transformer.first
        let step = NystromAttention.keysAtOnce
        let parts = try stride(from: rows.lowerBound, to: rows.upperBound, by: step).map { start in
            let wanted = start..<min(start + step, rows.upperBound)
            let window = layer.attention.window(wanted, of: count + 1)
            let seen = try sequence(window)
            let own = try seen.narrow(dim: 0, start: start - window.lowerBound, length: wanted.count)
            return try own + layer.attention.output(digest, wanted, seeing: layer.norm(seen))
        }
        return parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, dim: 0)
    }

    /// Rows of the second layer's sequence: the class token as it is, and the patches with their positions.
    private func between(_ rows: Range<Int>, _ digest: NystromAttention.Digest) throws -> Tensor {
        let patches = (max(1, rows.lowerBound) - 1)..<max(0, rows.upperBound - 1)
        func placed() throws -> Tensor {
            try transformer.position.rows(patches, of: count) { wanted in
                try below((wanted.lowerBound + 1)..<(wanted.upperBound + 1), digest)
            }
        }
        guard rows.lowerBound == 0 else { return try placed() }
        let classRow = try below(0..<1, digest)
        return patches.isEmpty ? classRow : try Tensor.concatenated([classRow, placed()], dim: 0)
    }
}

extension PPEG {
    /// Some of the patch tokens with their positions `[rows, D]`, from those in the lines of the square around them.
    func rows(_ wanted: Range<Int>, of count: Int, _ tokens: (Range<Int>) throws -> Tensor) throws -> Tensor {
        let natural = Self.side(of: count)
        let side = max(natural, minimumSide)
        let reach = 3
        let first = max(0, wanted.lowerBound / side - reach)
        let last = min(side, (wanted.upperBound + side - 1) / side + reach)
        let cells = (first * side)..<(last * side)
        // The square holds the tokens, the first of them again, and zeros where it was made larger.
        let bounds = [0, count, natural * natural, side * side]
        let pieces = try (0..<3).compactMap { kind -> Tensor? in
            let part = cells.clamped(to: bounds[kind]..<bounds[kind + 1])
            guard !part.isEmpty else { return nil }
            switch kind {
            case 0: return try tokens(part)
            case 1: return try tokens((part.lowerBound - count)..<(part.upperBound - count))
            default: return try Tensor.zeros([part.count, width], on: device)
            }
        }
        let lines = try Tensor.concatenated(pieces, dim: 0)
        let placed = try summed(lines.transpose(0, 1).reshape([1, width, last - first, side]))
        return try placed.reshape([width, cells.count]).transpose(0, 1)
            .narrow(dim: 0, start: wanted.lowerBound - cells.lowerBound, length: wanted.count)
    }
}
