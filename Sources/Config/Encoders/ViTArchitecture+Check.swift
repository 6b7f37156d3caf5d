import Records

extension ViTArchitecture {
    /// Why images of a side in pixels cannot go through the network; nil where they can.
    func fault(ofInput side: Int) -> String? {
        guard side.isMultiple(of: patch) else {
            return "\(side) is no multiple of the architecture's patch of \(patch) pixels"
        }
        let tokens = (side / patch) * (side / patch)
        guard tokens * max(1, width / heads) <= EncoderArchitecture.mostNumbers else {
            return "\(tokens) tokens are more than is built here; a smaller input or a larger patch is wanted"
        }
        return nil
    }

    /// Checks the numbers that a file gave.
    /// - Parameter place: of a key, for messages.
    func check(_ place: (CodingKeys) -> String) throws {
        func check(_ value: Int, in range: ClosedRange<Int>, _ key: CodingKeys) throws {
            try ConfigError.check(
                range.contains(value),
                place(key),
                "\(value) is not in \(range.lowerBound)…\(range.upperBound)"
            )
        }
        try check(patch, in: 1...256, .patch)
        try check(width, in: 1...16_384, .width)
        try check(depth, in: 1...256, .depth)
        try check(heads, in: 1...256, .heads)
        try check(hidden, in: 1...131_072, .hidden)
        try check(registerTokens, in: 0...256, .registerTokens)
        try ConfigError.check(
            width.isMultiple(of: heads),
            place(.heads),
            "\(width) numbers per token cannot be shared out to \(heads) heads"
        )
        try ConfigError.check(
            mlp != .swiglu || hidden.isMultiple(of: 2),
            place(.hidden),
            "a gated MLP halves its \(hidden) hidden numbers; an even number is wanted"
        )
        try ConfigError.check(
            epsilon > 0 && epsilon < 0.01,
            place(.epsilon),
            "\(epsilon) is not between 0 and 0.01"
        )
        try ConfigError.check(
            positionResize == nil || positions == .learned,
            place(.positionResize),
            "without learned positions there is nothing to resize; leave the key out"
        )
        if let rope {
            try ConfigError.check(rope > 1 && rope <= 1e6, place(.rope), "\(rope) is not in 1…1000000")
            try ConfigError.check(
                (width / heads).isMultiple(of: 4),
                place(.rope),
                "rotary positions want heads of a multiple of 4 numbers, and these have \(width / heads)"
            )
        }
        try ConfigError.check(
            classToken || !pool.needsClassToken,
            place(.pool),
            "'\(pool.rawValue)' wants the class token, and 'class_token' is false; use mean, mean+fc_norm or attention"
        )
        try ConfigError.check(
            (pool == .attention) == (attentionPool != nil),
            place(.attentionPool),
            "pool 'attention' and this key belong together"
        )
    }
}
