public import Config
import Foundation
public import Imaging
public import Records

/// How heatmaps are drawn, and what is written beside them.
public struct HeatmapConfig: ConfigSection {
    public enum Scale: String, DescribedChoice {
        case absolute, percentile

        public var meaning: String {
            switch self {
            case .absolute: "the same colour means the same value on every slide"
            case .percentile: "rank within the slide"
            }
        }
    }

    /// What `JOB/heatmaps/<name>/` gets of a slide; each is made, and made again, on its own.
    public enum Output: String, DescribedChoice {
        case sheet, panel, top, geojson, values, overlay, tiles, report

        public var meaning: String {
            switch self {
            case .sheet: "`ID.png` and its values, `ID.csv`"
            case .panel: "`ID.panel.png`: the slide, its map, every row of the model and where the rows disagree"
            case .top: "`ID.top.png`, and one for each branch: the patches with the highest and lowest values"
            case .geojson: "`ID.geojson` for QuPath"
            case .values: "`ID.h5`: the values as arrays"
            case .overlay: "`ID.overlay.tif`: a transparent pyramid to lay over the slide"
            case .tiles: "`ID.dzi` and `ID_files/`: the overlay as Deep Zoom tiles"
            case .report: "`JOB/reports/<name>/ID.html`: one page of all that is known"
            }
        }
    }

    public var outputs = [Output.sheet]
    public var side = 2000
    public var mpp: Double?
    public var scale = Scale.absolute
    public var range = [0.0, 10.0]
    public var scoreRange = [0.0, 10.0]
    public var opacity = 0.6
    public var colours = ColourMap.Name.lagoon
    /// Standard deviation of a Gaussian, in sides of a patch.
    public var smoothing = 0.0
    public var top = 8
    public var regionsFrom: Double?
    /// nil: nothing.
    public var explain: [Explanation]?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case outputs, side, mpp, scale, range, opacity, colours, smoothing, top, explain
        case scoreRange = "score_range"
        case regionsFrom = "regions_from"
    }

    public init() {}

    public static let words = "How heatmaps are drawn, and what is written beside them."

    public static let fields: [Field] = [
        Field(
            .outputs,
            \.outputs,
            .list(of: .choice, isDistinct: true),
            "What `JOB/heatmaps/<name>/` gets of a slide."
        ),
        Field(
            .side,
            \.side,
            .whole(200...20_000, "pixels"),
            "Longest side of the picture of the slide.",
            flags: [ConfigFlag("--side", of: ["heatmap"])]
        ),
        Field(
            .mpp,
            \.mpp,
            .number(0.05...500, "µm"),
            "µm per pixel of the picture and of the overlay, instead of `side`.",
            absent: "from `side`",
            flags: [ConfigFlag("--mpp", of: ["heatmap"])]
        ),
        Field(.scale, \.scale, .choice, "What a colour means.", flags: ["--scale"]),
        Field(
            .range,
            \.range,
            .rising,
            "N·attention at the two ends of the absolute scale, rising; 1 is uniform attention."
        ),
        Field(
            .scoreRange,
            \.scoreRange,
            .rising,
            "N·score at the two ends, rising, for models whose numbers are no distribution."
        ),
        Field(
            .opacity,
            \.opacity,
            .number(0...1),
            "Share of the colour over the slide's own picture at the top of the scale; at the bottom a quarter of it, and beyond "
                + "0.6 more: at 1 every colour is that of the legend."
        ),
        Field(.colours, \.colours, .choice, "The colour map.", flags: ["--colours"]),
        Field(
            .smoothing,
            \.smoothing,
            .number(0...10, "sides of a patch"),
            "Standard deviation of a Gaussian over the map; 0 shows every patch as it is.",
            flags: ["--smooth"]
        ),
        Field(.top, \.top, .whole(1...50, "patches"), "Patches in the gallery from each end of the order."),
        Field(
            .regionsFrom,
            \.regionsFrom,
            .number,
            "Value from which patches are outlined as regions for QuPath, in the map's unit.",
            absent: "the middle of its range"
        ),
        Field(
            .explain,
            \.explain,
            .list(of: .choice, isDistinct: true),
            "What predictions tell of the patches beside the model's own maps; panel, table, QuPath's file and the page then show it.",
            absent: "nothing"
        ),
    ]

    /// - Throws: `ConfigError` naming the key whose value is out of range.
    public func validate() throws { try check(at: "heatmap") }
}

extension ConfigValues where Value == [Double] {
    /// The two ends of a scale.
    fileprivate static var rising: Self {
        list(of: .number, 2...2).and("two rising numbers are wanted here") { $0.first ?? 0 < $0.last ?? 0 }
    }
}

extension HeatmapConfig.Output {
    /// Whether it hatches the tissue that no patch covers.
    public var showsTissue: Bool {
        switch self {
        case .sheet, .panel, .report: true
        case .top, .geojson, .values, .overlay, .tiles: false
        }
    }

    /// Whether it has words beside it.
    var isCaptioned: Bool {
        switch self {
        case .sheet, .panel, .top, .report: true
        case .geojson, .values, .overlay, .tiles: false
        }
    }

    /// The stage that makes it.
    public func stage(pictures name: String) -> StageName { .heatmap(self == .sheet ? nil : rawValue, pictures: name) }

    /// Where a job has it.
    func folder(pictures name: String, in layout: JobLayout) -> URL {
        self == .report ? layout.reports(name) : layout.heatmaps(name)
    }

    /// The keys that this output depends on: another value of the others leaves it as it is.
    var keys: [HeatmapConfig.CodingKeys] {
        let drawing: [HeatmapConfig.CodingKeys] = [.mpp, .scale, .range, .scoreRange, .opacity, .colours, .smoothing]
        return switch self {
        case .sheet, .panel: drawing + [.side]
        case .report: drawing + [.side, .top]
        case .overlay, .tiles: drawing
        case .top: [.top]
        case .geojson: [.range, .scoreRange, .regionsFrom]
        case .values: []
        }
    }
}
