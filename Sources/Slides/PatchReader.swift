public import Records

/// Pixels of patches, `[count, side, side, 3]` of 8 bits, row-major.
public struct PixelBatch: Equatable, Sendable {
    /// The rows of the grid, ascending, that the patches belong to.
    public var rows: [Int]
    public var side: Int
    public var pixels: [UInt8]

    public var count: Int { rows.count }
}

/// Reads a grid's patches in row order, which is also the order in which OpenSlide's tile cache serves neighbours best.
/// (Reading a run of neighbours at once and cutting it up was measured and is not faster.)
///
/// A patch that a freshly opened slide cannot decode either is left out and listed, never invented.
public struct PatchReader {
    public let grid: PatchGrid
    public let batchSize: Int
    /// Rows of the grid that could not be read so far, ascending.
    public private(set) var unreadable: [Int] = []

    private let slide: Slide
    private var next = 0

    public init(of slide: Slide, grid: PatchGrid, batchSize: Int = 64) {
        self.slide = slide
        self.grid = grid
        // A batch stays under 64 MB whatever the side of a patch.
        let side = max(1, grid.geometry.patchSize)
        self.batchSize = min(max(1, batchSize), max(1, (64 << 20) / (3 * side * side)))
    }

    /// Up to `batchSize` patches that could be read; nil at the end.
    /// - Throws: `SlideError.corrupt` when more than 1 % of the patches (at least 1, at most 200) cannot be read.
    public mutating func nextBatch() throws -> PixelBatch? {
        let side = grid.geometry.patchSize
        var batch = PixelBatch(rows: [], side: side, pixels: [])
        batch.pixels.reserveCapacity(min(batchSize, grid.count - next) * side * side * 3)
        while batch.count < batchSize, next < grid.count {
            let row = next
            next += 1
            do {
                batch.pixels.append(contentsOf: try patch(row).pixels)
                batch.rows.append(row)
            } catch SlideError.corrupt(let text) {
                unreadable.append(row)
                guard unreadable.count <= min(200, max(1, grid.count / 100)) else {
                    throw SlideError.corrupt("\(unreadable.count) of \(grid.count) patches cannot be read: \(text)")
                }
            }
        }
        return batch.count > 0 ? batch : nil
    }

    /// One patch at its target scale.
    private func patch(_ row: Int) throws -> RGBImage {
        let (geometry, corner) = (grid.geometry, grid.corners[row])
        let side = geometry.sideAtLevel
        return try slide.read(level: geometry.level, x: corner.x, y: corner.y, width: side, height: side)
            .resized(width: geometry.patchSize, height: geometry.patchSize)
    }
}
