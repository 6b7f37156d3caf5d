import Records

/// Decoded tiles of a level while a known set of reads goes over it: each is decoded once and held until its last read.
///
/// Reads in another order than row by row need more memory than the window has; tiles are then decoded again.
final class TileWindow {
    let tiles: any TileSource
    private let grid: TileGrid
    /// How many of the reads to come touch each tile.
    private var reads: [Int: Int] = [:]
    private var slots: [Slot] = []
    private var slotOfTile: [Int: Int] = [:]
    /// The last one freed is the next one used: the processor still has its memory at hand.
    private var free: [Int] = []
    private var clock = 0

    private struct Slot {
        var pixels: UnsafeMutablePointer<UInt8>
        var tile = -1
        var lastUse = 0
    }

    /// - Parameter parts: what will be read, in pixels of the level, inside it.
    init(_ tiles: any TileSource, for parts: some Sequence<PixelRect>) {
        (self.tiles, grid) = (tiles, tiles.grid)
        for part in parts { grid.forEach(touchedBy: part) { reads[$0, default: 0] += 1 } }
    }

    deinit { for slot in slots { slot.pixels.deallocate() } }

    /// Copies a part of the level, row by row without padding.
    /// - Returns: false where a tile of it is missing or doubtful; `target` is then undefined.
    /// - Precondition: the part lies inside the level, and `target` has its size.
    func read(_ part: PixelRect, into target: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        guard let base = target.baseAddress else { return false }
        var isWhole = true
        grid.forEach(touchedBy: part) { tile in
            let left = reads[tile, default: 0] - 1
            reads[tile] = left > 0 ? left : nil
            let rect = grid.rect(of: tile)
            if rect == part, left <= 0, slotOfTile[tile] == nil {
                isWhole = tiles.decode(tile, into: base)
                return
            }
            if isWhole, let slot = slot(of: tile) {
                Self.copy(slots[slot].pixels, rect, to: base, part, rowLength: part.width)
            } else {
                isWhole = false
            }
            if left <= 0 { drop(tile) }
        }
        return isWhole
    }

    /// Where a tile is decoded; nil where it cannot be.
    private func slot(of tile: Int) -> Int? {
        clock += 1
        let slot = slotOfTile[tile] ?? freeSlot()
        slots[slot].lastUse = clock
        guard slots[slot].tile != tile else { return slot }
        guard tiles.decode(tile, into: slots[slot].pixels) else {
            free.append(slot)
            return nil
        }
        slots[slot].tile = tile
        slotOfTile[tile] = slot
        return slot
    }

    private func freeSlot() -> Int {
        if let slot = free.popLast() { return slot }
        if slots.count < max(1, Self.largestMemory / grid.tileBytes) {
            slots.append(Slot(pixels: .allocate(capacity: grid.tileBytes)))
            return slots.count - 1
        }
        var oldest = 0
        for slot in slots.indices where slots[slot].lastUse < slots[oldest].lastUse { oldest = slot }
        drop(slots[oldest].tile)
        return free.removeLast()
    }

    private func drop(_ tile: Int) {
        guard let slot = slotOfTile.removeValue(forKey: tile) else { return }
        slots[slot].tile = -1
        free.append(slot)
    }

    /// Copies what a decoded tile and a part of the level share.
    /// - Parameter rowLength: pixels of `target` from one row to the next.
    static func copy(
        _ pixels: UnsafePointer<UInt8>,
        _ tile: PixelRect,
        to target: UnsafeMutablePointer<UInt8>,
        _ part: PixelRect,
        rowLength: Int
    ) {
        tile.forEachRow(sharedWith: part, rowLength: rowLength) { from, to, count in
            target.advanced(by: to * 3).update(from: pixels.advanced(by: from * 3), count: count * 3)
        }
    }

    /// A row of 240-pixel tiles of a slide 150,000 pixels wide.
    private static let largestMemory = 128 << 20
}
