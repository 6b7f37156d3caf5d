import Foundation
public import Imaging
public import Records
import Storage

/// Tissue that no patch covers: what a model was never shown.
public struct UncoveredTissue: Equatable, Sendable {
    /// Rows of level-0 pixels in which the same columns are uncovered.
    struct Band: Equatable {
        var rows: Range<Int>
        /// Ascending, apart from each other.
        var columns: [Range<Int>]
    }

    /// From top to bottom.
    let bands: [Band]
    /// Of the slide's tissue, 0 to 1.
    public let share: Double

    /// - Parameters:
    ///   - tissue: outlines in level-0 pixels, as `wsi tile` writes them: along the axes, and apart from each other.
    ///   - side: of a patch in level-0 pixels.
    /// - Returns: nil without any tissue.
    public init?(tissue: [PlanePolygon], corners: [PixelPoint], side: Int) {
        var outline = Outline(tissue)
        var patches = PatchRows(corners, side: side)
        let ends = Set(outline.ends + patches.ends(within: outline.extent)).sorted()
        var bands: [Band] = []
        var (whole, uncovered) = (0.0, 0.0)
        for (top, bottom) in zip(ends, ends.dropFirst()) {
            outline.move(to: top)
            patches.move(to: top)
            let inside = outline.columns(between: top, bottom)
            if inside.isEmpty { continue }
            let left = Self.subtract(patches.columns, from: inside)
            func area(_ columns: [Range<Int>]) -> Double {
                columns.reduce(0) { $0 + Double($1.count) } * Double(bottom - top)
            }
            whole += area(inside)
            uncovered += area(left)
            if let last = bands.last, last.rows.upperBound == top, last.columns == left {
                bands[bands.count - 1].rows = last.rows.lowerBound..<bottom
            } else if !left.isEmpty {
                bands.append(Band(rows: top..<bottom, columns: left))
            }
        }
        guard whole > 0 else { return nil }
        self.bands = bands
        share = uncovered / whole
    }

    /// For a caption.
    public var words: String { Self.words(share) }

    static func words(_ share: Double) -> String {
        let percent = share > 0 && share < 0.0005 ? "Under 0.1" : String(format: "%.1f", share * 100)
        return "\(percent) % of the tissue was not examined"
    }

    /// - Parameters: ascending ranges that do not overlap, both.
    private static func subtract(_ taken: [Range<Int>], from given: [Range<Int>]) -> [Range<Int>] {
        var rest: [Range<Int>] = []
        var next = 0
        for range in given {
            var start = range.lowerBound
            while next < taken.count, taken[next].upperBound <= start { next += 1 }
            var at = next
            while at < taken.count, taken[at].lowerBound < range.upperBound {
                if taken[at].lowerBound > start { rest.append(start..<taken[at].lowerBound) }
                start = max(start, taken[at].upperBound)
                at += 1
            }
            if start < range.upperBound { rest.append(start..<range.upperBound) }
        }
        return rest
    }
}

/// The sides of polygons under a line that moves down.
private struct Outline {
    private struct Side {
        var top, bottom: Int
        /// x at the top, and what it gains by a row.
        var start, slope: Double
    }

    /// By their top, from the last to the first.
    private var coming: [Side] = []
    private var crossed: [Side] = []
    /// Of all sides, tops and bottoms.
    private(set) var ends: [Int] = []
    private(set) var extent = 0..<0

    init(_ polygons: [PlanePolygon]) {
        for ring in polygons.flatMap({ [$0.outer] + $0.holes }) {
            guard var from = ring.last else { continue }
            for to in ring {
                let (upper, lower) = from.y < to.y ? (from, to) : (to, from)
                let (top, bottom) = (Self.whole(upper.y), Self.whole(lower.y))
                if top < bottom {
                    let slope = (lower.x - upper.x) / (lower.y - upper.y)
                    coming.append(Side(top: top, bottom: bottom, start: upper.x, slope: slope))
                }
                from = to
            }
        }
        coming.sort { $0.top > $1.top }
        ends = coming.flatMap { [$0.top, $0.bottom] }
        if let first = ends.min(), let last = ends.max() { extent = first..<last }
    }

    /// Far beyond any slide is far enough.
    private static func whole(_ value: Double) -> Int { Int(min(max(value, -1e12), 1e12).rounded()) }

    mutating func move(to y: Int) {
        crossed.removeAll { $0.bottom <= y }
        while let next = coming.last, next.top <= y {
            crossed.append(next)
            coming.removeLast()
        }
    }

    /// What lies inside by the even-odd rule; where a side is oblique, at the middle of the rows.
    func columns(between top: Int, _ bottom: Int) -> [Range<Int>] {
        let middle = Double(top + bottom) / 2
        let places = crossed.map { Self.whole($0.start + (middle - Double($0.top)) * $0.slope) }.sorted()
        var columns: [Range<Int>] = []
        for pair in stride(from: 0, to: places.count - 1, by: 2) where places[pair] < places[pair + 1] {
            if let last = columns.last, last.upperBound == places[pair] {
                columns[columns.count - 1] = last.lowerBound..<places[pair + 1]
            } else {
                columns.append(places[pair]..<places[pair + 1])
            }
        }
        return columns
    }
}

/// The columns that patches cover under a line that moves down.
private struct PatchRows {
    private let side: Int
    /// x of the patches of a row, ascending, by their top from the last to the first.
    private var coming: [(top: Int, places: [Int])]
    private var crossed: [(top: Int, places: [Int])] = []
    private(set) var columns: [Range<Int>] = []

    init(_ corners: [PixelPoint], side: Int) {
        self.side = side
        coming = Dictionary(grouping: corners) { $0.y }
            .map { ($0.key, $0.value.map(\.x).sorted()) }.sorted { $0.top > $1.top }
    }

    func ends(within rows: Range<Int>) -> [Int] {
        coming.flatMap { [$0.top, $0.top + side] }.filter { rows.contains($0) }
    }

    mutating func move(to y: Int) {
        let before = crossed.count
        crossed.removeAll { $0.top + side <= y }
        var hasChanged = crossed.count != before
        while let next = coming.last, next.top <= y {
            coming.removeLast()
            guard next.top + side > y else { continue }
            crossed.append(next)
            hasChanged = true
        }
        if hasChanged { columns = merged() }
    }

    private func merged() -> [Range<Int>] {
        var columns: [Range<Int>] = []
        let places = crossed.count == 1 ? crossed[0].places : crossed.flatMap(\.places).sorted()
        for start in places {
            if let last = columns.last, last.upperBound >= start {
                columns[columns.count - 1] = last.lowerBound..<max(last.upperBound, start + side)
            } else {
                columns.append(start..<start + side)
            }
        }
        return columns
    }
}
