import CJPEG
import COpenSlide
import CTIFF
import Foundation
import Records
import Slides

/// One way to get all patches of a grid, timed over and over.
protocol Contestant {
    var name: String { get }
    /// CPU seconds of one pass over the grid.
    func pass() throws -> Double
}

/// What a pass is measured by: CPU time of the whole process, which other programs' load disturbs least.
func cpuSeconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
}

/// The limit: each compressed tile that the grid touches, already in memory, is decoded once into the same memory.
final class DecodeLimit: Contestant {
    let name = "limit"
    private var tiles: [[UInt8]] = []
    private let decoder: OpaquePointer
    private let pixels: UnsafeMutablePointer<UInt8>

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
        var made: OpaquePointer?
        let components = format.photometric == 2 ? CJPEG_RGB : CJPEG_YCBCR
        guard format.compression == 7,
            cjpeg_tiles_create(
                format.jpeg_tables,
                Int(format.jpeg_tables_count),
                components,
                format.part_width,
                format.part_height,
                &made
            ) == 0, let made
        else { throw BenchmarkError("\(path) is no JPEG TIFF") }
        decoder = made
        let (width, height) = (Int(format.part_width), Int(format.part_height))
        pixels = .allocate(capacity: width * height * 3)
        let columns = (size.width - 1) / width + 1
        let side = grid.geometry.sideAtLevel
        var needed: Set<Int> = []
        for corner in grid.corners {
            for row in (corner.y / height)...((corner.y + side - 1) / height) {
                for column in (corner.x / width)...((corner.x + side - 1) / width) {
                    needed.insert(row * columns + column)
                }
            }
        }
        for tile in needed.sorted() {
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
        cjpeg_tiles_free(decoder)
        pixels.deallocate()
    }

    func pass() throws -> Double {
        try cpuSeconds {
            for bytes in tiles where cjpeg_tiles_decode(decoder, bytes, bytes.count, pixels) != 0 {
                throw BenchmarkError("a tile cannot be decoded")
            }
        }
    }
}

/// `PatchReader`, as `wsi features` uses it, from its start to its last batch.
struct OurReading: Contestant {
    let name = "wsi"
    let slide: Slide
    let grid: PatchGrid

    func pass() throws -> Double {
        try cpuSeconds {
            var reader = PatchReader(of: slide, grid: grid)
            while try reader.nextBatch() != nil {}
        }
    }
}

/// OpenSlide's C API, its pixels left as ARGB; the slide is opened anew for each pass, outside the time.
struct OpenSlideC: Contestant {
    let name = "openslide_c"
    let path: String
    let grid: PatchGrid

    func pass() throws -> Double {
        guard let slide = openslide_open(path) else { throw BenchmarkError("OpenSlide does not open \(path)") }
        defer { openslide_close(slide) }
        let side = grid.geometry.sideAtLevel
        var pixels = [UInt32](repeating: 0, count: side * side)
        let seconds = cpuSeconds {
            for corner in grid.corners {
                openslide_read_region(slide, &pixels, Int64(corner.x), Int64(corner.y), 0, Int64(side), Int64(side))
            }
        }
        if let error = openslide_get_error(slide) { throw BenchmarkError(String(cString: error)) }
        return seconds
    }

    /// Whether the patches of a `PatchReader` are OpenSlide's, pixel by pixel.
    func equals(_ slide: Slide) throws -> Bool {
        guard let opened = openslide_open(path) else { throw BenchmarkError("OpenSlide does not open \(path)") }
        defer { openslide_close(opened) }
        let side = grid.geometry.sideAtLevel
        var pixels = [UInt32](repeating: 0, count: side * side)
        var reader = PatchReader(of: slide, grid: grid)
        var isEqual = true
        while let batch = try reader.nextBatch() {
            for (index, row) in batch.rows.enumerated() {
                let corner = grid.corners[row]
                openslide_read_region(opened, &pixels, Int64(corner.x), Int64(corner.y), 0, Int64(side), Int64(side))
                for (at, pixel) in pixels.enumerated() {
                    let ours = (index * side * side + at) * 3
                    isEqual =
                        isEqual && batch.pixels[ours] == UInt8(truncatingIfNeeded: pixel >> 16)
                        && batch.pixels[ours + 1] == UInt8(truncatingIfNeeded: pixel >> 8)
                        && batch.pixels[ours + 2] == UInt8(truncatingIfNeeded: pixel) && pixel >> 24 == 255
                }
            }
        }
        return isEqual && reader.unreadable.isEmpty && openslide_get_error(opened) == nil
    }
}
