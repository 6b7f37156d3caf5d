/// Blocks of a slide's patches that lie side by side, for what is worked out for all patches of a block at once.
public struct PatchBlocks: Equatable, Sendable {
    /// Places of the patches among the slide's, in each block rising, and the block of the first patch in front; every patch is in one.
    public let blocks: [[Int]]

    /// A slide has at most so many.
    public static let most = 100

    private struct Cell: Hashable {
        var column: Double
        var line: Double
    }

    /// Squares with about the smallest side, in whole steps of the grid, that makes no more than `limit` of them. Patches without places
    /// are neighbours in their order.
    /// - Parameters:
    ///   - corners: one for each patch in level-0 pixels, or none.
    ///   - limit: above 0.
    public init(of count: Int, at corners: [PixelPoint], atMost limit: Int = most) {
        guard corners.count == count, let left = corners.map(\.x).min(), let top = corners.map(\.y).min() else {
            let size = max(1, (count + limit - 1) / limit)
            blocks = stride(from: 0, to: count, by: size).map { Array($0..<min($0 + size, count)) }
            return
        }
        let step = Double(max(1, PatchSpacing(corners)?.step ?? 1))
        func cells(_ width: Double) -> [Cell: [Int]]? {
            var cells: [Cell: [Int]] = [:]
            for (place, corner) in corners.enumerated() {
                // In fractions: a difference of whole numbers from a file may not fit.
                let cell = Cell(
                    column: ((Double(corner.x) - Double(left)) / (width * step)).rounded(.down),
                    line: ((Double(corner.y) - Double(top)) / (width * step)).rounded(.down)
                )
                cells[cell, default: []].append(place)
                guard cells.count <= limit else { return nil }
            }
            return cells
        }
        var width = max(1, (Double(count) / Double(limit)).squareRoot().rounded(.down))
        // Of scattered patches blocks are far from full: wider steps get there too.
        while true {
            if let cells = cells(width) {
                blocks = cells.values.sorted { $0[0] < $1[0] }
                return
            }
            width += max(1, (width / 8).rounded(.down))
        }
    }
}
