public import Records

/// The keys that say how a slide becomes pixels.
extension TilingConfig {
    static let reading: [Field] = [
        Field(.colour, \.colour, .choice, "What the pixels' colours are.", flags: ["--colour"]),
        Field(
            .jpegColour,
            \.jpegColour,
            .choice,
            "What the components of JPEG tiles are, whatever their files say. It is for slides that are refused since they "
                + "contradict themselves; formats with rules of their own, such as NDPI, keep these.",
            absent: "what each slide says",
            flags: ["--jpeg-colour"]
        ),
        Field(
            .acceptGrey,
            \.acceptGrey,
            .flag,
            "Take slides of one channel, as grey RGB.",
            flags: [ConfigFlag("--accept-grey", "true")]
        ),
        Field(
            .scene,
            \.scene,
            .whole(1...9999),
            "Of slides with several scenes, the one that is taken, counted from 1.",
            absent: "all of them",
            flags: ["--scene"]
        ),
    ]

    /// How every stage has to read what was tiled so.
    public var rules: ReadingRules {
        get { ReadingRules(colour: colour, jpegColour: jpegColour, acceptsGrey: acceptGrey, scene: scene) }
        set {
            (colour, jpegColour) = (newValue.colour, newValue.jpegColour)
            (acceptGrey, scene) = (newValue.acceptsGrey, newValue.scene)
        }
    }

    /// The keys behind `rules`.
    public static let readingKeys: [CodingKeys] = [.colour, .jpegColour, .acceptGrey, .scene]
}

/// What flags say of reading instead of a config.
public struct ReadingChanges: Equatable, Sendable {
    public var colour: ReadingRules.Colour?
    public var jpegColour: ReadingRules.JPEGColour?
    public var acceptsGrey = false
    public var scene: Int?

    public init() {}

    /// The first key that is another; nil where nothing is said.
    public var key: TilingConfig.CodingKeys? {
        if colour != nil { return .colour }
        if jpegColour != nil { return .jpegColour }
        return acceptsGrey ? .acceptGrey : scene.map { _ in .scene }
    }

    public func apply(to tiling: inout TilingConfig) {
        if let colour { tiling.colour = colour }
        if let jpegColour { tiling.jpegColour = jpegColour }
        if acceptsGrey { tiling.acceptGrey = true }
        if let scene { tiling.scene = scene }
    }
}
