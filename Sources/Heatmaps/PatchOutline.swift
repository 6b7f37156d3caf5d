import Imaging
import Records
import Storage

/// The outlines of what several patches cover together.
enum PatchOutline {
    /// One polygon for each set of patches that overlap or share a part of an edge, with its holes, and the members of the
    /// set. Rings may touch themselves nowhere and each other only in points, as GeoJSON readers want it.
    /// - Parameter slide: size of level 0, beyond which nothing is outlined; nil where it is not known.
    static func regions(
        of corners: [PixelPoint],
        side: Int,
        on slide: PixelSize? = nil
    ) -> [(polygon: PlanePolygon, members: [Int])] {
        connected(corners, side).compactMap { members in
            let patches = members.map { PixelRect(x: corners[$0].x, y: corners[$0].y, width: side, height: side) }
            return outline(patches.map { patch in slide.map { patch.clipped(to: $0) } ?? patch }).map { ($0, members) }
        }
    }

    /// Sets of patches that hang together, in the order of their first members.
    private static func connected(_ corners: [PixelPoint], _ side: Int) -> [[Int]] {
        // Cells as large as a patch: neighbours lie in the same cell or in one of the eight around it.
        struct Cell: Hashable { var x, y: Int }
        func cell(_ point: PixelPoint) -> Cell {
            Cell(
                x: Int((Double(point.x) / Double(side)).rounded(.down)),
                y: Int((Double(point.y) / Double(side)).rounded(.down))
            )
        }
        let byCell = Dictionary(grouping: corners.indices) { cell(corners[$0]) }
        var seen = [Bool](repeating: false, count: corners.count)
        var sets: [[Int]] = []
        for first in corners.indices where !seen[first] {
            seen[first] = true
            var members = [first]
            var next = 0
            while next < members.count {
                let from = corners[members[next]]
                next += 1
                let at = cell(from)
                for y in -1...1 {
                    for x in -1...1 {
                        for other in byCell[Cell(x: at.x + x, y: at.y + y)] ?? [] where !seen[other] {
                            let (dx, dy) = (abs(corners[other].x - from.x), abs(corners[other].y - from.y))
                            guard max(dx, dy) <= side, min(dx, dy) < side else { continue }
                            seen[other] = true
                            members.append(other)
                        }
                    }
                }
            }
            sets.append(members.sorted())
        }
        return sets
    }

    /// The union of patches that hang together.
    private static func outline(_ patches: [PixelRect]) -> PlanePolygon? {
        let xs = Set(patches.flatMap { [$0.x, $0.x + $0.width] }).sorted()
        let ys = Set(patches.flatMap { [$0.y, $0.y + $0.height] }).sorted()
        let column = Dictionary(uniqueKeysWithValues: xs.enumerated().map { ($1, $0) })
        let row = Dictionary(uniqueKeysWithValues: ys.enumerated().map { ($1, $0) })
        var cells = CellGrid(columns: xs.count - 1, rows: ys.count - 1)
        for patch in patches {
            guard let left = column[patch.x], let right = column[patch.x + patch.width], let top = row[patch.y],
                let bottom = row[patch.y + patch.height]
            else { continue }
            for y in top..<bottom { for x in left..<right { cells.fill(x, y) } }
        }
        let rings = cells.rings().map { ring in
            ring.map { PlanePoint(x: Double(xs[$0.x]), y: Double(ys[$0.y])) }
        }
        // Filled cells lie on the right hand, so outer rings have positive area and holes negative.
        let polygons = rings.map { PlanePolygon(outer: $0) }
        guard let outer = rings.indices.max(by: { polygons[$0].area < polygons[$1].area }) else { return nil }
        return PlanePolygon(outer: rings[outer], holes: rings.indices.filter { $0 != outer }.map { rings[$0] })
    }
}

/// Filled and empty cells, and the rings between them.
private struct CellGrid {
    let columns: Int
    let rows: Int
    private var filled: [Bool]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        filled = Array(repeating: false, count: columns * rows)
    }

    mutating func fill(_ x: Int, _ y: Int) { filled[y * columns + x] = true }

    private func isFilled(_ x: Int, _ y: Int) -> Bool {
        x >= 0 && y >= 0 && x < columns && y < rows && filled[y * columns + x]
    }

    /// Rings of corners, simple ones: where cells meet at a corner only, the ring goes round each of them.
    func rings() -> [[PixelPoint]] {
        // Every ring has an edge with a filled cell below and none above; going right along it, filled is on the right.
        var seen = [Bool](repeating: false, count: columns * rows)
        var rings: [[PixelPoint]] = []
        for y in 0..<rows {
            for x in 0..<columns where isFilled(x, y) && !isFilled(x, y - 1) && !seen[y * columns + x] {
                rings += Self.simple(follow(x, y, &seen))
            }
        }
        return rings
    }

    private func follow(_ x: Int, _ y: Int, _ seen: inout [Bool]) -> [PixelPoint] {
        let start = PixelPoint(x: x, y: y)
        var corners: [PixelPoint] = []
        var (at, dx, dy) = (start, 1, 0)
        repeat {
            if dx == 1 { seen[at.y * columns + at.x] = true }
            at.x += dx
            at.y += dy
            let left = isFilled(at.x + (dx + dy - 1) / 2, at.y + (dy - dx - 1) / 2)
            let right = isFilled(at.x + (dx - dy - 1) / 2, at.y + (dx + dy - 1) / 2)
            if !right {
                corners.append(at)
                (dx, dy) = (-dy, dx)
            } else if left {
                corners.append(at)
                (dx, dy) = (dy, -dx)
            }
        } while at != start || (dx, dy) != (1, 0)
        return corners
    }

    /// A walk that comes through a point twice, cut there into rings that do not.
    private static func simple(_ walk: [PixelPoint]) -> [[PixelPoint]] {
        var rings: [[PixelPoint]] = []
        var path: [PixelPoint] = []
        var place: [PixelPoint: Int] = [:]
        for point in walk {
            if let first = place[point] {
                let loop = Array(path[first...])
                for passed in loop { place[passed] = nil }
                path.removeSubrange(first...)
                rings.append(loop)
            }
            place[point] = path.count
            path.append(point)
        }
        return rings + [path]
    }
}
