public import Imaging
import Records

/// How maps are drawn.
public struct HeatmapStyle: Equatable, Sendable {
    public enum Scale: Sendable { case absolute, percentile }

    public var scale = Scale.absolute
    public var colours = ColourMap(.lagoon)
    /// Weight of the map's colour against the tissue's at the top of the scale; for the bottom see `Heatmap.faintest`.
    public var opacity: Float = 0.6
    /// Standard deviation of a Gaussian over the map, in sides of a patch; 0 for none.
    public var smoothing = 0.0

    public init() {}

    /// Yes and no have no percentiles, and ranks no sign.
    func scale(of map: PatchMap) -> HeatmapScale {
        scale == .percentile && map.quantity != .masked && !map.quantity.isSigned ? .percentile : .absolute(map.range)
    }

    func colours(of map: PatchMap) -> ColourMap { map.quantity.isSigned ? .signed : colours }

    /// - Parameter tissue: the mean colour of what the map lies on.
    func legend(of map: PatchMap, over tissue: RGB = ColourLegend.paleTissue) -> ColourLegend {
        let title =
            scale(of: map) == .percentile ? "Percentile of \(map.quantity.word) in this slide" : map.quantity.title
        return ColourLegend(
            title: title,
            scale: scale(of: map),
            colours: colours(of: map),
            opacity: opacity,
            tissue: tissue
        )
    }

    /// A map of these maps, ready to be drawn.
    public func heatmap(_ map: PatchMap, of maps: SlideMaps) -> Heatmap {
        var heatmap = Heatmap(
            corners: maps.corners,
            side: maps.side,
            values: map.values,
            scale: scale(of: map),
            colours: colours(of: map)
        )
        heatmap.slideSize = maps.slideSize
        heatmap.opacity = opacity
        heatmap.faintest = Heatmap.faintest(opacity)
        heatmap.smoothing = smoothing
        return heatmap
    }
}

extension HeatmapStyle {
    /// A map over a picture of the slide, and the hatch over both.
    func picture(of map: PatchMap, in maps: SlideMaps, over backdrop: Backdrop, uncovered: UncoveredTissue?) throws
        -> RGBImage
    {
        let drawn = try heatmap(map, of: maps).drawn(over: backdrop)
        let unit = SheetLayout.unit(of: PixelSize(width: drawn.width, height: drawn.height))
        return uncovered?.drawn(over: Backdrop(image: drawn, grid: backdrop.grid), Hatch(unit: unit)) ?? drawn
    }
}
