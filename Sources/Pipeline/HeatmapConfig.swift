public import Records

/// How heatmaps are drawn.
public struct HeatmapConfig: Codable, Equatable, Sendable {
    public enum Scale: String, ConfigChoice {
        /// The same colour means the same N·attention on every slide.
        case absolute
        /// Rank within the slide.
        case percentile
    }

    public enum Colours: String, ConfigChoice {
        /// Blue, green, yellow: hues that H&E does not have.
        case lagoon
        /// Blue, grey, yellow: safe for colour-blind readers.
        case dune
    }

    /// Longest side of the picture of the slide, in pixels.
    public var side = 2000
    public var scale = Scale.absolute
    /// N·attention at the two ends of the absolute scale; 1 is uniform attention.
    public var range = [0.0, 10.0]
    /// Share of the colour over the slide's own picture at the top of the scale, 0 to 1; a quarter of it at the bottom.
    public var opacity = 0.6
    public var colours = Colours.lagoon

    enum CodingKeys: String, CodingKey, CaseIterable { case side, scale, range, opacity, colours }

    public init() {}

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.side, into: &side)
        try reader.read(.scale, into: &scale)
        try reader.read(.range, into: &range)
        try reader.read(.opacity, into: &opacity)
        try reader.read(.colours, into: &colours)
        try validate(at: reader.keyPath)
    }

    /// - Throws: `ConfigError` naming the key whose value is out of range.
    public func validate() throws { try validate { "heatmap.\($0.stringValue)" } }

    private func validate(at keyPath: (CodingKeys) -> String) throws {
        try ConfigError.check((200...20_000).contains(side), keyPath(.side), "200 to 20000 pixels are allowed")
        try ConfigError.check(
            range.count == 2 && range.allSatisfy(\.isFinite) && range.first ?? 0 < range.last ?? 0,
            keyPath(.range),
            "two rising numbers are wanted"
        )
        try ConfigError.check((0...1).contains(opacity), keyPath(.opacity), "0 to 1 is allowed")
    }
}
