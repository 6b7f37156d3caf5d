import Records

/// Decoded tiles of a level while a pass goes over it: of those it holds, the one used longest ago gives way.
///
/// Holding the tile rows of one row of patches, each tile is decoded once.
final class TileWindow {
    let tiles: JPEGTiles
    private let capacity: Int
    /// Side by side, each of `tiles.tileBytes`.
    private var slots: [Slot] = []
    private var slotOfTile: [Int: Int] = [:]
    private var clock = 0

    private struct Slot {
        var pixels: UnsafeMutablePointer<UInt8>
        var tile: Int?
        var lastUse: Int
    }

    /// - Parameter capacity: tiles to hold; memory bounds it too.
    init(_ tiles: JPEGTiles, capacity: Int) {
        self.tiles = tiles
        self.capacity = max(1, min(capacity, Self.largestMemory / tiles.tileBytes))
    }

    deinit { for slot in slots { slot.pixels.deallocate() } }

    /// Copies a part of the level, row by row without padding.
    /// - Returns: false where a tile of it is missing or doubtful; `target` is then undefined.
    /// - Precondition: the part lies inside the level, and `target` has its size.
    func read(_ part: PixelRect, into target: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        guard let base = target.baseAddress else { return false }
        let (width, height) = (tiles.tileSize.width, tiles.tileSize.height)
        for row in (part.y / height)...((part.y + part.height - 1) / height) {
            for column in (part.x / width)...((part.x + part.width - 1) / width) {
                let tile = row * tiles.columns + column
                guard let pixels = pixels(of: tile) else { return false }
                Self.copy(pixels, tiles.rect(of: tile), to: base, part)
            }
        }
        return true
    }

    private func pixels(of tile: Int) -> UnsafePointer<UInt8>? {
        clock += 1
        if let slot = slotOfTile[tile] {
            slots[slot].lastUse = clock
            return UnsafePointer(slots[slot].pixels)
        }
        let slot = freeSlot()
        guard tiles.decode(tile, into: slots[slot].pixels) else { return nil }
        slots[slot].tile = tile
        slots[slot].lastUse = clock
        slotOfTile[tile] = slot
        return UnsafePointer(slots[slot].pixels)
    }

    private func freeSlot() -> Int {
        if slots.count < capacity {
            slots.append(Slot(pixels: .allocate(capacity: tiles.tileBytes), tile: nil, lastUse: 0))
            return slots.count - 1
        }
        var oldest = 0
        for slot in slots.indices where slots[slot].lastUse < slots[oldest].lastUse { oldest = slot }
        if let tile = slots[oldest].tile { slotOfTile[tile] = nil }
        slots[oldest].tile = nil
        slots[oldest].lastUse = 0
        return oldest
    }

    private static func copy(
        _ pixels: UnsafePointer<UInt8>,
        _ tile: PixelRect,
        to target: UnsafeMutablePointer<UInt8>,
        _ part: PixelRect
    ) {
        let (left, right) = (max(tile.x, part.x), min(tile.x + tile.width, part.x + part.width))
        let (top, bottom) = (max(tile.y, part.y), min(tile.y + tile.height, part.y + part.height))
        for y in top..<bottom {
            target.advanced(by: ((y - part.y) * part.width + left - part.x) * 3)
                .update(
                    from: pixels.advanced(by: ((y - tile.y) * tile.width + left - tile.x) * 3),
                    count: (right - left) * 3
                )
        }
    }

    /// Two rows of 240-pixel tiles of a slide 130,000 pixels wide.
    private static let largestMemory = 192 << 20
}
