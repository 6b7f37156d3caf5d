/// A slide as square tiles for viewing: at the deepest zoom a pixel is one of level 0, and every zoom before has half its
/// side, down to one tile.
public struct TilePyramid: Codable, Equatable, Sendable {
    /// Side of a tile in pixels.
    public static let side = 256

    /// Size of level 0.
    public var size: PixelSize
    /// Where in level 0 the scanner saw something.
    public var bounds: PixelRect

    public init(size: PixelSize, bounds: PixelRect) {
        self.size = size
        self.bounds = bounds
    }

    /// The zoom of level 0; zoom 0 shows everything in one tile.
    public var deepest: Int {
        var zoom = 0
        while zoom < 40, Self.side << zoom < max(size.width, size.height) { zoom += 1 }
        return zoom
    }

    /// Level-0 pixels to one pixel of a tile.
    /// - Precondition: the pyramid contains the tile.
    public func downsample(of tile: TileAddress) -> Int { 1 << (deepest - tile.zoom) }

    public func contains(_ tile: TileAddress) -> Bool {
        guard (0...deepest).contains(tile.zoom), tile.column >= 0, tile.row >= 0 else { return false }
        let reach = Self.side * downsample(of: tile)
        return tile.column <= (size.width - 1) / reach && tile.row <= (size.height - 1) / reach
    }
}

/// Which tile of a `TilePyramid`: columns and rows count from level-0 pixel (0, 0).
public struct TileAddress: Codable, Hashable, Sendable {
    public var zoom: Int
    public var column: Int
    public var row: Int

    public init(zoom: Int, column: Int, row: Int) {
        self.zoom = zoom
        self.column = column
        self.row = row
    }
}
