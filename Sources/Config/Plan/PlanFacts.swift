import Foundation
public import Records

/// What a plan is made of: how much there is to learn from, and what it is like. Of the training part alone.
public struct PlanFacts: Codable, Equatable, Sendable {
    /// Of the numbers of patches of the bags.
    public struct Sizes: Codable, Equatable, Sendable {
        public var least: Int
        public var median: Int
        public var most: Int
    }

    /// Bags that have a patch.
    public var bags: Int
    public var patches: Sizes
    /// D.
    public var width: Int
    /// What is asked of a bag.
    public var target: Target.Kind
    /// Bags of the rarest class; of survival those with an event, of labels the smaller side of the rarest label; nil for numbers.
    public var rarest: Int?
    /// Median over the features of their standard deviations; 0 where there is none.
    public var spread: Double

    public init(bags: Int, patches: Sizes, width: Int, target: Target.Kind, rarest: Int?, spread: Double) {
        (self.bags, self.patches, self.width) = (bags, patches, width)
        (self.target, self.rarest, self.spread) = (target, rarest, spread)
    }
}

/// Gathers the facts, bag by bag.
public struct PlanSurvey {
    private let needs: [TargetNeed]
    private let kind: Target.Kind
    private var sizes: [Int] = []
    private var counts: [Int]
    /// D of the bags so far, which all others must have; nil before the first.
    public private(set) var width: Int?
    private var rows = 0.0
    private var mean: [Double] = []
    private var squares: [Double] = []

    /// Patches of a bag that tell how features are spread, evenly from its first to its last.
    private static let looked = 64

    /// - Parameter classes: as `Cohort.classes`.
    public init(_ kind: Target.Kind, classes: [String]) {
        self.kind = kind
        needs = kind == .number ? [] : TargetNeed.all(kind, classes: classes)
        counts = needs.map { _ in 0 }
    }

    /// A bag of the training part, as wide as those before it; one without a patch is left out.
    public mutating func add(_ bag: Bag, _ target: Target) {
        guard bag.count > 0 else { return }
        sizes.append(bag.count)
        let width = bag.width
        self.width = width
        for place in needs.indices where needs[place].isMet(target) { counts[place] += 1 }
        if mean.isEmpty { (mean, squares) = (Array(repeating: 0, count: width), Array(repeating: 0, count: width)) }
        let looked = min(Self.looked, bag.count)
        for step in 0..<looked {
            let row = bag.count * step / looked
            rows += 1
            for column in 0..<width {
                let value = Double(bag.features[row * width + column])
                let distance = value - mean[column]
                mean[column] += distance / rows
                squares[column] += distance * (value - mean[column])
            }
        }
    }

    /// nil where no bag had a patch.
    public var facts: PlanFacts? {
        let sorted = sizes.sorted()
        guard let least = sorted.first, let most = sorted.last else { return nil }
        let spreads = squares.map { ($0 / rows).squareRoot() }.sorted()
        return PlanFacts(
            bags: sizes.count,
            patches: PlanFacts.Sizes(least: least, median: sorted[sorted.count / 2], most: most),
            width: width ?? 0,
            target: kind,
            rarest: counts.min(),
            spread: spreads.isEmpty ? 0 : spreads[spreads.count / 2]
        )
    }
}
