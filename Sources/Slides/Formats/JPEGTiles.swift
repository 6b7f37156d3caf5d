import CJPEG
import CTIFF
import Records

/// The tiles of one pyramid level in a tiled JPEG TIFF, read by libtiff and decoded by libjpeg straight to RGB: the pixels
/// of OpenSlide without its detour over ARGB surfaces.
final class JPEGTiles: TileSource {
    let grid: TileGrid

    private let file: OpaquePointer
    private let decoder: OpaquePointer
    private var compressed: [UInt8] = []
    /// How many tiles were decoded so far.
    private(set) var decoded = 0

    /// nil where OpenSlide would not decode the level's tiles in the same way: other compressions, planes or samples,
    /// several directories of one size; and where nobody can tell what their components are.
    init?(path: String, size: PixelSize, rules: ReadingRules = ReadingRules()) {
        guard let width = UInt32(exactly: size.width), let height = UInt32(exactly: size.height) else { return nil }
        var opened: OpaquePointer?
        guard ctiff_tiles_open(path, width, height, &opened) == 0, let opened else { return nil }
        let format = ctiff_tiles_format(opened)
        var made: OpaquePointer?
        guard Self.isRead(format), let components = Self.components(of: opened, rules),
            cjpeg_tiles_create(
                format.jpeg_tables,
                Int(format.jpeg_tables_count),
                components,
                format.tile_width,
                format.tile_height,
                &made
            ) == 0, let made
        else {
            ctiff_tiles_close(opened)
            return nil
        }
        (file, decoder) = (opened, made)
        grid = TileGrid(
            size: size,
            tileSize: PixelSize(width: Int(format.tile_width), height: Int(format.tile_height))
        )
    }

    deinit {
        cjpeg_tiles_free(decoder)
        ctiff_tiles_close(file)
    }

    private static func isRead(_ format: ctiff_tile_format) -> Bool {
        let (jpeg, contiguous): (UInt16, UInt16) = (7, 1)
        let sides = 1...largestSide
        guard format.compression == jpeg, format.planar_configuration == contiguous, format.bits_per_sample == 8,
            format.samples_per_pixel == 3, sides.contains(format.tile_width), sides.contains(format.tile_height),
            [TIFFPhotometric.rgb, TIFFPhotometric.yCbCr].contains(format.photometric)
        else { return false }
        let columns = (UInt64(format.width) + UInt64(format.tile_width) - 1) / UInt64(format.tile_width)
        let rows = (UInt64(format.height) + UInt64(format.tile_height) - 1) / UInt64(format.tile_height)
        return columns * rows == UInt64(format.tile_count)
    }

    /// What the tiles' components are; nil where that is in doubt.
    private static func components(of tiles: OpaquePointer, _ rules: ReadingRules) -> cjpeg_components? {
        let format = ctiff_tiles_format(tiles)
        guard let evidence = evidence(in: tiles, format) else {
            // There is nothing to decode.
            return format.photometric == TIFFPhotometric.yCbCr ? CJPEG_YCBCR : CJPEG_RGB
        }
        return try? JPEGColour.components(evidence, photometric: format.photometric, rules)
    }

    /// Of the first tile that has bytes and a header that makes sense; nil where none of the first few has.
    private static func evidence(in tiles: OpaquePointer, _ format: ctiff_tile_format) -> JPEGEvidence? {
        let tables = UnsafeBufferPointer(start: format.jpeg_tables, count: Int(format.jpeg_tables_count))
        var tries = 0
        for tile in 0..<format.tile_count {
            var count: UInt64 = 0
            guard ctiff_tiles_byte_count(tiles, tile, &count) == 0, count > 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: Int(min(count, longestHeader)))
            let isRead = ctiff_tiles_read(tiles, tile, &bytes, bytes.count) == 0
            let evidence = isRead ? bytes.withUnsafeBufferPointer { JPEGEvidence(stream: $0, tables: tables) } : nil
            tries += 1
            if evidence != nil || tries == mostTries { return evidence }
        }
        return nil
    }

    /// Bytes of a compressed tile; nil for a missing one, and for more bytes than any honest tile has.
    func byteCount(of tile: Int) -> Int? {
        var count: UInt64 = 0
        guard let index = UInt32(exactly: tile), ctiff_tiles_byte_count(file, index, &count) == 0 else { return nil }
        return count > 0 && count <= UInt64(2 * grid.tileBytes + 65_536) ? Int(count) : nil
    }

    func isMissing(_ tile: Int) -> Bool {
        var count: UInt64 = 1
        guard let index = UInt32(exactly: tile), ctiff_tiles_byte_count(file, index, &count) == 0 else { return false }
        return count == 0
    }

    var byteCounts: [Int] { (0..<grid.count).map { byteCount(of: $0) ?? 0 } }

    func decode(_ tile: Int, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let index = UInt32(exactly: tile), let bytes = byteCount(of: tile) else { return false }
        decoded += 1
        if compressed.count < bytes { compressed = Array(repeating: 0, count: bytes + bytes / 2) }
        return compressed.withUnsafeMutableBufferPointer { buffer in
            ctiff_tiles_read(file, index, buffer.baseAddress, bytes) == 0
                && cjpeg_tiles_decode(decoder, buffer.baseAddress, bytes, pixels) == 0
        }
    }

    /// Tiles are decoded as a whole: 12 MB at most.
    private static let largestSide: UInt32 = 2048
    private static let longestHeader: UInt64 = 1 << 20
    private static let mostTries = 8
}
