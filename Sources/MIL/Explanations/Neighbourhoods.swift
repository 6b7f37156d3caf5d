import Records

/// Blocks of a slide's patches that lie side by side, for what is worked out for all patches of a block at once.
struct Neighbourhoods {
    /// Places of the patches among the slide's, in each block rising; every patch is in one.
    let blocks: [[Int]]

    private struct Cell: Hashable {
        var column: Double
        var line: Double
    }

    /// Squares of the smallest side that makes no more than `limit` of them, from one step of the grid on. Patches without places are
    /// neighbours in their order.
    /// - Parameters:
    ///   - corners: one for each patch, or none.
    ///   - limit: above 0.
    init(of count: Int, at corners: [PixelPoint], atMost limit: Int) {
        guard corners.count == count, let left = corners.map(\.x).min(), let top = corners.map(\.y).min() else {
            let size = max(1, (count + limit - 1) / limit)
            blocks = stride(from: 0, to: count, by: size).map { Array($0..<min($0 + size, count)) }
            return
        }
        var side = Double(max(1, PatchSpacing(corners)?.step ?? 1))
        while true {
            var cells: [Cell: [Int]] = [:]
            for (place, corner) in corners.enumerated() {
                // In fractions: a difference of whole numbers from a file may not fit.
                let cell = Cell(
                    column: ((Double(corner.x) - Double(left)) / side).rounded(.down),
                    line: ((Double(corner.y) - Double(top)) / side).rounded(.down)
                )
                cells[cell, default: []].append(place)
                guard cells.count <= limit else { break }
            }
            if cells.count <= limit {
                blocks = cells.values.sorted { $0[0] < $1[0] }
                return
            }
            side *= 1.25
        }
    }
}
