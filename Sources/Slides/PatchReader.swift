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
    /// nil where the slide's reader reads the level.
    private let window: TileWindow?
    private var next = 0

    public init(of slide: Slide, grid: PatchGrid, batchSize: Int = 16) {
        self.slide = slide
        self.grid = grid
        // A batch stays under 64 MB whatever the side of a patch.
        let side = max(1, grid.geometry.patchSize)
        self.batchSize = min(max(1, batchSize), max(1, (64 << 20) / (3 * side * side)))
        window = slide.tiles(of: grid.geometry.level).map { tiles in
            let places = grid.corners.lazy.compactMap { slide.pyramid.inside(Self.place(of: $0, grid.geometry)) }
            return TileWindow(tiles, for: places.compactMap(slide.directPart))
        }
    }

    private static func place(of corner: PixelPoint, _ geometry: PatchGeometry) -> LevelRect {
        let side = geometry.sideAtLevel
        return LevelRect(level: geometry.level, x: corner.x, y: corner.y, width: side, height: side)
    }

    /// Up to `batchSize` patches that could be read; nil at the end.
    /// - Throws: `SlideError.corrupt` when more than 1 % of the patches (at least 1, at most 200) cannot be read.
    public mutating func nextBatch() throws -> PixelBatch? {
        let side = grid.geometry.patchSize
        let bytes = side * side * 3
        let wanted = min(batchSize, grid.count - next)
        var rows: [Int] = []
        let pixels = try [UInt8](unsafeUninitializedCapacity: wanted * bytes) { buffer, filled in
            while rows.count < batchSize, next < grid.count {
                let row = next
                next += 1
                do {
                    let start = rows.count * bytes
                    try read(row, into: UnsafeMutableBufferPointer(rebasing: buffer[start..<(start + bytes)]))
                    rows.append(row)
                } catch SlideError.corrupt(let text) {
                    unreadable.append(row)
                    guard unreadable.count <= min(200, max(1, grid.count / 100)) else {
                        throw SlideError.corrupt("\(unreadable.count) of \(grid.count) patches cannot be read: \(text)")
                    }
                }
            }
            filled = rows.count * bytes
        }
        return rows.isEmpty ? nil : PixelBatch(rows: rows, side: side, pixels: pixels)
    }

    /// One patch at its target scale; what lies beyond the edge is white before it is resampled.
    private func read(_ row: Int, into target: UnsafeMutableBufferPointer<UInt8>) throws {
        let (geometry, place) = (grid.geometry, Self.place(of: grid.corners[row], grid.geometry))
        if place.width == geometry.patchSize { return try slide.readPadded(place, through: window, into: target) }
        let patch = try slide.readPadded(place, through: window)
            .resized(width: geometry.patchSize, height: geometry.patchSize)
        _ = target.update(fromContentsOf: patch.pixels)
    }
}
