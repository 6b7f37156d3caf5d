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

    /// - Parameter read: the values of a column; nil where there are none.
    /// - Returns: nil where a column is missing that is always there.
    public init?(reading read: (_ name: String) throws -> [Float]?) rethrows {
        self.init(tissue: [], ink: nil, dark: nil, focus: [])
        let all = QualityColumn.all
        for column in all.filter(\.isRequired) + all.filter({ !$0.isRequired }) {
            if let values = try read(column.name) {
                column.put(values, into: &self)
            } else if column.isRequired {
                return nil
            }
        }
    }

    /// The columns that are there, by their names in a patch file.
    public var columns: [(name: String, values: [Float])] {
        QualityColumn.all.compactMap { column in column.values(of: self).map { (column.name, $0) } }
    }
}

extension QualityColumn {
    /// In the order in which files have them.
    public static let all = [
        QualityColumn(
            "wsi_tissue",
            at: .always(\.tissue),
            unit: "share",
            meaning: "of the patch that is tissue",
            figures: [QualityFigure(.tissueUM2, title: "Tissue", .area) { $0.tissueUM2 }]
        ),
        QualityColumn(
            "wsi_ink",
            at: .sometimes(\.ink),
            unit: "share",
            meaning: "of its part on the slide under pen ink; not on a dark background",
            isOnDarkBackground: false,
            excludedBy: "exclude_ink",
            figures: [
                QualityFigure(.ink, title: "Under pen ink", .shareOfTissue, isOnPage: true) { $0.ink },
                QualityFigure(.excludedInk, onlyWith: "exclude_ink") { Double($0.excludedInk) },
            ]
        ),
        QualityColumn(
            "wsi_dark",
            at: .sometimes(\.dark),
            unit: "share",
            meaning: "of its part on the slide that is as dark as folds are; not on a dark background",
            isOnDarkBackground: false,
            figures: [QualityFigure(.dark, title: "Dark", .shareOfTissue, isOnPage: true) { $0.dark }]
        ),
        QualityColumn(
            "wsi_focus",
            at: .always(\.focus),
            unit: "0 to 1",
            meaning: "sharpness; NaN where it was not measured",
            excludedBy: "min_focus",
            figures: [
                QualityFigure(.focusMedian, title: "Focus, median", isOnPage: true) { $0.focusMedian },
                QualityFigure(.focusMeasured) { Double($0.focusMeasured) },
                QualityFigure(.excludedFocus, onlyWith: "min_focus") { Double($0.excludedFocus) },
            ]
        ),
        QualityColumn(
            "wsi_outside",
            at: .sometimes(\.outside),
            unit: "share",
            meaning: "beyond the right or bottom edge; absent in files of before such patches were taken"
        ),
    ]
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
