import Config
import Foundation
public import Imaging
public import Records

/// How heatmaps are drawn, and what is written beside them.
public struct HeatmapConfig: Codable, Equatable, Sendable {
    public enum Scale: String, ConfigChoice {
        /// The same colour means the same value on every slide.
        case absolute
        /// Rank within the slide.
        case percentile
    }

    /// What `JOB/heatmaps/<name>/` gets of a slide; each is made, and made again, on its own.
    public enum Output: String, ConfigChoice {
        /// `ID.png` and its values, `ID.csv`.
        case sheet
        /// `ID.panel.png`: the slide, its map, every row of the model and where the rows disagree.
        case panel
        /// `ID.top.png`, and one for each branch: the patches with the highest and lowest values.
        case top
        /// `ID.geojson` for QuPath.
        case geojson
        /// `ID.h5`: the values as arrays.
        case values
        /// `ID.overlay.tif`: a transparent pyramid to lay over the slide.
        case overlay
        /// `ID.dzi` and `ID_files/`: the overlay as Deep Zoom tiles.
        case tiles
        /// `JOB/reports/<name>/ID.html`: one page of all that is known.
        case report
    }

    public var outputs = [Output.sheet]
    /// Longest side of the picture of the slide, in pixels.
    public var side = 2000
    /// µm per pixel of the picture and of the overlay, instead of `side`.
    public var mpp: Double?
    public var scale = Scale.absolute
    /// N·attention at the two ends of the absolute scale; 1 is uniform attention.
    public var range = [0.0, 10.0]
    /// N·score at the two ends, for models whose numbers are no distribution.
    public var scoreRange = [0.0, 10.0]
    /// Share of the colour over the slide's own picture at the top of the scale, 0 to 1; at the bottom a quarter of it, and
    /// beyond 0.6 more: at 1 every colour is that of the legend.
    public var opacity = 0.6
    public var colours = ColourMap.Name.lagoon
    /// Standard deviation of a Gaussian over the map, in sides of a patch; 0 shows every patch as it is.
    public var smoothing = 0.0
    /// Patches in the gallery from each end of the order.
    public var top = 8
    /// Value from which patches are outlined as regions for QuPath, in the map's unit; nil is the middle of its range.
    public var regionsFrom: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case outputs, side, mpp, scale, range, opacity, colours, smoothing, top
        case scoreRange = "score_range"
        case regionsFrom = "regions_from"
    }

    public init() {}

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.outputs, into: &outputs)
        try reader.read(.side, into: &side)
        try reader.read(.mpp, into: &mpp)
        try reader.read(.scale, into: &scale)
        try reader.read(.range, into: &range)
        try reader.read(.scoreRange, into: &scoreRange)
        try reader.read(.opacity, into: &opacity)
        try reader.read(.colours, into: &colours)
        try reader.read(.smoothing, into: &smoothing)
        try reader.read(.top, into: &top)
        try reader.read(.regionsFrom, into: &regionsFrom)
        try validate(at: reader.keyPath)
    }

    /// - Throws: `ConfigError` naming the key whose value is out of range.
    public func validate() throws { try validate { "heatmap.\($0.stringValue)" } }

    private func validate(at keyPath: (CodingKeys) -> String) throws {
        func isRange(_ ends: [Double]) -> Bool {
            ends.count == 2 && ends.allSatisfy(\.isFinite) && ends.first ?? 0 < ends.last ?? 0
        }
        try ConfigError.check(
            !outputs.isEmpty && Set(outputs).count == outputs.count,
            keyPath(.outputs),
            "one or more different outputs are wanted"
        )
        try ConfigError.check((200...20_000).contains(side), keyPath(.side), "200 to 20000 pixels are allowed")
        try ConfigError.check(
            mpp.map { (0.05...500).contains($0) } ?? true,
            keyPath(.mpp),
            "0.05 to 500 µm are allowed"
        )
        try ConfigError.check(isRange(range), keyPath(.range), "two rising numbers are wanted")
        try ConfigError.check(isRange(scoreRange), keyPath(.scoreRange), "two rising numbers are wanted")
        try ConfigError.check((0...1).contains(opacity), keyPath(.opacity), "0 to 1 is allowed")
        try ConfigError.check((0...10).contains(smoothing), keyPath(.smoothing), "0 to 10 sides of a patch are allowed")
        try ConfigError.check((1...50).contains(top), keyPath(.top), "1 to 50 patches are allowed")
        try ConfigError.check(regionsFrom?.isFinite ?? true, keyPath(.regionsFrom), "a number is wanted")
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
