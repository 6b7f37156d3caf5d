public import Imaging
public import Records

/// Values of patches drawn over a picture of their slide, or alone as a transparent picture.
public struct Heatmap: Sendable {
    /// Top-left corners in level-0 pixels.
    public var corners: [PixelPoint]
    /// Side of a patch in level-0 pixels.
    public var side: Int
    /// Of level 0; nil where it is not known. What of a patch lies beyond it is not drawn.
    public var slideSize: PixelSize?
    /// One value per patch.
    public var values: [Float]
    public var scale: HeatmapScale
    public var colours: ColourMap
    /// As in `HeatmapStyle`.
    public var opacity: Float = 0.6
    /// Share of the opacity that the bottom of the scale gets.
    public var faintest: Float = Heatmap.faintest(0.6)
    public var smoothing = 0.0

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
    public func drawn(over backdrop: Backdrop) throws -> RGBImage {
        var image = backdrop.image
        let raster = raster(
            width: image.width,
            rows: 0..<image.height,
            of: image.height,
            grid: backdrop.grid,
            positions: try positions()
        )
        for y in 0..<image.height {
            for x in 0..<image.width {
                guard let (colour, weight) = paint(raster, at: y * image.width + x) else { continue }
                image[x, y] = image[x, y].mixed(with: colour, share: weight)
            }
        }
        return image
    }

    /// What of each patch lies on the slide.
    private var patches: [PixelRect] {
        corners.map { corner in
            let patch = PixelRect(x: corner.x, y: corner.y, width: side, height: side)
            return slideSize.map { patch.clipped(to: $0) } ?? patch
        }
    }

    /// Positions on the colour map, one per patch.
    func positions() throws -> [Float] {
        guard values.count == corners.count, side > 0 else {
            throw ReviewError.shape("\(values.count) values for \(corners.count) patches of side \(side)")
        }
        return scale.positions(of: values)
    }

    /// Some rows of a picture of `width` × `height` pixels, smoothed as the whole picture would be.
    func raster(width: Int, rows: Range<Int>, of height: Int, grid: PictureGrid, positions: [Float]) -> MapRaster {
        let sigma = (x: smoothing * Double(side) / grid.downsampleX, y: smoothing * Double(side) / grid.downsampleY)
        // Next to nothing is nothing: under a tenth of a pixel no neighbour has a part.
        let blur = min(sigma.x, sigma.y) > 0.1 ? MapBlur(sigma) : nil
        let margin = blur?.margin ?? 0
        let first = max(0, rows.lowerBound - margin)
        let wider = (first - first % (blur?.cell ?? 1))..<min(height, rows.upperBound + margin)
        var raster = MapRaster(
            width: width,
            height: wider.count,
            grid: grid.moved(x: 0, y: wider.lowerBound),
            patches: patches,
            positions: positions
        )
        guard let blur else { return raster }
        raster.smooth(blur)
        return raster.rows(rows.lowerBound - wider.lowerBound..<rows.upperBound - wider.lowerBound)
    }

    /// The colour at a pixel and its weight against what lies below, 0...1; nil without a patch.
    func paint(_ raster: MapRaster, at pixel: Int) -> (colour: RGB, weight: Float)? {
        guard let position = raster.position(at: pixel) else { return nil }
        // Patches that overlap can cover a pixel more than once.
        let weight =
            Self.weight(at: colours.strength(at: position), opacity: opacity, faintest: faintest)
            * min(1, raster.coverage[pixel])
        return (colours.colour(at: position), weight)
    }

    /// A quarter, so that tissue which the model passed over keeps its stain. Beyond the default opacity it rises: at full
    /// opacity every colour is the colour map's own.
    static func faintest(_ opacity: Float) -> Float { opacity <= 0.6 ? 0.25 : 1 - 0.75 * (1 - opacity) / 0.4 }

    /// Weight of a colour against what lies below it, by how far it is from the colour map's faint end.
    static func weight(at position: Float, opacity: Float, faintest: Float) -> Float {
        opacity * (faintest + (1 - faintest) * position)
    }
}
