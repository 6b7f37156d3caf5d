import Records

/// Attention of one learned query to all tokens, between two normalisations of its own (CoCa, Yu et al. 2022).
public struct AttentionPoolArchitecture: Codable, Equatable, Sendable {
    /// Numbers that it gives.
    public let width: Int
    public let heads: Int

    enum CodingKeys: String, CodingKey, CaseIterable { case width, heads }

    public init(width: Int, heads: Int) { (self.width, self.heads) = (width, heads) }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        width = try reader.require(.width)
        heads = try reader.require(.heads)
        try ConfigError.check((1...16_384).contains(width), reader.keyPath(.width), "\(width) is not in 1…16384")
        try ConfigError.check(
            (1...256).contains(heads) && width.isMultiple(of: heads),
            reader.keyPath(.heads),
            "\(width) numbers cannot be shared out to \(heads) heads"
        )
    }
}

/// One layer without bias, or two with biases and GELU between them, after the pooling.
public struct ProjectionArchitecture: Codable, Equatable, Sendable {
    /// Numbers that it gives.
    public let dim: Int
    /// Outputs of the first of two layers; nil: there is one.
    public let hidden: Int?
    /// Whether the result is brought to length 1.
    public private(set) var normalised = false

    enum CodingKeys: String, CodingKey, CaseIterable { case dim, hidden, normalised }

    public init(dim: Int, hidden: Int? = nil, normalised: Bool = false) {
        (self.dim, self.hidden, self.normalised) = (dim, hidden, normalised)
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        dim = try reader.require(.dim)
        var hidden: Int?
        try reader.read(.hidden, into: &hidden)
        self.hidden = hidden
        try reader.read(.normalised, into: &normalised)
        for (key, value) in [(CodingKeys.dim, dim), (.hidden, hidden ?? 1)] {
            try ConfigError.check((1...65_536).contains(value), reader.keyPath(key), "\(value) is not in 1…65536")
        }
    }
}
