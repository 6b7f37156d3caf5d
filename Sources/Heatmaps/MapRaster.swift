import Foundation
import Records

/// How far each pixel of a picture is covered by patches, and what these say there.
struct MapRaster {
    let width: Int
    let height: Int
    /// Area of the patches over a pixel, in pixels; more than 1 where patches overlap.
    private(set) var coverage: [Float]
    /// Sum of position · area.
    private var weighted: [Float]

    /// Lays every patch down at its real extent: a pixel that a patch covers in part takes that part.
    /// - Parameter positions: on the colour map, one per patch; a patch whose position is not finite is left out.
    init(
        width: Int,
        height: Int,
        grid: PictureGrid,
        patches: [PixelRect],
        positions: [Float]
    ) {
        self.width = width
        self.height = height
        var coverage = [Float](repeating: 0, count: width * height)
        var weighted = coverage
        coverage.withUnsafeMutableBufferPointer { coverage in
            weighted.withUnsafeMutableBufferPointer { weighted in
                for (patch, position) in zip(patches, positions) where position.isFinite {
                    let columns = Span(patch.x, patch.width, origin: grid.x, grid.downsampleX, count: width)
                    let rows = Span(patch.y, patch.height, origin: grid.y, grid.downsampleY, count: height)
                    for y in rows.pixels {
                        let rowShare = rows.share(of: y)
                        for x in columns.pixels {
                            let share = rowShare * columns.share(of: x)
                            coverage[y * width + x] += share
                            weighted[y * width + x] += share * position
                        }
                    }
                }
            }
        }
        self.coverage = coverage
        self.weighted = weighted
    }

    /// The mean of the patches at a pixel, weighted by their area in it, within 0...1; nil where there is none.
    func position(at pixel: Int) -> Float? {
        coverage[pixel] > 0 ? min(max(weighted[pixel] / coverage[pixel], 0), 1) : nil
    }

    /// Replaces every value by the Gaussian mean of the patches around it. Colour stays where patches are: only values
    /// are blurred, not what covers what.
    mutating func smooth(_ blur: MapBlur) {
        let areas = blur(coverage, width: width, height: height)
        let sums = blur(weighted, width: width, height: height)
        for pixel in coverage.indices where coverage[pixel] > 0 {
            weighted[pixel] = areas[pixel] > 0 ? coverage[pixel] * sums[pixel] / areas[pixel] : weighted[pixel]
        }
    }

    /// A part of the raster.
    func rows(_ rows: Range<Int>) -> MapRaster {
        MapRaster(
            width: width,
            height: rows.count,
            coverage: Array(coverage[rows.lowerBound * width..<rows.upperBound * width]),
            weighted: Array(weighted[rows.lowerBound * width..<rows.upperBound * width])
        )
    }

    private init(width: Int, height: Int, coverage: [Float], weighted: [Float]) {
        self.width = width
        self.height = height
        self.coverage = coverage
        self.weighted = weighted
    }
}

/// The pixels along one axis that a patch touches.
private struct Span {
    let low: Double
    let high: Double
    let pixels: Range<Int>

    init(_ start: Int, _ length: Int, origin: Double, _ downsample: Double, count: Int) {
        low = max(0, (Double(start) - origin) / downsample)
        high = min(Double(count), (Double(start + length) - origin) / downsample)
        pixels = low < high ? Int(low)..<min(count, Int(high.rounded(.up))) : 0..<0
    }

    /// The share of a pixel that lies inside.
    func share(of pixel: Int) -> Float { Float(min(high, Double(pixel + 1)) - max(low, Double(pixel))) }
}
