public import Records

/// A picture of the slide, and the level-0 rectangle that it shows.
public struct Backdrop: Equatable, Sendable {
    public var image: RasterImage
    /// All of level 0 for a thumbnail of the whole slide.
    public var region: PixelRect

    /// - Throws: `ReviewError.shape` for an empty region.
    public init(image: RasterImage, region: PixelRect) throws {
        guard region.width > 0, region.height > 0 else {
            throw ReviewError.shape("the picture's region has \(region.width) × \(region.height) pixels")
        }
        self.image = image
        self.region = region
    }

    /// Level-0 pixels to one pixel of the picture; x and y differ a little where the picture's size was rounded.
    public var downsample: (x: Double, y: Double) {
        (Double(region.width) / Double(image.width), Double(region.height) / Double(image.height))
    }
}

/// Values of patches drawn over a picture of their slide.
public struct Heatmap: Sendable {
    /// Top-left corners in level-0 pixels.
    public var corners: [PixelPoint]
    /// Side of a patch in level-0 pixels.
    public var side: Int
    /// One value per patch.
    public var values: [Float]
    public var scale: HeatmapScale
    public var colours: ColourMap
    /// Weight of the map's colour against the tissue's.
    public var opacity: Float = 0.5

    public init(corners: [PixelPoint], side: Int, values: [Float], scale: HeatmapScale, colours: ColourMap) {
        self.corners = corners
        self.side = side
        self.values = values
        self.scale = scale
        self.colours = colours
    }

    /// Draws every patch at its real extent: a pixel that a patch covers in part takes that part of its colour.
    /// Where patches overlap, their values are averaged, weighted by coverage. Pixels without a patch keep their bytes.
    /// - Throws: `ReviewError.shape` where values and corners differ in number.
    public func drawn(over backdrop: Backdrop) throws -> RasterImage {
        guard values.count == corners.count, side > 0 else {
            throw ReviewError.shape("\(values.count) values for \(corners.count) patches of side \(side)")
        }
        let (width, height) = (backdrop.image.width, backdrop.image.height)
        var coverage = [Float](repeating: 0, count: width * height)
        var weighted = coverage
        for (corner, position) in zip(corners, scale.positions(of: values)) where position.isFinite {
            let columns = Self.shares(
                from: corner.x - backdrop.region.x,
                side: side,
                downsample: backdrop.downsample.x,
                count: width
            )
            let rows = Self.shares(
                from: corner.y - backdrop.region.y,
                side: side,
                downsample: backdrop.downsample.y,
                count: height
            )
            for (y, rowShare) in rows {
                for (x, columnShare) in columns {
                    let share = rowShare * columnShare
                    coverage[y * width + x] += share
                    weighted[y * width + x] += share * position
                }
            }
        }
        return blended(backdrop.image, coverage, weighted)
    }

    /// The pixels along one axis that a patch touches, each with the share of it that the patch covers.
    private static func shares(from start: Int, side: Int, downsample: Double, count: Int) -> [(Int, Float)] {
        let low = max(0, Double(start) / downsample)
        let high = min(Double(count), Double(start + side) / downsample)
        guard low < high else { return [] }
        return (Int(low)..<min(count, Int(high.rounded(.up)))).map { pixel in
            (pixel, Float(min(high, Double(pixel + 1)) - max(low, Double(pixel))))
        }
    }

    private func blended(_ image: RasterImage, _ coverage: [Float], _ weighted: [Float]) -> RasterImage {
        var result = image
        for pixel in coverage.indices where coverage[pixel] > 0 {
            let colour = colours.colour(at: weighted[pixel] / coverage[pixel])
            // Patches that overlap can cover a pixel more than once.
            let weight = opacity * min(1, coverage[pixel])
            let start = pixel * 3
            for (channel, wanted) in [colour.red, colour.green, colour.blue].enumerated() {
                let ground = Float(result.pixels[start + channel])
                result.pixels[start + channel] = UInt8((ground + (Float(wanted) - ground) * weight).rounded())
            }
        }
        return result
    }
}
