import COpenSlide
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

    /// How far the patches of a `PatchReader` are from OpenSlide's, of 255: 0 where every sample is the same, as with JPEG. Two versions of
    /// OpenJPEG round a few samples in a million to a neighbour. 255 where a patch cannot be read.
    func furthest(from slide: Slide) throws -> Int {
        guard let opened = openslide_open(path) else { throw BenchmarkError("OpenSlide does not open \(path)") }
        defer { openslide_close(opened) }
        let side = grid.geometry.sideAtLevel
        var pixels = [UInt32](repeating: 0, count: side * side)
        var reader = PatchReader(of: slide, grid: grid)
        var furthest = 0
        while let batch = try reader.nextBatch() {
            for (index, row) in batch.rows.enumerated() {
                let corner = grid.corners[row]
                openslide_read_region(opened, &pixels, Int64(corner.x), Int64(corner.y), 0, Int64(side), Int64(side))
                for (at, pixel) in pixels.enumerated() {
                    let ours = (index * side * side + at) * 3
                    for channel in 0..<3 {
                        let theirs = Int(pixel >> (16 - 8 * UInt32(channel))) & 255
                        furthest = max(furthest, abs(Int(batch.pixels[ours + channel]) - theirs))
                    }
                    if pixel >> 24 != 255 { furthest = 255 }
                }
            }
        }
        return reader.unreadable.isEmpty && openslide_get_error(opened) == nil ? furthest : 255
    }
}
