import Imaging
import Records

/// Which reads bypass the slide's reader (docs/decisions/003): it stays the authority, and every doubt is decided by it.
extension Slide {
    /// The tiles of a level that are read directly: the reader's own, or others that were compared with its pixels at the level's
    /// first read; nil where it is the reader that reads.
    func tiles(of level: Int) -> (any TileSource)? {
        if let known = directLevels[level] { return known }
        let tiles = timed { directTiles(of: level) }
        directLevels[level] = .some(tiles)
        return tiles
    }

    private func directTiles(of level: Int) -> (any TileSource)? {
        // Between whole downsamples OpenSlide interpolates.
        guard levels.indices.contains(level), Int(exactly: levels[level].downsample) != nil else { return nil }
        if let own = reader?.tiles(of: level) { return own }
        for reading in TileReading.all where reading.vendors.contains(vendor) {
            if let tiles = reading.open(path, levels[level].size, rules), isBelieved(tiles, level) { return tiles }
        }
        return nil
    }

    private func isBelieved(_ tiles: any TileSource, _ level: Int) -> Bool {
        let verdicts = samples(of: tiles).compactMap { agrees(tiles, with: $0, level) }
        return !verdicts.isEmpty && verdicts.allSatisfy { $0 }
    }

    /// Fills `target` from the level's tiles.
    /// - Returns: false where the read is the reader's; `target` is then undefined.
    func readDirectly(
        _ place: LevelRect,
        through window: TileWindow?,
        into target: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        guard let part = directPart(place), let tiles = window?.tiles ?? tiles(of: place.level) else { return false }
        // The reader keeps the tiles that it decoded last.
        if window == nil, reader?.tiles(of: place.level) != nil { return false }
        return (window ?? TileWindow(tiles, for: [part])).read(part, into: target)
    }

    /// nil where the read is the reader's.
    func directImage(_ place: LevelRect, through window: TileWindow?) -> RGBImage? {
        let bytes = place.width * place.height * 3
        var isRead = false
        let pixels = [UInt8](unsafeUninitializedCapacity: bytes) { buffer, filled in
            let target = UnsafeMutableBufferPointer(rebasing: buffer[..<bytes])
            isRead = readDirectly(place, through: window, into: target)
            filled = isRead ? bytes : 0
        }
        return isRead ? RGBImage(width: place.width, height: place.height, pixels: pixels) : nil
    }

    /// The read in pixels of the level; nil where it starts between two pixels or reaches beyond the edge.
    func directPart(_ place: LevelRect) -> PixelRect? {
        let (size, downsample) = (levels[place.level].size, levels[place.level].downsample)
        guard let factor = Int(exactly: downsample), place.x % factor == 0, place.y % factor == 0 else { return nil }
        let part = PixelRect(x: place.x / factor, y: place.y / factor, width: place.width, height: place.height)
        return part.x + part.width <= size.width && part.y + part.height <= size.height ? part : nil
    }

    /// Where four tiles meet at the tile with the most to show, the middle, and the last corner.
    private func samples(of tiles: any TileSource) -> [PixelRect] {
        let (grid, bytes) = (tiles.grid, tiles.byteCounts)
        // Glass takes few bytes.
        guard let largest = bytes.indices.max(by: { bytes[$0] < bytes[$1] }) else { return [] }
        let (width, height) = (min(Self.sampleSide, grid.size.width), min(Self.sampleSide, grid.size.height))
        func sample(around x: Int, _ y: Int) -> PixelRect {
            PixelRect(
                x: max(0, min(x - width / 2, grid.size.width - width)),
                y: max(0, min(y - height / 2, grid.size.height - height)),
                width: width,
                height: height
            )
        }
        let richest = grid.rect(of: largest)
        return [
            sample(around: richest.x, richest.y), sample(around: grid.size.width / 2, grid.size.height / 2),
            sample(around: grid.size.width, grid.size.height),
        ]
    }

    /// Whether a part of a level is the same from its tiles and from the reader; nil where a tile of it is missing or
    /// damaged, so that the reader would read it anyway.
    func agrees(_ tiles: any TileSource, with part: PixelRect, _ level: Int) -> Bool? {
        let bytes = part.width * part.height * 3
        var ours = [UInt8](repeating: 0, count: bytes)
        let isRead = ours.withUnsafeMutableBufferPointer { TileWindow(tiles, for: [part]).read(part, into: $0) }
        guard isRead else { return nil }
        let downsample = Int(levels[level].downsample)
        let theirs = try? region(
            LevelRect(
                level: level,
                x: part.x * downsample,
                y: part.y * downsample,
                width: part.width,
                height: part.height
            )
        )
        return theirs?.image(on: .white).pixels == ours
    }

    private static let sampleSide = 128
}
