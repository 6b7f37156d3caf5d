/// How good the patches of a grid are to look at; every array has one value per patch, in row order.
public struct PatchQuality: Equatable, Sendable {
    /// Share of the patch that is tissue, 0 to 1; what lies outside the slide is none.
    public var tissue: [Float]
    /// Share of the patch's part on the slide that is under pen ink, 0 to 1; nil on a dark background, where ink is not told.
    public var ink: [Float]?
    /// Share of the patch's part on the slide that is tissue as dark as folds are, 0 to 1; nil on a dark background.
    public var dark: [Float]?
    /// Sharpness of the patch's part on the slide, from 0 (nothing but blur) to 1; NaN where it was not measured.
    public var focus: [Float]
    /// Share of the patch that lies outside the slide, 0 to 1; nil in files of before patches reached beyond the edge.
    public var outside: [Float]?

    public init(tissue: [Float], ink: [Float]?, dark: [Float]?, focus: [Float], outside: [Float]? = nil) {
        self.tissue = tissue
        self.ink = ink
        self.dark = dark
        self.focus = focus
        self.outside = outside
    }

    /// The columns that are there, by their names in a patch file.
    public var columns: [(name: String, values: [Float])] {
        let all: [(String, [Float]?)] = [
            ("wsi_tissue", tissue), ("wsi_ink", ink), ("wsi_dark", dark), ("wsi_focus", focus),
            ("wsi_outside", outside),
        ]
        return all.compactMap { name, values in values.map { (name, $0) } }
    }
}

/// What there is to say about a whole slide's quality.
public struct SlideQuality: Codable, Equatable, Sendable {
    public var tissueUM2: Double
    /// Share of the patches' tissue that is under pen ink; nil on a dark background.
    public var ink: Double?
    /// Share of the tissue that is as dark as folds are; nil on a dark background.
    public var dark: Double?
    /// Median over the patches that were measured; nil where none was.
    public var focusMedian: Double?
    /// How many patches' focus was measured.
    public var focusMeasured: Int
    /// Patches left out for ink and for focus.
    public var excludedInk: Int
    public var excludedFocus: Int
    /// What a person should look at, in words; empty for a slide without findings.
    public var flags: [String]

    public init(
        tissueUM2: Double,
        ink: Double? = nil,
        dark: Double? = nil,
        focusMedian: Double? = nil,
        focusMeasured: Int = 0,
        excludedInk: Int = 0,
        excludedFocus: Int = 0,
        flags: [String] = []
    ) {
        self.tissueUM2 = tissueUM2
        self.ink = ink
        self.dark = dark
        self.focusMedian = focusMedian
        self.focusMeasured = focusMeasured
        self.excludedInk = excludedInk
        self.excludedFocus = excludedFocus
        self.flags = flags
    }

    enum CodingKeys: String, CodingKey {
        case ink, dark, flags
        case tissueUM2 = "tissue_um2"
        case focusMedian = "focus_median"
        case focusMeasured = "focus_measured"
        case excludedInk = "excluded_ink"
        case excludedFocus = "excluded_focus"
    }
}
