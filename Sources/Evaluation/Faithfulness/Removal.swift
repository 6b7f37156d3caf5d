import Foundation
public import Records

/// Groups of patches in the order in which they leave a bag. The last group stays, so that there is always a bag.
public struct Removal: Equatable, Sendable {
    /// Places of patches; no group is empty.
    public let groups: [[Int]]
    /// Patches of the bag.
    public let count: Int

    /// Region by region.
    public init(groups: [[Int]]) {
        self.groups = groups.filter { !$0.isEmpty }
        count = groups.reduce(0) { $0 + $1.count }
    }

    /// Patch by patch, in steps of an equal share; of a bag with fewer patches than steps each step is a patch.
    /// - Parameters:
    ///   - order: every patch once, the one that leaves first in front; at least one.
    ///   - steps: until all but one are gone.
    public init(_ order: [Int], steps: Int) {
        var cuts = [0]
        for step in 1...max(1, steps) {
            let gone = min(order.count - 1, Int((Double(order.count) * Double(step) / Double(steps)).rounded()))
            if gone > cuts[cuts.count - 1] { cuts.append(gone) }
        }
        groups = zip(cuts, cuts.dropFirst() + [order.count]).map { Array(order[$0..<$1]) }
        count = order.count
    }

    /// Share of the bag that is gone before each group leaves.
    public var removed: [Double] {
        var gone = 0
        return groups.map { group in
            defer { gone += group.count }
            return Double(gone) / Double(count)
        }
    }

    /// What is left before each group leaves, beginning with the whole bag.
    var kept: [[Int]] {
        var kept: [[Int]] = []
        var left: [Int] = []
        for group in groups.reversed() {
            left += group
            kept.append(left)
        }
        return kept.reversed()
    }
}

/// Orders of patches by what a map says of them.
public struct RelevanceOrder: Sendable {
    /// Of equal values those of the lower rank here stand in front.
    private let ties: [Int]

    /// Equal values stand in a random order that is the slide's own: a map that says nothing is as good as chance.
    public init(_ slide: SlideID, count: Int) {
        ties = Self.draw(slide, "ties", 0, count)
    }

    /// The highest first.
    /// - Parameter values: finite, one for each.
    public func callAsFunction(_ values: [Double]) -> [Int] {
        values.indices.sorted { (values[$1], ties[$0]) < (values[$0], ties[$1]) }
    }

    /// A random order that is always the same for a slide.
    public static func random(_ slide: SlideID, _ place: Int, count: Int) -> [Int] {
        draw(slide, "order", place, count)
    }

    private static func draw(_ slide: SlideID, _ purpose: String, _ place: Int, _ count: Int) -> [Int] {
        var random = CounterRandom(seed: 0, "faithfulness", purpose, slide.text, place)
        return random.permutation(count)
    }
}
