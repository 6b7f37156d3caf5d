public import Config
import Foundation
import Messages
public import Records

/// `wsi evaluate --faithfulness`: how the maps of a training hold over the slides that its folds have tested.
public struct FaithfulnessSummary: Codable, Equatable, Sendable {
    /// One way of ordering patches.
    public struct Row: Codable, Equatable, Sendable {
        /// Slides that have it.
        public var slides: Int
        /// Mean symmetric relevance gain.
        public var gain: Estimate
        /// Slide by slide less the mean of its random orders; nil for these themselves.
        public var lessRandom: Estimate?
        /// Slide by slide less the gain of the one map; nil for that and for random orders.
        public var lessAttention: Estimate?
        /// Slides on which it is above the random 95 %; nil where a slide has too few random orders.
        public var above: Int?

        enum CodingKeys: String, CodingKey {
            case slides, gain, above
            case lessRandom = "less_random"
            case lessAttention = "less_attention"
        }
    }

    /// How many of a map's highest patches keep the called class.
    public struct Sufficient: Codable, Equatable, Sendable {
        public var slides: Int
        /// Median over the slides, and the median of their share of the bag.
        public var patches: Double
        public var share: Double
    }

    public var name: String
    /// What is followed, in words; of classes without their names.
    public var score: String
    /// Slides that count in all that follows.
    public var slides: Int
    /// Slides that were measured and count nowhere, with the reason; nil where there are none.
    public var leftOut: [String: String]?
    /// Slides that could not be measured, with the reason.
    public var failed: [String: String]
    /// Whether running sums made the curves of every slide.
    public var hasRunningSums: Bool
    /// Random orders of a slide.
    public var orders: Int
    /// By the name of the map, and `random`.
    public var byPatch: [String: Row]
    /// nil where regions were not measured.
    public var byRegion: [String: Row]?
    /// By the name of the map: mean rank correlation with the map of the same model with random weights.
    public var randomWeights: [String: Estimate]
    /// By the name of the map; empty where no class is asked.
    public var sufficient: [String: Sufficient]
    /// nil for models without branches that are averaged.
    public var branches: [BranchImportance]?

    enum CodingKeys: String, CodingKey {
        case name, score, slides, failed, orders, sufficient, branches
        case leftOut = "left_out"
        case hasRunningSums = "running_sums"
        case byPatch = "by_patch"
        case byRegion = "by_region"
        case randomWeights = "random_weights"
    }

    /// - Parameters:
    ///   - measured: at least one.
    ///   - cases: of each slide; one without is a case of its own.
    ///   - labels: of the slides of which a class is known.
    ///   - seed: of the bootstrap.
    public init(
        name: String,
        _ measured: [SlideFaithfulness],
        failed: [SlideID: Failure] = [:],
        cases: [SlideID: String],
        labels: [SlideID: Int],
        evaluation: EvaluationConfig,
        seed: UInt64
    ) {
        let bootstrap = Bootstrap(evaluation, seed: seed)
        let (slides, orderless) = (measured.filter(\.hasOrder), measured.filter { !$0.hasOrder })
        let caseIDs = slides.map { cases[$0.slide] ?? $0.slide.text }
        self.name = name
        self.slides = slides.count
        let reasons = Dictionary(orderless.map { ($0.slide.text, Self.orderless) }, uniquingKeysWith: { $1 })
        leftOut = reasons.isEmpty ? nil : reasons
        self.failed = Dictionary(uniqueKeysWithValues: failed.map { ($0.key.text, $0.value.message) })
        let scores = Set(measured.map(\.measured.score))
        score = scores.count == 1 ? scores.first ?? "" : "the score of what each slide is called"
        hasRunningSums = slides.allSatisfy(\.measured.hasRunningSums)
        orders = slides.map(\.measured.byPatch.randomGains.count).min() ?? 0
        byPatch = Self.rows(slides.map(\.measured.byPatch), caseIDs, bootstrap)
        let regions = slides.map(\.measured.byRegion)
        byRegion = regions.contains { $0 != nil } ? Self.rows(regions, caseIDs, bootstrap) : nil
        let maps = Set(slides.flatMap { $0.measured.byPatch.maps.keys }).sorted()
        func byMap<Value>(_ value: (String) -> Value?) -> [String: Value] {
            Dictionary(uniqueKeysWithValues: maps.compactMap { map in value(map).map { (map, $0) } })
        }
        randomWeights = byMap { map in
            let values = slides.map { $0.measured.randomWeights[map] }
            guard values.contains(where: { $0 != nil }) else { return nil }
            return bootstrap.estimate(cases: caseIDs, undefined: Self.none) { Self.mean(values, $0) }
        }
        sufficient = byMap { map in
            let found = slides.compactMap { slide in
                slide.measured.sufficient[map].map { (Double($0.patches), Double(slide.measured.patches)) }
            }
            guard let patches = Self.median(found.map(\.0)), let share = Self.median(found.map { $0.0 / $0.1 })
            else { return nil }
            return Sufficient(slides: found.count, patches: patches, share: share)
        }
        branches = BranchImportance.all(slides, caseIDs, labels, bootstrap)
    }

    private static let none = "no slide has it"
    private static let orderless = "one patch, which has no order"

    private static func rows(
        _ slides: [DeletionMeasurement.Deletion?],
        _ cases: [String],
        _ bootstrap: Bootstrap
    ) -> [String: Row] {
        let main = SlideFaithfulness.mainMap
        let random = slides.map { $0?.meanRandomGain }
        let attention = slides.map { $0?.maps[main]?.gain }
        func less(_ gains: [Double?], _ others: [Double?]) -> [Double?] {
            zip(gains, others).map { gain, other in gain.flatMap { gain in other.map { gain - $0 } } }
        }
        func row(_ gains: [Double?], named map: String) -> Row {
            let isRandom = map == SlideFaithfulness.random
            // Paired: every resample has each slide's gain beside its own of the other order.
            let values = [gains, less(gains, random), less(gains, attention)]
            let figures = bootstrap.estimates(cases: cases, undefined: values.map { _ in none }) { weights in
                values.map { mean($0, weights) }
            }
            let standings = slides.map { slide in
                slide.flatMap { slide in
                    slide.random95.flatMap { own in slide.maps[map].map { $0.gain > own.upperBound } }
                }
            }
            let isKnown = zip(gains, standings).allSatisfy { $0 == nil || $1 != nil }
            return Row(
                slides: gains.count { $0 != nil },
                gain: figures[0],
                lessRandom: isRandom ? nil : figures[1],
                lessAttention: isRandom || map == main ? nil : figures[2],
                above: isRandom || !isKnown ? nil : standings.count { $0 == true }
            )
        }
        let maps = Set(slides.flatMap { $0.map { Array($0.maps.keys) } ?? [] })
        var rows = Dictionary(
            uniqueKeysWithValues: maps.map { map in (map, row(slides.map { $0?.maps[map]?.gain }, named: map)) }
        )
        rows[SlideFaithfulness.random] = row(random, named: SlideFaithfulness.random)
        return rows
    }

    /// nil where no value counts.
    static func mean(_ values: [Double?], _ weights: [Int]) -> Double? {
        var (sum, count) = (0.0, 0)
        for (value, weight) in zip(values, weights) {
            guard let value else { continue }
            sum += Double(weight) * value
            count += weight
        }
        return count > 0 ? sum / Double(count) : nil
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
