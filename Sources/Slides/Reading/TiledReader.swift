import Imaging
import Records

/// A slide whose levels are tiles that are decoded here, none of them by a library that knows slides.
///
/// A place between two pixels of a level is read at the nearest: at most half a pixel of the level beside it.
final class TiledReader: SlideReader {
    private let stated: SlideAccount
    private let levels: [any TileSource]
    private let profile: [UInt8]?
    private var cache = DecodedTiles()

    /// - Parameters:
    ///   - levels: one for each of the account's, of its size.
    ///   - profile: the ICC profile of the pixels.
    init(_ stated: SlideAccount, levels: [any TileSource], profile: [UInt8]? = nil) {
        (self.stated, self.levels, self.profile) = (stated, levels, profile)
    }

    func account() throws -> SlideAccount { stated }

    func tiles(of level: Int) -> (any TileSource)? { levels.indices.contains(level) ? levels[level] : nil }

    func iccProfile() throws -> [UInt8]? { profile }

    /// Tiles that the file leaves out are transparent.
    func read(_ place: LevelRect, into pixels: UnsafeMutablePointer<UInt32>) throws {
        pixels.update(repeating: 0, count: place.width * place.height)
        guard levels.indices.contains(place.level) else { return }
        let (tiles, downsample) = (levels[place.level], stated.levels[place.level].downsample)
        let (x, y) = (Self.nearest(place.x, downsample), Self.nearest(place.y, downsample))
        let size = tiles.grid.size
        let inside = PixelRect(
            x: x,
            y: y,
            width: min(place.width, size.width - x),
            height: min(place.height, size.height - y)
        )
        guard inside.width > 0, inside.height > 0 else { return }
        var fault: SlideFault?
        tiles.grid.forEach(touchedBy: inside) { tile in
            guard fault == nil, !tiles.isMissing(tile) else { return }
            guard let decoded = cache.pixels(of: tile, place.level, tiles) else {
                fault = SlideFault(text: "tile \(tile) of level \(place.level) cannot be decoded")
                return
            }
            Self.copy(decoded, tiles.grid.rect(of: tile), to: pixels, inside, rowLength: place.width)
        }
        if let fault { throw fault }
    }

    private static func nearest(_ position: Int, _ downsample: Double) -> Int {
        Int((Double(position) / downsample).rounded())
    }

    private static func copy(
        _ decoded: UnsafePointer<UInt8>,
        _ tile: PixelRect,
        to target: UnsafeMutablePointer<UInt32>,
        _ part: PixelRect,
        rowLength: Int
    ) {
        tile.forEachRow(sharedWith: part, rowLength: rowLength) { from, to, count in
            var from = decoded.advanced(by: from * 3)
            for at in to..<(to + count) {
                target[at] = 0xFF00_0000 | UInt32(from[0]) << 16 | UInt32(from[1]) << 8 | UInt32(from[2])
                from = from.advanced(by: 3)
            }
        }
    }
}

/// The tiles that single reads decoded last; passes over a level have a `TileWindow`.
struct DecodedTiles {
    private struct Key: Hashable {
        var level: Int
        var tile: Int
    }

    private final class Slot {
        let key: Key
        let pixels: UnsafeMutableBufferPointer<UInt8>

        init(_ key: Key, bytes: Int) { (self.key, pixels) = (key, .allocate(capacity: bytes)) }

        deinit { pixels.deallocate() }
    }

    /// The one used last is the last.
    private var slots: [Slot] = []

    /// nil where the tile cannot be decoded.
    mutating func pixels(of tile: Int, _ level: Int, _ tiles: any TileSource) -> UnsafePointer<UInt8>? {
        let key = Key(level: level, tile: tile)
        if let index = slots.firstIndex(where: { $0.key == key }) {
            slots.append(slots.remove(at: index))
        } else {
            let bytes = tiles.grid.tileBytes
            while !slots.isEmpty, slots.reduce(bytes, { $0 + $1.pixels.count }) > Self.largestMemory {
                slots.removeFirst()
            }
            let slot = Slot(key, bytes: bytes)
            guard let base = slot.pixels.baseAddress, tiles.decode(tile, into: base) else { return nil }
            slots.append(slot)
        }
        return slots.last?.pixels.baseAddress.map { UnsafePointer($0) }
    }

    private static let largestMemory = 16 << 20
}
