/// How far apart the patches of a slide lie.
public struct PatchSpacing: Equatable, Sendable {
    /// The most frequent distance of two patches that follow each other in a row or a column, in level-0 pixels.
    public let step: Int
    /// Its share of all such distances.
    public let share: Double

    /// nil where no two patches share a row or a column.
    public init?(_ corners: [PixelPoint]) {
        var counts: [Int: Int] = [:]
        func count(_ lines: [PixelPoint]) {
            for (before, after) in zip(lines, lines.dropFirst()) where before.y == after.y && before.x < after.x {
                // Places from a file may be further apart than a whole number tells.
                let (distance, isTooFar) = after.x.subtractingReportingOverflow(before.x)
                if !isTooFar { counts[distance, default: 0] += 1 }
            }
        }
        count(corners.sorted { ($0.y, $0.x) < ($1.y, $1.x) })
        count(corners.map { PixelPoint(x: $0.y, y: $0.x) }.sorted { ($0.y, $0.x) < ($1.y, $1.x) })
        guard let most = counts.min(by: { ($1.value, $0.key) < ($0.value, $1.key) }) else { return nil }
        step = most.key
        share = Double(most.value) / Double(counts.values.reduce(0, +))
    }

    /// Whether patches of a grid of that step cannot lie like this: two of one grid are a whole number of steps apart, a pixel or
    /// two more or less, since programs round.
    public func contradicts(step wanted: Int) -> Bool {
        guard wanted > 0 else { return false }
        let steps = max(1, (Double(step) / Double(wanted)).rounded())
        return abs(Double(step) - steps * Double(wanted)) > max(2, 0.02 * Double(wanted)) * steps
    }
}

/// Why patches cannot be those of their slide.
public enum PlacementFault: Equatable, Sendable {
    /// So many do not begin on the slide.
    case offSlide(Int, of: Int, example: PixelPoint, size: PixelSize)
    case size(stated: PixelSize, slide: PixelSize)
    /// Distance of neighbours, and what the side and the overlap of the file make it.
    case spacing(Int, stated: Int)

    public var words: String {
        switch self {
        case .offSlide(let count, let all, let example, let size):
            "\(count) of \(all) patches do not begin on the slide of \(size.width) × \(size.height) pixels, "
                + "such as the one at (\(example.x), \(example.y))"
        case .size(let stated, let slide):
            "its features are of a slide of \(stated.width) × \(stated.height) pixels; "
                + "this one has \(slide.width) × \(slide.height)"
        case .spacing(let found, let stated):
            "neighbouring patches lie \(found) pixels apart; the file's own side and overlap make it \(stated)"
        }
    }
}

extension PatchFacts.OnSlide {
    /// What is wrong with these places.
    ///
    /// A patch may reach beyond the right and the bottom edge, as long as it begins on the slide.
    /// - Parameters:
    ///   - corners: top-left corners of the patches in level-0 pixels.
    ///   - slide: size of the slide as it is; nil where only the file's own word is known.
    public func faults(of corners: [PixelPoint], on slide: PixelSize?) -> [PlacementFault] {
        var faults: [PlacementFault] = []
        if let size, let slide, size != slide { faults.append(.size(stated: size, slide: slide)) }
        if let size = slide ?? size {
            let off = corners.filter { $0.x < 0 || $0.y < 0 || $0.x >= size.width || $0.y >= size.height }
            if let first = off.first {
                faults.append(.offSlide(off.count, of: corners.count, example: first, size: size))
            }
        }
        if let step, let spacing = PatchSpacing(corners), spacing.contradicts(step: step) {
            faults.append(.spacing(spacing.step, stated: step))
        }
        return faults
    }
}

/// How two sets of squares of a slide lie to each other, such as another tool's patches and the tissue that this job has found.
public struct PatchOverlap: Equatable, Sendable {
    /// Share of the first squares that touch any of the second.
    public let touching: Double
    /// Share of the second squares' area that the first cover, at 4 × 4 points of each.
    public let covered: Double

    /// Below these it is doubtful that they are of one slide at one scale.
    public static let leastTouching = 0.8
    public static let leastCovered = 0.5

    public var isDoubtful: Bool { touching < Self.leastTouching || covered < Self.leastCovered }

    /// nil where either is empty.
    public init?(_ first: [PixelPoint], side: Int, with second: [PixelPoint], side other: Int) {
        guard !first.isEmpty, !second.isEmpty, side > 0, other > 0 else { return nil }
        let cell = max(side, other)
        func bucket(_ x: Int, _ y: Int) -> PixelPoint {
            PixelPoint(
                x: Int((Double(x) / Double(cell)).rounded(.down)),
                y: Int((Double(y) / Double(cell)).rounded(.down))
            )
        }
        func near(_ point: PixelPoint, in buckets: [PixelPoint: [PixelPoint]], _ holds: (PixelPoint) -> Bool) -> Bool {
            let middle = bucket(point.x, point.y)
            for y in middle.y - 1...middle.y + 1 {
                for x in middle.x - 1...middle.x + 1
                where buckets[PixelPoint(x: x, y: y)]?.contains(where: holds) == true { return true }
            }
            return false
        }
        let (ours, theirs) = (
            Dictionary(grouping: first) { bucket($0.x, $0.y) }, Dictionary(grouping: second) { bucket($0.x, $0.y) }
        )
        let touch = first.count(where: { corner in
            near(corner, in: theirs) { tissue in
                corner.x < tissue.x + other && tissue.x < corner.x + side && corner.y < tissue.y + other
                    && tissue.y < corner.y + side
            }
        })
        var inside = 0
        for corner in second {
            for place in 0..<16 {
                let point = PixelPoint(
                    x: corner.x + (2 * (place % 4) + 1) * other / 8,
                    y: corner.y + (2 * (place / 4) + 1) * other / 8
                )
                let isIn = near(point, in: ours) { patch in
                    (patch.x..<patch.x + side).contains(point.x) && (patch.y..<patch.y + side).contains(point.y)
                }
                if isIn { inside += 1 }
            }
        }
        touching = Double(touch) / Double(first.count)
        covered = Double(inside) / Double(16 * second.count)
    }
}
