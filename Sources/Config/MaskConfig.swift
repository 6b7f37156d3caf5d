public import Records

/// How tissue is told from glass; the sizes are physical, so that they mean the same on every scanner.
public struct MaskConfig: ConfigSection {
    public var maskMPP = 8.0
    public var closeUM = 32.0
    public var minAreaUM2 = 40_000.0
    public var minHoleUM2 = 40_000.0
    public var background = Background.bright

    public enum Background: String, DescribedChoice {
        case bright, dark

        public var meaning: String {
            switch self {
            case .bright: "glass in transmitted light; tissue is what has colour"
            case .dark: "fluorescence; tissue is what shines"
            }
        }
    }

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case background
        case maskMPP = "mask_mpp"
        case closeUM = "close_um"
        case minAreaUM2 = "min_area_um2"
        case minHoleUM2 = "min_hole_um2"
    }

    public static let words =
        "How tissue is told from glass. The sizes are physical, so that they mean the same on every scanner."

    public static let fields: [Field] = [
        Field(
            .maskMPP,
            \.maskMPP,
            .number(1...64, "µm"),
            "Wanted µm per pixel of the mask, which takes the nearest whole multiple of a pyramid level's."
        ),
        Field(.closeUM, \.closeUM, .number(0...1000, "µm"), "Gaps narrower than this are closed."),
        Field(.minAreaUM2, \.minAreaUM2, .number(0...1e9, "µm²"), "Tissue regions smaller than this are dropped."),
        Field(.minHoleUM2, \.minHoleUM2, .number(0...1e9, "µm²"), "Holes smaller than this are filled."),
        Field(
            .background,
            \.background,
            .choice,
            "What the slides' background is; a dark one is refused unless it is named here.",
            flags: [ConfigFlag("--dark-background", "dark")]
        ),
    ]

    /// Checks no range, as `TilingConfig`.
    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        self.init()
        try reader.read(into: &self)
    }
}
