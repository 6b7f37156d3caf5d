import Foundation
public import Messages
public import Records

extension DeletionCurve {
    /// Under the scores, by trapezoids over the share that is gone.
    public var area: Double {
        zip(removed.indices, removed.indices.dropFirst()).reduce(0) { sum, places in
            let (left, right) = places
            return sum + (removed[right] - removed[left]) * (scores[left] + scores[right]) / 2
        }
    }
}

extension DeletionMeasurement.Curves {
    /// Symmetric relevance gain (Blücher, Vielhaben and Strodthoff, TMLR 2024): what the two orders of a map differ by, in the score's unit.
    init(most: DeletionCurve, least: DeletionCurve) {
        self.init(most: most, least: least, gain: least.area - most.area)
    }
}

/// Takes the patches of one slide out of its bag, in the order of its maps and in random orders.
public struct DeletionMeasure {
    /// One of the models that judge the slide.
    public struct Voice {
        public var bag: any ScoredBag
        /// What is followed; it has as many weights as the target has outputs.
        public var score: Margin

        public init(bag: any ScoredBag, score: Margin) { (self.bag, self.score) = (bag, score) }

        /// How many of the bag's outputs are the target's, from the first on.
        public var outputs: Int { score.weights.count }
    }

    /// How finely it is looked at.
    public struct Effort: Equatable, Sendable {
        /// Of a bag.
        public var steps: Int
        /// Random orders of a slide.
        public var orders: Int

        public init(steps: Int, orders: Int) { (self.steps, self.orders) = (steps, orders) }

        /// Of running sums: 39 is the least of which the lowest and the highest enclose 95 %.
        public static let whole = Effort(steps: 100, orders: 39)
        /// Of a model that has to be run on what is left: enough for a cohort, not for a slide.
        public static let sparse = Effort(steps: 20, orders: 3)
    }

    public let slide: SlideID
    private let voices: [Voice]
    private let effort: Effort
    private let order: RelevanceOrder
    private let count: Int

    /// - Parameter voices: at least one, of the same patches.
    public init(_ slide: SlideID, voices: [Voice], effort: Effort) {
        (self.slide, self.voices, self.effort) = (slide, voices, effort)
        count = voices.first?.bag.count ?? 0
        order = RelevanceOrder(slide, count: count)
    }

    /// - Parameter maps: values of all patches by the map's name; the score is expected to fall with the highest.
    public func byPatch(_ maps: [String: [Double]]) throws -> DeletionMeasurement.Deletion {
        let orders = (0..<effort.orders).map { RelevanceOrder.random(slide, $0, count: count) }
        let drawn = try orders.map { try curves($0) }
        return DeletionMeasurement.Deletion(
            maps: try maps.mapValues { try curves(order($0)) },
            randomGains: drawn.map(\.gain),
            random: drawn.first.map { first in
                let scores = first.most.scores.indices.map { step in
                    drawn.reduce(0) { $0 + $1.most.scores[step] } / Double(drawn.count)
                }
                return DeletionCurve(removed: first.most.removed, scores: scores)
            }
        )
    }

    /// The same with whole regions, which leave by the mean of their values.
    /// - Parameter regions: places of patches; every patch is in one.
    public func byRegion(
        _ maps: [String: [Double]],
        _ regions: [[Int]]
    ) throws -> DeletionMeasurement.Deletion {
        let ties = RelevanceOrder(slide, count: regions.count)
        let orders = (0..<effort.orders).map { RelevanceOrder.random(slide, $0, count: regions.count) }
        func curves(_ order: [Int]) throws -> DeletionMeasurement.Curves {
            try self.curves(
                most: Removal(groups: order.map { regions[$0] }),
                least: Removal(groups: order.reversed().map { regions[$0] })
            )
        }
        return DeletionMeasurement.Deletion(
            maps: try maps.mapValues { values in
                try curves(ties(regions.map { $0.reduce(0) { $0 + values[$1] } / Double($0.count) }))
            },
            randomGains: try orders.map { try curves($0).gain },
            random: nil
        )
    }

    /// The fewest of a map's highest patches that satisfy a condition on what each model gives for them alone; nil where not even all do.
    /// Where the bag of any model has to be run anew on each part they are sought by halves, and may not be the fewest.
    public func fewest(_ map: [Double], where holds: ([[Double]]) throws -> Bool) throws -> Int? {
        try JoinedBag(bags: voices.map(\.bag)).fewest(of: order(map)) { outputs in
            let whole = outputs.count / voices.count
            return try holds(voices.enumerated().map { Array(outputs.dropFirst($0 * whole).prefix($1.outputs)) })
        }
    }

    /// The patches of a map from the highest on.
    public func descending(_ map: [Double]) -> [Int] { order(map) }

    private func curves(_ order: [Int]) throws -> DeletionMeasurement.Curves {
        try curves(
            most: Removal(order, steps: effort.steps),
            least: Removal(order.reversed(), steps: effort.steps)
        )
    }

    private func curves(most: Removal, least: Removal) throws -> DeletionMeasurement.Curves {
        DeletionMeasurement.Curves(most: try curve(most), least: try curve(least))
    }

    /// The mean of all models.
    /// - Throws: `MILError.overflow` where a part of the bag has no finite answer.
    private func curve(_ removal: Removal) throws -> DeletionCurve {
        let told = try voices.map { voice in
            try voice.bag.outputs(removal).map { voice.score(Array($0.prefix(voice.outputs))) }
        }
        let scores = removal.groups.indices.map { step in
            told.reduce(0) { $0 + $1[step] } / Double(max(1, told.count))
        }
        guard scores.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: slide.text) }
        return DeletionCurve(removed: removal.removed, scores: scores)
    }
}

/// What several models give for the same patches, one behind the other.
private struct JoinedBag: ScoredBag {
    let bags: [any ScoredBag]

    var count: Int { bags.first?.count ?? 0 }

    func outputs(keeping patches: [Int]) throws -> [Double] { try bags.flatMap { try $0.outputs(keeping: patches) } }

    func fronts(of order: [Int]) -> AnyIterator<[Double]>? {
        let fronts = bags.compactMap { $0.fronts(of: order) }
        guard fronts.count == bags.count else { return nil }
        return AnyIterator {
            let told = fronts.compactMap { $0.next() }
            return told.isEmpty ? nil : told.flatMap { $0 }
        }
    }
}
