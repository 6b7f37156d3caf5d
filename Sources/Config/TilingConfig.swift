public import Records

/// The `tiling` section of a config: what a patch is, and which ones are kept.
public struct TilingConfig: ConfigSection {
    public var mpp = 0.5
    public var patchSize = 256
    public var overlap = 0
    public var minTissue = 0.25
    public var edge = Edge.pad
    public var slideMPP: Double?
    public var mppCSV: String?
    public var mppFromTIFF = false
    public var allowUpsampling = false
    public var mask = MaskConfig()
    public var maxPatches = 500_000
    public var excludeInk: Double?
    public var minFocus: Double?
    public var quality = Quality.sample
    public var regions: String?
    public var regionsOrigin: CoordinateOrigin?
    public var regionsMode = RegionsMode.restrict
    public var colour = ReadingRules.Colour.stored
    public var jpegColour: ReadingRules.JPEGColour?
    public var acceptGrey = false
    public var scene: Int?

    public enum Edge: String, DescribedChoice {
        case pad, drop

        public var meaning: String {
            switch self {
            case .pad: "they are taken like any other: what lies outside the slide is white, and no tissue"
            case .drop: "they are left out, so that up to a patch's side of the slide is looked at by none"
            }
        }
    }

    public enum Quality: String, DescribedChoice {
        case sample, full

        public var meaning: String {
            switch self {
            case .sample: "of the patches at 64 places, evenly spread over the slide"
            case .full: "of every patch"
            }
        }
    }

    public enum RegionsMode: String, DescribedChoice {
        case restrict, replace

        public var meaning: String {
            switch self {
            case .restrict: "they limit the tissue that is found"
            case .replace: "they are taken instead of the tissue that is found"
            }
        }
    }

    /// µm per pixel that a slide or a target may have.
    public static let plausibleMPP = 0.05...100.0

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case mpp, overlap, edge, mask, quality, regions, colour, scene
        case patchSize = "patch_size"
        case minTissue = "min_tissue"
        case slideMPP = "slide_mpp"
        case mppCSV = "mpp_csv"
        case mppFromTIFF = "mpp_from_tiff"
        case allowUpsampling = "allow_upsampling"
        case maxPatches = "max_patches"
        case excludeInk = "exclude_ink"
        case minFocus = "min_focus"
        case regionsOrigin = "regions_origin"
        case regionsMode = "regions_mode"
        case jpegColour = "jpeg_colour"
        case acceptGrey = "accept_grey"
    }

    public static let words = "What a patch is, and which ones are kept."

    public static let fields = geometry + scales + choice + reading

    private static let geometry: [Field] = [
        Field(
            .mpp,
            \.mpp,
            .number(plausibleMPP, "µm"),
            "µm per pixel of the patches.",
            flags: [ConfigFlag("--mpp", of: ["tile"]), "--magnification"]
        ),
        Field(
            .patchSize,
            \.patchSize,
            .whole(16...4096, "pixels"),
            "Side of a patch, in pixels at that scale.",
            flags: ["--patch-size"]
        ),
        Field(
            .overlap,
            \.overlap,
            .whole(0...4095, "pixels"),
            "Overlap of neighbours, in pixels at that scale.",
            flags: [ConfigFlag("--overlap", of: ["tile"])]
        ),
        Field(
            .minTissue,
            \.minTissue,
            .number(0...1),
            "Least share of a patch that must be tissue; 0 keeps every patch that touches tissue.",
            flags: ["--min-tissue"]
        ),
        Field(
            .edge,
            \.edge,
            .choice,
            "What becomes of patches that reach beyond the right or the bottom edge of the slide.",
            flags: ["--edge"]
        ),
    ]

    private static let scales: [Field] = [
        Field(
            .slideMPP,
            \.slideMPP,
            .number(plausibleMPP, "µm"),
            "µm per pixel at level 0 of every slide; wins over what the slides say.",
            absent: "what each slide says",
            flags: [ConfigFlag("--slide-mpp", of: ["tile", "run", "check"])]
        ),
        Field(
            .mppCSV,
            \.mppCSV,
            .text,
            "CSV with µm per pixel of single slides, which wins over `slide_mpp`; columns `slide_id` or `wsi`, and `mpp`.",
            absent: "none",
            flags: [ConfigFlag("--mpp-csv", of: ["tile", "run", "check"])]
        ),
        Field(
            .mppFromTIFF,
            \.mppFromTIFF,
            .flag,
            "Believe a TIFF resolution given per inch; often it is a printer's 72 dpi.",
            flags: [ConfigFlag("--mpp-from-tiff", "true")]
        ),
        Field(
            .allowUpsampling,
            \.allowUpsampling,
            .flag,
            "Take patches also from slides more than 5 % coarser than `mpp`, enlarged: detail that was never scanned.",
            flags: [ConfigFlag("--allow-upsampling", "true")]
        ),
        Field(.mask, \.mask, .section, "How tissue is told from glass."),
        Field(
            .maxPatches,
            \.maxPatches,
            .whole(1...10_000_000),
            "Most patches that a slide may have.",
            flags: ["--max-patches"]
        ),
    ]

    private static let choice: [Field] = [
        Field(
            .excludeInk,
            \.excludeInk,
            .number(0...1),
            "Patches with a larger share under pen ink are left out.",
            absent: "they are kept",
            flags: ["--exclude-ink"]
        ),
        Field(
            .minFocus,
            \.minFocus,
            .number(0...1),
            "Patches with less focus are left out.",
            absent: "they are kept",
            flags: ["--min-focus"]
        ),
        Field(
            .quality,
            \.quality,
            .choice,
            "Whose focus is measured; that of every patch where `min_focus` asks for it.",
            flags: [ConfigFlag("--quality", "full")]
        ),
        Field(
            .regions,
            \.regions,
            .text,
            "A file of regions for the one slide, or a folder with one file for each slide.",
            absent: "none",
            flags: [ConfigFlag("--regions", of: ["tile"])]
        ),
        Field(
            .regionsOrigin,
            \.regionsOrigin,
            .choice,
            "What the regions' coordinates count from.",
            absent: "what their file says, else `bounds`",
            flags: ["--origin"]
        ),
        Field(
            .regionsMode,
            \.regionsMode,
            .choice,
            "What the regions do.",
            flags: [ConfigFlag("--regions-replace", "replace")]
        ),
    ]

    public static let rules = [
        Rule("`overlap` is less than `patch_size`.", .overlap, "a whole number from 0 to patch_size - 1 is wanted here")
        {
            $0.overlap < $0.patchSize
        },
        Rule(
            "On a dark background there is no `exclude_ink`.",
            .excludeInk,
            "ink is not told on a dark background; leave this out"
        ) { $0.excludeInk == nil || $0.mask.background == .bright },
        Rule(
            "On a dark background there is no `min_focus`.",
            .minFocus,
            "focus is not told on a dark background; leave this out"
        ) { $0.minFocus == nil || $0.mask.background == .bright },
    ]

    /// Checks no range: flags change what was read, and `validate` looks at all of it.
    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        self.init()
        try reader.read(into: &self)
    }

    /// - Throws: `ConfigError` naming the key below `path` and the allowed range.
    public func validate(at path: String = "tiling") throws { try check(at: path) }
}
