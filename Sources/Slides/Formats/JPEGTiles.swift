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
    /// several directories of one size.
    init?(path: String, size: PixelSize) {
        guard let width = UInt32(exactly: size.width), let height = UInt32(exactly: size.height) else { return nil }
        var opened: OpaquePointer?
        guard ctiff_tiles_open(path, width, height, &opened) == 0, let opened else { return nil }
        let format = ctiff_tiles_format(opened)
        var made: OpaquePointer?
        guard let components = Self.components(of: format),
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

    /// What the tiles' components are; nil for a format that is not read here.
    private static func components(of format: ctiff_tile_format) -> cjpeg_components? {
        let (jpeg, contiguous, rgb, yCbCr): (UInt16, UInt16, UInt16, UInt16) = (7, 1, 2, 6)
        let sides = 1...largestSide
        guard format.compression == jpeg, format.planar_configuration == contiguous, format.bits_per_sample == 8,
            format.samples_per_pixel == 3, sides.contains(format.tile_width), sides.contains(format.tile_height)
        else { return nil }
        let columns = (UInt64(format.width) + UInt64(format.tile_width) - 1) / UInt64(format.tile_width)
        let rows = (UInt64(format.height) + UInt64(format.tile_height) - 1) / UInt64(format.tile_height)
        guard columns * rows == UInt64(format.tile_count) else { return nil }
        return switch format.photometric {
        case rgb: CJPEG_RGB
        case yCbCr: CJPEG_YCBCR
        default: nil
        }
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
}
