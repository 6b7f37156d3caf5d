import Records

/// One level of a pyramid: an instance, or the parts of one (PS3.3, C.7.6.16.2.2.4).
struct DICOMLevel {
    /// In the order of their frames.
    let parts: [DICOMInstance]
    let grid: TileGrid
    /// Of each tile, counted over all parts; -1 for one that the file leaves out. Empty where frames are numbered as tiles are.
    private(set) var frames: [Int32] = []
    /// Where the frames of each part begin.
    private let firsts: [Int]

    var size: PixelSize { grid.size }
    var header: DICOMHeader { parts[0].header }
    var frameCount: Int { (firsts.last ?? 0) + (parts.last?.frames.count ?? 0) }

    /// - Throws: `SlideError.geometry`, `SlideFault`.
    init(_ parts: [DICOMInstance]) throws {
        self.parts = parts.sorted { $0.header.concatenationOffset < $1.header.concatenationOffset }
        let size = parts[0].levelSize
        let tile = parts[0].tileSize
        let columns = (size.width - 1) / tile.width + 1
        let (tiles, overflow) = columns.multipliedReportingOverflow(by: (size.height - 1) / tile.height + 1)
        let name = "level of \(size.width) × \(size.height) pixels"
        guard !overflow, tiles <= Self.mostTiles else { throw SlideError.geometry("a \(name) in \(tiles) tiles") }
        grid = TileGrid(size: size, tileSize: tile)
        var firsts: [Int] = []
        var next = 0
        for part in self.parts {
            guard part.tileSize == tile, part.header.form == parts[0].header.form, part.codec == parts[0].codec else {
                throw SlideFault(text: "the parts of its \(name) are stored in different ways")
            }
            guard part.header.concatenationOffset == next || parts.count == 1 else {
                throw SlideFault(text: "a part of its \(name) is missing, or there twice")
            }
            firsts.append(next)
            next += part.frames.count
        }
        self.firsts = firsts
        if Self.isSparse(self.parts) {
            frames = try places()
        } else if next != tiles {
            throw SlideFault(text: "its \(name) has \(next) frames for \(tiles) tiles")
        } else if self.parts.contains(where: { !$0.body.places.isEmpty }) {
            try checkOrder()
        }
    }

    /// Frames without gaps may say where they lie, too: where they would lie by their order.
    private func checkOrder() throws {
        guard let odd = try places().enumerated().first(where: { $0.offset != Int($0.element) }) else { return }
        throw SlideError.geometry(
            "frame \(odd.element) lies where frame \(odd.offset) would by the order of TILED_FULL, which the file states"
        )
    }

    /// Whether frames say where they lie. Files older than the attribute say it for each, too.
    private static func isSparse(_ parts: [DICOMInstance]) -> Bool {
        switch parts[0].header.organization {
        case "TILED_FULL": false
        case "TILED_SPARSE": true
        default: parts.contains { !$0.body.places.isEmpty }
        }
    }

    private func places() throws -> [Int32] {
        var frames = [Int32](repeating: -1, count: grid.count)
        let tile = grid.tileSize
        for (first, part) in zip(firsts, parts) {
            guard part.body.places.count == part.frames.count else {
                throw SlideFault(text: "not all of its frames say where they lie")
            }
            for (frame, place) in part.body.places.enumerated() {
                let (x, y) = (Int(place.column) - 1, Int(place.row) - 1)
                guard (0..<size.width).contains(x), (0..<size.height).contains(y), x % tile.width == 0,
                    y % tile.height == 0
                else {
                    throw SlideError.geometry(
                        "frame \(first + frame) lies at (\(x), \(y)), on no place of tiles of \(tile.width) × \(tile.height)"
                    )
                }
                let index = y / tile.height * grid.columns + x / tile.width
                guard frames[index] < 0 else {
                    throw SlideError.geometry(
                        "two frames at (\(x), \(y)): focal planes or optical paths, which are not read"
                    )
                }
                frames[index] = Int32(first + frame)
            }
        }
        return frames
    }

    /// The part and its frame that a tile is; nil where the file leaves it out.
    func frame(of tile: Int) -> (part: Int, frame: Int)? {
        let frame = frames.isEmpty ? tile : Int(frames[tile])
        guard frame >= 0, let part = firsts.lastIndex(where: { $0 <= frame }) else { return nil }
        return (part, frame - firsts[part])
    }

    private static let mostTiles = 1 << 22
}
