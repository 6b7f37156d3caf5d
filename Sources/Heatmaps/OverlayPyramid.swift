import Files
public import Foundation
import Imaging
public import Records
import Storage

/// A map as a transparent pyramid to lay over the slide: every level is drawn from the patches, none from another level.
///
/// Its pixels are whole numbers of level-0 pixels, counted from the corner of the slide's bounds, which is where viewers
/// that crop to the bounds count from; a pixel that reaches beyond the bounds is transparent there.
public struct OverlayPyramid: Sendable {
    public let heatmap: Heatmap
    /// In level-0 pixels.
    public let bounds: PixelRect
    /// Level-0 pixels to one pixel of the first level.
    public let downsample: Int

    public static let tileSize = 256

    /// - Parameters:
    ///   - bounds: of the slide.
    ///   - downsample: nil takes the power of two that gives a patch 16 pixels or a little more.
    public init(_ heatmap: Heatmap, bounds: PixelRect, downsample: Int? = nil) {
        self.heatmap = heatmap
        self.bounds = bounds
        var usual = 1
        while usual * 2 * 16 <= heatmap.side { usual *= 2 }
        self.downsample = max(1, downsample ?? usual)
    }

    /// Size of the picture that is `reduction` times smaller than the first level.
    public func size(reduction: Int = 1) -> PixelSize {
        let step = downsample * reduction
        return PixelSize(width: (bounds.width + step - 1) / step, height: (bounds.height + step - 1) / step)
    }

    /// Writes a tiled RGBA TIFF whose levels halve as long as they hold a tile; colours are multiplied by alpha.
    ///
    /// No level is narrower or lower than a tile: OpenSlide 3.4.1 reads such a tile through libtiff's RGBA interface, which
    /// from libtiff 4.5 on cuts it to the image's size, and the pixels land elsewhere.
    /// - Parameter mpp: µm per level-0 pixel; nil leaves the resolution out.
    /// - Throws: `StorageError`, `ReviewError.shape`.
    public func writeTIFF(to url: URL, mpp: Double?) throws {
        let positions = try heatmap.positions()
        let first = size()
        let tile = min(Self.tileSize, max(16, min(first.width, first.height) / 16 * 16))
        try AtomicFile.publish(to: url) { temporary in
            let isBig = first.width * first.height > 500_000_000
            let file = try TiledTIFF(path: temporary.path, shownPath: url.path, big: isBig)
            var reduction = 1
            var size = first
            repeat {
                let step = Double(downsample * reduction)
                let level = TiledTIFF.Level(
                    size: size,
                    tileSize: tile,
                    storage: .rgba,
                    isReduced: reduction > 1,
                    description: reduction > 1 ? nil : description,
                    resolution: mpp.map { .perCentimetre(10_000 / ($0 * step)) } ?? .none
                )
                try file.write(level) { write in
                    try bands(of: tile, reduction: reduction, positions) { top, _, pixels in
                        try Self.premultiplied(pixels).withUnsafeBufferPointer { try write(top, $0) }
                    }
                }
                reduction *= 2
                size = self.size(reduction: reduction)
            } while min(size.width, size.height) >= tile
        }
    }

    private var description: String {
        "wsi overlay; wsi_origin = bounds; wsi_bounds = \(bounds.x) \(bounds.y) \(bounds.width) \(bounds.height); "
            + "wsi_downsample = \(downsample)"
    }

    /// Bands of straight RGBA from top to bottom.
    func bands(
        of height: Int,
        reduction: Int,
        _ positions: [Float],
        _ body: (_ top: Int, _ rows: Int, _ pixels: [UInt8]) throws -> Void
    ) throws {
        let size = size(reduction: reduction)
        let step = Double(downsample * reduction)
        let grid = PictureGrid(x: Double(bounds.x), y: Double(bounds.y), downsampleX: step, downsampleY: step)
        for top in stride(from: 0, to: size.height, by: height) {
            let rows = top..<min(top + height, size.height)
            let raster = heatmap.raster(
                width: size.width,
                rows: rows,
                of: size.height,
                grid: grid,
                positions: positions
            )
            try body(top, rows.count, heatmap.rgba(raster))
        }
    }

    private static func premultiplied(_ pixels: [UInt8]) -> [UInt8] {
        var result = pixels
        for start in stride(from: 0, to: pixels.count, by: 4) where pixels[start + 3] < 255 {
            let alpha = UInt32(pixels[start + 3])
            for channel in start..<start + 3 { result[channel] = UInt8((UInt32(pixels[channel]) * alpha + 127) / 255) }
        }
        return result
    }
}
