import Records

/// The tiles of one pyramid level: a reader's own, or such as are read faster than the slide's reader does it. The latter never
/// answer for a slide alone: their pixels are compared with the reader's before any of them is believed (docs/decisions/003), and
/// what they do not give is the reader's to read.
///
/// Calls are one for each tile, never one for a pixel.
protocol TileSource: AnyObject {
    var grid: TileGrid { get }

    /// Bytes of each compressed tile, which tell how much it shows; 0 for a missing one.
    var byteCounts: [Int] { get }

    /// Whether the file leaves a tile out, so that there is nothing to decode: background.
    func isMissing(_ tile: Int) -> Bool

    /// Decodes a whole tile, beyond the level's edge too, into `grid.tileBytes` bytes of RGB.
    /// - Returns: false for a missing tile or any doubt about its bytes; the pixels are then undefined.
    func decode(_ tile: Int, into pixels: UnsafeMutablePointer<UInt8>) -> Bool
}

/// How a level is cut into tiles that neither overlap nor are cut at the edge, numbered row by row.
struct TileGrid: Equatable, Sendable {
    /// Of the level.
    let size: PixelSize
    let tileSize: PixelSize
    let columns: Int
    /// Of tiles.
    let count: Int

    init(size: PixelSize, tileSize: PixelSize) {
        (self.size, self.tileSize) = (size, tileSize)
        columns = (size.width - 1) / tileSize.width + 1
        count = columns * ((size.height - 1) / tileSize.height + 1)
    }

    /// Of a decoded tile.
    var tileBytes: Int { tileSize.width * tileSize.height * 3 }

    /// The part of the level that a tile covers, beyond the level's edge too.
    func rect(of tile: Int) -> PixelRect {
        PixelRect(
            x: tile % columns * tileSize.width,
            y: tile / columns * tileSize.height,
            width: tileSize.width,
            height: tileSize.height
        )
    }

    /// Visits the tiles that share pixels with a part of the level, row by row.
    func forEach(touchedBy part: PixelRect, _ body: (Int) -> Void) {
        for row in (part.y / tileSize.height)...((part.y + part.height - 1) / tileSize.height) {
            for column in (part.x / tileSize.width)...((part.x + part.width - 1) / tileSize.width) {
                body(row * columns + column)
            }
        }
    }
}

extension PixelRect {
    /// Visits the rows that it shares with another part of the level, each by where its first pixel lies in the memory of both.
    /// - Parameters:
    ///   - rowLength: pixels of the other's memory from one row to the next; its own rows follow each other.
    ///   - body: takes what comes before in this one's memory and in the other's, and how many there are, in pixels.
    @inline(__always)
    func forEachRow(
        sharedWith part: PixelRect,
        rowLength: Int,
        _ body: (_ from: Int, _ to: Int, _ count: Int) -> Void
    ) {
        let (left, right) = (max(x, part.x), min(x + width, part.x + part.width))
        let (top, bottom) = (max(y, part.y), min(y + height, part.y + part.height))
        for row in top..<bottom {
            body((row - y) * width + left - x, (row - part.y) * rowLength + left - part.x, right - left)
        }
    }
}

/// One way in which tiles are read past a slide's reader.
struct TileReading: Sendable {
    /// As the documents name it.
    var name: String
    /// The formats that have one directory for each level and such tiles, in the readers' words.
    var vendors: Set<String>
    /// The tiles of the level with this size; nil where the reader would not decode them in the same way.
    var open: @Sendable (_ path: String, _ level: PixelSize, _ rules: ReadingRules) -> (any TileSource)?

    /// The first whose pixels are the reader's is taken.
    static let all = [
        TileReading(
            name: "tiled JPEG in a TIFF",
            vendors: ["aperio", "generic-tiff"],
            open: { JPEGTiles(path: $0, size: $1, rules: $2) }
        )
    ]
}
