public import Foundation
public import Imaging
public import Records

/// A map ready to be drawn as transparent tiles, each when it is asked for.
public struct OverlayLayer: Sendable {
    private let corners: [PixelPoint]
    private let side: Int
    private let slideSize: PixelSize?
    /// On the colour map, one per patch.
    private let positions: [Float]
    /// Whether its colours are those of numbers of both signs.
    public let isSigned: Bool

    /// - Throws: `ReviewError.shape` where values and corners differ in number.
    public init(_ map: PatchMap, of maps: SlideMaps, scale: HeatmapStyle.Scale) throws {
        var style = HeatmapStyle()
        style.scale = scale
        positions = try style.heatmap(map, of: maps).positions()
        isSigned = map.quantity.isSigned
        corners = maps.corners
        side = maps.side
        slideSize = maps.slideSize
    }

    /// A square tile as PNG: patches at their real extent, nothing where there is none.
    ///
    /// Top and bottom of the scale are as far apart as in a picture of the default opacity: the viewer weakens the whole
    /// layer.
    /// - Parameters:
    ///   - grid: where the tile lies.
    ///   - limit: patches below this position on the colour map, 0...1, are left out; at 0 none is.
    public func tile(
        _ grid: PictureGrid,
        side pixels: Int = TilePyramid.side,
        from limit: Float,
        colours: ColourMap
    ) throws -> Data {
        let right = grid.x + Double(pixels) * grid.downsampleX
        let bottom = grid.y + Double(pixels) * grid.downsampleY
        let shown = corners.indices.filter { patch in
            let (left, top) = (Double(corners[patch].x), Double(corners[patch].y))
            return left < right && top < bottom && left + Double(side) > grid.x && top + Double(side) > grid.y
                && (limit <= 0 || positions[patch] >= limit)
        }
        var heatmap = Heatmap(
            corners: shown.map { corners[$0] },
            side: side,
            values: shown.map { positions[$0] },
            scale: .absolute(0...1),
            colours: colours
        )
        heatmap.slideSize = slideSize
        (heatmap.opacity, heatmap.faintest) = (1, Heatmap.faintest(HeatmapStyle().opacity))
        let raster = heatmap.raster(
            width: pixels,
            rows: 0..<pixels,
            of: pixels,
            grid: grid,
            positions: heatmap.values
        )
        return try PNGFile.encode(heatmap.rgba(raster), width: pixels, height: pixels, hasAlpha: true)
    }
}

extension Heatmap {
    /// Straight RGBA of a raster; transparent where no patch is.
    func rgba(_ raster: MapRaster) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: raster.width * raster.height * 4)
        for pixel in 0..<raster.width * raster.height {
            guard let (colour, weight) = paint(raster, at: pixel) else { continue }
            pixels[pixel * 4] = colour.red
            pixels[pixel * 4 + 1] = colour.green
            pixels[pixel * 4 + 2] = colour.blue
            pixels[pixel * 4 + 3] = UInt8((weight * 255).rounded())
        }
        return pixels
    }
}
