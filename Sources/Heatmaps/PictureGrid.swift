public import Imaging
public import Records

/// Where the pixels of a picture lie on the slide.
public struct PictureGrid: Equatable, Sendable {
    /// Level-0 position of the picture's upper left corner; need not be whole.
    public var x: Double
    public var y: Double
    /// Level-0 pixels to one pixel of the picture.
    public var downsampleX: Double
    public var downsampleY: Double

    public init(x: Double, y: Double, downsampleX: Double, downsampleY: Double) {
        self.x = x
        self.y = y
        self.downsampleX = downsampleX
        self.downsampleY = downsampleY
    }

    /// The grid of a part of the picture, `x` and `y` in the picture's pixels.
    func moved(x columns: Int, y rows: Int) -> PictureGrid {
        var grid = self
        grid.x += Double(columns) * downsampleX
        grid.y += Double(rows) * downsampleY
        return grid
    }
}

/// A picture of the slide or of a part of it.
public struct Backdrop: Equatable, Sendable {
    public var image: RGBImage
    public var grid: PictureGrid

    public init(image: RGBImage, grid: PictureGrid) {
        self.image = image
        self.grid = grid
    }

    /// A picture that shows exactly `region` of level 0; all of it for a thumbnail of the whole slide.
    /// - Throws: `ReviewError.shape` for an empty region.
    public init(image: RGBImage, region: PixelRect) throws {
        guard region.width > 0, region.height > 0 else {
            throw ReviewError.shape("the picture's region has \(region.width) × \(region.height) pixels")
        }
        self.image = image
        // x and y differ a little where the picture's size was rounded.
        grid = PictureGrid(
            x: Double(region.x),
            y: Double(region.y),
            downsampleX: Double(region.width) / Double(image.width),
            downsampleY: Double(region.height) / Double(image.height)
        )
    }

    /// The pixels that a rectangle of level 0 touches; the whole picture where it touches none.
    public func cropped(to rect: PixelRect) -> Backdrop {
        func span(_ start: Int, _ length: Int, _ origin: Double, _ downsample: Double, _ count: Int) -> Range<Int> {
            let low = ((Double(start) - origin) / downsample).rounded(.down)
            let high = ((Double(start + length) - origin) / downsample).rounded(.up)
            return Int(
                min(max(low, 0), Double(count))
            )..<Int(max(min(max(high, 0), Double(count)), min(max(low, 0), Double(count))))
        }
        let columns = span(rect.x, rect.width, grid.x, grid.downsampleX, image.width)
        let rows = span(rect.y, rect.height, grid.y, grid.downsampleY, image.height)
        guard !columns.isEmpty, !rows.isEmpty else { return self }
        return Backdrop(
            image: image.cropped(
                x: columns.lowerBound,
                y: rows.lowerBound,
                width: columns.count,
                height: rows.count
            ),
            grid: grid.moved(x: columns.lowerBound, y: rows.lowerBound)
        )
    }
}
