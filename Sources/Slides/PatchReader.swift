import Imaging
public import Records

/// Pixels of patches, `[count, side, side, 3]` of 8 bits, row-major.
public struct PixelBatch: Equatable, Sendable {
    /// The rows of the grid, ascending, that the patches belong to.
    public var rows: [Int]
    public var side: Int
    public var pixels: [UInt8]

    public var count: Int { rows.count }
}

/// Reads a grid's patches in row order, in which each of the file's tiles is decoded once, and a reader's cache serves
/// neighbours best.
///
/// A patch that a freshly opened slide cannot decode either is left out and listed, never invented.
public struct PatchReader {
    public let grid: PatchGrid
    public let batchSize: Int
    /// Rows of the grid that could not be read so far, ascending.
    public private(set) var unreadable: [Int] = []

    private let slide: Slide
    private let way: Way
    private var next = 0

    private enum Way {
        case assembled(PatchAssembly)
        /// nil where the slide's reader reads the level.
        case single(TileWindow?)
    }

    public init(of slide: Slide, grid: PatchGrid, batchSize: Int = 16) {
        self.slide = slide
        self.grid = grid
        // A batch stays under 64 MB whatever the side of a patch.
        let side = max(1, grid.geometry.patchSize)
        self.batchSize = min(max(1, batchSize), max(1, (64 << 20) / (3 * side * side)))
        way = Self.way(of: slide, grid, batchSize: self.batchSize)
    }

    private static func way(of slide: Slide, _ grid: PatchGrid, batchSize: Int) -> Way {
        guard let tiles = slide.tiles(of: grid.geometry.level) else { return .single(nil) }
        let places = grid.corners.map { place(of: $0, grid.geometry) }
        let side = grid.geometry.sideAtLevel
        // Patches are put together of what the tiles store, which has to be what is wanted.
        if side == grid.geometry.patchSize, slide.transform == nil {
            let parts = places.map { slide.pyramid.inside($0).flatMap(slide.directPart) }
            if let assembly = PatchAssembly(tiles, parts, side: side, batchSize: batchSize) {
                return .assembled(assembly)
            }
        }
        let parts = places.lazy.compactMap { slide.pyramid.inside($0) }.compactMap(slide.directPart)
        return .single(TileWindow(tiles, for: parts))
    }

    private static func place(of corner: PixelPoint, _ geometry: PatchGeometry) -> LevelRect {
        let side = geometry.sideAtLevel
        return LevelRect(level: geometry.level, x: corner.x, y: corner.y, width: side, height: side)
    }

    /// Up to `batchSize` patches that could be read; nil at the end.
    /// - Throws: `SlideError.corrupt` when more than 1 % of the patches (at least 1, at most 200) cannot be read.
    public mutating func nextBatch() throws -> PixelBatch? {
        while next < grid.count {
            let rows = next..<min(next + batchSize, grid.count)
            next = rows.upperBound
            let batch = try batch(rows)
            if batch.count > 0 { return batch }
        }
        return nil
    }

    private mutating func batch(_ rows: Range<Int>) throws -> PixelBatch {
        let bytes = grid.geometry.patchSize * grid.geometry.patchSize * 3
        var pixels = pixels(of: rows)
        var lost: [Int] = []
        try pixels.withUnsafeMutableBufferPointer { buffer in
            for row in rows where !isWhole(row) {
                let start = (row - rows.lowerBound) * bytes
                do {
                    try read(row, into: UnsafeMutableBufferPointer(rebasing: buffer[start..<(start + bytes)]))
                } catch SlideError.corrupt(let text) {
                    lost.append(row)
                    try leaveOut(row, text)
                }
            }
        }
        for row in lost.reversed() {
            let start = (row - rows.lowerBound) * bytes
            pixels.removeSubrange(start..<(start + bytes))
        }
        let kept = lost.isEmpty ? Array(rows) : rows.filter { !lost.contains($0) }
        return PixelBatch(rows: kept, side: grid.geometry.patchSize, pixels: pixels)
    }

    /// Those of the rows that are not `isWhole` are undefined.
    private func pixels(of rows: Range<Int>) -> [UInt8] {
        if case .assembled(let assembly) = way { return slide.timed { assembly.pixels(of: rows) } }
        let bytes = rows.count * grid.geometry.patchSize * grid.geometry.patchSize * 3
        return [UInt8](unsafeUninitializedCapacity: bytes) { _, filled in filled = bytes }
    }

    private func isWhole(_ row: Int) -> Bool {
        if case .assembled(let assembly) = way { assembly.isWhole(row) } else { false }
    }

    private mutating func leaveOut(_ row: Int, _ text: String) throws {
        unreadable.append(row)
        guard unreadable.count <= min(200, max(1, grid.count / 100)) else {
            throw SlideError.corrupt("\(unreadable.count) of \(grid.count) patches cannot be read: \(text)")
        }
    }

    /// One patch at its target scale; what lies beyond the edge is white before it is resampled.
    private func read(_ row: Int, into target: UnsafeMutableBufferPointer<UInt8>) throws {
        let (geometry, place) = (grid.geometry, Self.place(of: grid.corners[row], grid.geometry))
        let window: TileWindow? = if case .single(let window) = way { window } else { nil }
        if place.width == geometry.patchSize { return try slide.readPadded(place, through: window, into: target) }
        let patch = try slide.readPadded(place, through: window)
            .resized(width: geometry.patchSize, height: geometry.patchSize)
        _ = target.update(fromContentsOf: patch.pixels)
    }
}
