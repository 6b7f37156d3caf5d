public import Records

/// Pixels of patches, `[count, side, side, 3]` of 8 bits, row-major.
public struct PixelBatch: Equatable, Sendable {
    /// The rows of the grid, ascending, that the patches belong to.
    public var rows: [Int]
    public var side: Int
    public var pixels: [UInt8]

    public var count: Int { rows.count }
}

/// Reads a grid's patches in row order, neighbours of one grid row together.
///
/// A patch that a freshly opened slide cannot decode either is left out and listed, never invented.
public struct PatchReader {
    public let grid: PatchGrid
    public let batchSize: Int
    /// Rows of the grid that could not be read so far.
    public private(set) var unreadable: [Int] = []

    private let slide: Slide
    private var next = 0
    /// Patches read ahead: the rest of a strip.
    private var strip: Strip?
    /// Rows before this one are read alone, because their strip could not be read.
    private var aloneUntil = 0

    public init(of slide: Slide, grid: PatchGrid, batchSize: Int = 64) {
        self.slide = slide
        self.grid = grid
        self.batchSize = max(1, batchSize)
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
                let image = try patch(row).resized(width: side, height: side)
                batch.rows.append(row)
                batch.pixels.append(contentsOf: image.pixels)
            } catch SlideError.corrupt(let text) {
                unreadable.append(row)
                guard unreadable.count <= min(200, max(1, grid.count / 100)) else {
                    throw SlideError.corrupt("\(unreadable.count) of \(grid.count) patches cannot be read: \(text)")
                }
            }
        }
        return batch.count > 0 ? batch : nil
    }

    /// One patch as it lies in its level, not resampled.
    private mutating func patch(_ row: Int) throws -> RGBImage {
        let side = grid.geometry.sideAtLevel
        if let strip, strip.rows.contains(row) { return strip.cut(grid.corners[row], side) }
        strip = try readStrip(from: row)
        if let strip { return strip.cut(grid.corners[row], side) }
        let corner = grid.corners[row]
        return try slide.read(level: grid.geometry.level, x: corner.x, y: corner.y, width: side, height: side)
    }

    /// The patch and those that follow it in its grid row without a gap, read at once; nil where that saves nothing, could
    /// give other pixels than reading alone (corners between the level's pixels), or fails.
    private mutating func readStrip(from row: Int) throws -> Strip? {
        let geometry = grid.geometry
        let downsample = Int(geometry.levelDownsample)
        guard row >= aloneUntil, Double(downsample) == geometry.levelDownsample else { return nil }
        let first = grid.corners[row]
        func isAligned(_ corner: PixelPoint) -> Bool { corner.x % downsample == 0 && corner.y % downsample == 0 }
        guard isAligned(first) else { return nil }
        var end = row + 1
        while end < grid.count, grid.corners[end].y == first.y, isAligned(grid.corners[end]),
            grid.corners[end].x - grid.corners[end - 1].x <= geometry.sideLevel0,
            (grid.corners[end].x - first.x) / downsample + geometry.sideAtLevel <= Self.widestStrip
        { end += 1 }
        guard end > row + 1 else { return nil }
        let width = (grid.corners[end - 1].x - first.x) / downsample + geometry.sideAtLevel
        do {
            let image = try slide.read(
                level: geometry.level,
                x: first.x,
                y: first.y,
                width: width,
                height: geometry.sideAtLevel
            )
            return Strip(rows: row..<end, corner: first, downsample: downsample, image: image)
        } catch SlideError.corrupt {
            aloneUntil = end
            return nil
        }
    }

    private struct Strip {
        let rows: Range<Int>
        let corner: PixelPoint
        let downsample: Int
        let image: RGBImage

        func cut(_ corner: PixelPoint, _ side: Int) -> RGBImage {
            image.cropped(x: (corner.x - self.corner.x) / downsample, y: 0, width: side, height: side)
        }
    }

    /// In pixels of the level: bounds a strip's memory.
    private static let widestStrip = 4096
}
