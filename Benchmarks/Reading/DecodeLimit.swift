import CJ2K
import CJPEG
import CTIFF
import Records
import Slides

/// The limit: each compressed tile that the grid touches, already in memory, is decoded once into the same memory.
final class DecodeLimit: Contestant {
    let name = "limit"
    private var tiles: [[UInt8]] = []
    private let side: PixelSize
    /// nil for JPEG 2000.
    private let jpeg: OpaquePointer?
    private let pixels: UnsafeMutablePointer<UInt8>

    /// - Parameter path: a TIFF with the grid's slide as its first level of that size.
    init(_ path: String, _ grid: PatchGrid) throws {
        var opened: OpaquePointer?
        let size = grid.slideSize
        guard ctiff_open(path, &opened) == 0, let opened else { throw BenchmarkError("\(path) is no TIFF") }
        defer { ctiff_close(opened) }
        var format = ctiff_directory()
        var isFound = false
        repeat {
            isFound =
                ctiff_describe(opened, &format) == 0 && format.is_tiled != 0 && Int(format.width) == size.width
                && Int(format.height) == size.height
        } while !isFound && ctiff_select_next(opened) == 0
        guard isFound else { throw BenchmarkError("\(path) has no tiled level 0") }
        side = PixelSize(width: Int(format.part_width), height: Int(format.part_height))
        jpeg = try Self.decoder(format, path)
        pixels = .allocate(capacity: side.width * side.height * 3)
        for tile in Self.touched(by: grid, side) {
            var count: UInt64 = 0
            _ = ctiff_byte_count(opened, UInt32(tile), &count)
            var bytes = [UInt8](repeating: 0, count: Int(count))
            guard count > 0, ctiff_read_stored(opened, UInt32(tile), &bytes, bytes.count) == 0 else {
                throw BenchmarkError("tile \(tile) of \(path) cannot be read")
            }
            tiles.append(bytes)
        }
    }

    deinit {
        if let jpeg { cjpeg_tiles_free(jpeg) }
        pixels.deallocate()
    }

    private static func decoder(_ format: ctiff_directory, _ path: String) throws -> OpaquePointer? {
        if format.compression == 33005 { return nil }
        var made: OpaquePointer?
        guard format.compression == 7,
            cjpeg_tiles_create(
                format.jpeg_tables,
                Int(format.jpeg_tables_count),
                format.photometric == 2 ? CJPEG_RGB : CJPEG_YCBCR,
                format.part_width,
                format.part_height,
                &made
            ) == 0
        else { throw BenchmarkError("\(path) is neither JPEG nor JPEG 2000 in TIFF") }
        return made
    }

    private static func touched(by grid: PatchGrid, _ side: PixelSize) -> [Int] {
        let columns = (grid.slideSize.width - 1) / side.width + 1
        let patch = grid.geometry.sideAtLevel
        var touched: Set<Int> = []
        for corner in grid.corners {
            for row in (corner.y / side.height)...((corner.y + patch - 1) / side.height) {
                for column in (corner.x / side.width)...((corner.x + patch - 1) / side.width) {
                    touched.insert(row * columns + column)
                }
            }
        }
        return touched.sorted()
    }

    func pass() throws -> Double {
        let (width, height) = (UInt32(side.width), UInt32(side.height))
        return try cpuSeconds {
            for bytes in tiles {
                let isDecoded =
                    jpeg.map { cjpeg_tiles_decode($0, bytes, bytes.count, pixels) == 0 }
                    ?? (cj2k_decode(bytes, bytes.count, CJ2K_RGB, width, height, pixels) == 0)
                guard isDecoded else { throw BenchmarkError("a tile cannot be decoded") }
            }
        }
    }
}
