import Records

/// The patches of a grid put together from a level's tiles. Each tile is decoded once, into memory that stays in the processor's
/// cache, and its pixels go from there into every patch that shows them, also into those of batches to come: a patch that is not
/// aligned with the tiles costs little more than one that is.
final class PatchAssembly {
    private let tiles: any TileSource
    private let batches: BatchPlan
    private let side: Int
    /// What of each patch is on the level, in its pixels, by the grid's row; nil for one that the slide reads.
    private let parts: [PixelRect?]
    private let touching: TouchingRows
    private var isDecoded: [Bool]
    /// Pixels of batches that are not handed out yet, by their number.
    private var waiting: [Int: [UInt8]] = [:]
    /// Rows that show a tile which is missing or doubtful.
    private var doubtful: Set<Int> = []
    private let scratch: UnsafeMutableBufferPointer<UInt8>

    /// How a grid's rows are handed out.
    struct BatchPlan {
        /// Rows of a batch.
        var size: Int
        /// Of a patch.
        var bytes: Int
    }

    /// - Parameters:
    ///   - parts: of squares of `side` pixels, what is inside the level, in the order in which they are read; the rest is white.
    ///   - largestMemory: bytes of batches that may be in the making at once.
    /// - Returns: nil where more batches would be: patches that overlap much, or come in no order.
    init?(
        _ tiles: any TileSource,
        _ parts: [PixelRect?],
        side: Int,
        batchSize: Int,
        largestMemory: Int = PatchAssembly.largestMemory
    ) {
        (self.tiles, self.parts, self.side) = (tiles, parts, side)
        batches = BatchPlan(size: batchSize, bytes: side * side * 3)
        touching = TouchingRows(of: parts, tiles.grid)
        let most = touching.mostBatches(of: parts, tiles.grid, size: batchSize)
        guard most * batchSize * batches.bytes <= max(largestMemory, batchSize * batches.bytes) else { return nil }
        isDecoded = Array(repeating: false, count: tiles.grid.count)
        scratch = .allocate(capacity: tiles.grid.tileBytes)
    }

    deinit { scratch.deallocate() }

    /// The pixels of a batch, `[rows, side, side, 3]`; those of rows that are not `isWhole` are undefined.
    /// - Precondition: batches are asked for in their order, each once.
    func pixels(of rows: Range<Int>) -> [UInt8] {
        for row in rows {
            guard let part = parts[row] else { continue }
            tiles.grid.forEach(touchedBy: part) { tile in if !isDecoded[tile] { decode(tile) } }
        }
        return waiting.removeValue(forKey: rows.lowerBound / batches.size) ?? memory(of: rows.lowerBound / batches.size)
    }

    /// Whether a row that has been handed out was put together from its tiles.
    func isWhole(_ row: Int) -> Bool { parts[row] != nil && !doubtful.contains(row) }

    private func memory(of batch: Int) -> [UInt8] {
        let rows = min(batches.size, parts.count - batch * batches.size)
        let bytes = rows * batches.bytes
        return [UInt8](unsafeUninitializedCapacity: bytes) { buffer, filled in
            for row in 0..<rows
            where parts[batch * batches.size + row].map({ $0.width < side || $0.height < side }) ?? false {
                let start = row * batches.bytes
                UnsafeMutableBufferPointer(rebasing: buffer[start..<(start + batches.bytes)]).initialize(repeating: 255)
            }
            filled = bytes
        }
    }

    private func decode(_ tile: Int) {
        isDecoded[tile] = true
        let (rect, rows) = (tiles.grid.rect(of: tile), touching.rows(of: tile))
        if rows.count == 1, let row = rows.first.map(Int.init), parts[row] == rect {
            // Decoded where it is wanted.
            guard with(row, { tiles.decode(tile, into: $0) }) else { return doubt(rows) }
            return
        }
        guard let base = scratch.baseAddress, tiles.decode(tile, into: base) else { return doubt(rows) }
        for row in rows.lazy.map(Int.init) {
            guard let part = parts[row] else { continue }
            with(row) { TileWindow.copy(base, rect, to: $0, part, rowLength: side) }
        }
    }

    private func doubt(_ rows: ArraySlice<Int32>) { doubtful.formUnion(rows.lazy.map(Int.init)) }

    /// The memory of a row's patch.
    private func with<Result>(_ row: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Result) -> Result {
        let batch = row / batches.size
        if waiting[batch] == nil { waiting[batch] = memory(of: batch) }
        return waiting[batch, default: []].withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a batch has bytes") }
            return body(base.advanced(by: (row - batch * batches.size) * batches.bytes))
        }
    }

    /// A row of patches of a slide 150,000 pixels wide.
    static let largestMemory = 128 << 20
}

/// Which of a grid's rows show each tile, ascending: lists end to end.
private struct TouchingRows {
    private var starts: [Int32]
    private var lists: [Int32]

    init(of parts: [PixelRect?], _ grid: TileGrid) {
        var counts = [Int32](repeating: 0, count: grid.count + 1)
        for part in parts.lazy.compactMap(\.self) { grid.forEach(touchedBy: part) { counts[$0 + 1] += 1 } }
        for tile in 0..<grid.count { counts[tile + 1] += counts[tile] }
        starts = counts
        lists = Array(repeating: 0, count: Int(counts[grid.count]))
        var next = counts
        for (row, part) in parts.enumerated() {
            guard let part else { continue }
            grid.forEach(touchedBy: part) { tile in
                lists[Int(next[tile])] = Int32(row)
                next[tile] += 1
            }
        }
    }

    func rows(of tile: Int) -> ArraySlice<Int32> { lists[Int(starts[tile])..<Int(starts[tile + 1])] }

    /// How many batches are in the making at once, at most: a batch is from the first tile on that any of its rows shows.
    func mostBatches(of parts: [PixelRect?], _ grid: TileGrid, size: Int) -> Int {
        let count = (parts.count + size - 1) / size
        var begun = [Int](repeating: 0, count: count + 1)
        for batch in 0..<count {
            var first = batch
            for part in parts[(batch * size)..<min(parts.count, (batch + 1) * size)].lazy.compactMap(\.self) {
                grid.forEach(touchedBy: part) { tile in
                    if let row = rows(of: tile).first { first = min(first, Int(row) / size) }
                }
            }
            begun[first] += 1
        }
        var (now, most) = (0, 0)
        for batch in 0..<count {
            now += begun[batch]
            most = max(most, now)
            now -= 1
        }
        return most
    }
}
