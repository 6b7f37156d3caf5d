import Records

/// A level that is stored turned or mirrored, as it is to be seen: each tile is put together of those that are stored.
final class TurnedTiles: TileSource {
    let grid: TileGrid

    private let stored: any TileSource
    private let turn: ImageTurn
    private var cache = DecodedTiles()

    init(_ stored: any TileSource, _ turn: ImageTurn) {
        (self.stored, self.turn) = (stored, turn)
        func seen(_ size: PixelSize) -> PixelSize {
            turn.isOnItsSide ? PixelSize(width: size.height, height: size.width) : size
        }
        grid = TileGrid(size: seen(stored.grid.size), tileSize: seen(stored.grid.tileSize))
    }

    /// Stored tiles lie across those that are seen.
    var byteCounts: [Int] { [] }

    func isMissing(_ tile: Int) -> Bool {
        var isMissing = true
        stored.grid.forEach(touchedBy: place(of: tile)) { if !stored.isMissing($0) { isMissing = false } }
        return isMissing
    }

    func decode(_ tile: Int, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        let (place, width) = (place(of: tile), grid.tileSize.width)
        let bytes = place.width * place.height * 3
        let part = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes)
        defer { part.deallocate() }
        part.initialize(repeating: 255, count: bytes)
        guard copy(place, into: part) else { return false }
        pixels.update(repeating: 255, count: grid.tileBytes)
        let steps = turn.steps(in: place)
        let seen = turn.isOnItsSide ? (place.height, place.width) : (place.width, place.height)
        for y in 0..<seen.1 {
            var from = part.advanced(by: (steps.start + y * steps.down) * 3)
            var to = pixels.advanced(by: y * width * 3)
            for x in 0..<seen.0 {
                to.update(from: from, count: 3)
                to = to.advanced(by: 3)
                if x + 1 < seen.0 { from = from.advanced(by: steps.across * 3) }
            }
        }
        return true
    }

    /// What is stored of a tile's part of the image.
    private func place(of tile: Int) -> PixelRect {
        turn.stored(grid.rect(of: tile).clipped(to: grid.size), in: stored.grid.size)
    }

    /// What the file leaves out stays white.
    private func copy(_ place: PixelRect, into part: UnsafeMutablePointer<UInt8>) -> Bool {
        var isWhole = true
        stored.grid.forEach(touchedBy: place) { tile in
            guard isWhole, !stored.isMissing(tile) else { return }
            guard let decoded = cache.pixels(of: tile, 0, stored) else {
                isWhole = false
                return
            }
            TileWindow.copy(decoded, stored.grid.rect(of: tile), to: part, place, rowLength: place.width)
        }
        return isWhole
    }
}
