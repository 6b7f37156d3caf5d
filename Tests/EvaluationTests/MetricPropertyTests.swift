import Foundation
import Records
import Testing

@testable import Config
@testable import Evaluation

/// What must hold of any sample; a failure names the seed of its sample.
@Suite struct MetricPropertyTests {
    private static let seeds: ClosedRange<UInt64> = 1...20

    /// 20 to 59 slides of fewer cases and two or three classes, with scores on a coarse grid, so that many are equal.
    private static func sample(_ seed: UInt64) -> (sample: [JudgedClass], classes: [String]) {
        var random = CounterRandom(seed: seed, "sample")
        let classes = ["a", "b", "c"].prefix(2 + random.index(below: 2))
        let cases = 10 + random.index(below: 10)
        let sample = (0..<(20 + random.index(below: 40))).map { index in
            let raw = classes.map { _ in 1 + Double(random.index(below: 8)) }
            let probabilities = raw.map { $0 / raw.reduce(0, +) }
            var judged = JudgedClass(
                caseID: "p\(random.index(below: cases))",
                label: index % classes.count,
                probabilities: probabilities,
                threshold: 0.5
            )
            judged.calibrated = Temperature(value: 1.5).scaled(probabilities)
            return judged
        }
        return (sample, Array(classes))
    }

    private static func shuffled<Element>(_ elements: [Element], _ seed: UInt64) -> [Element] {
        var random = CounterRandom(seed: seed, "order")
        return elements.shuffled(using: &random)
    }

    /// One class against the rest, and how often each slide counts.
    private static func scores(_ seed: UInt64) -> (scores: [Double], positive: [Bool], weights: [Int]) {
        let (scores, positive) = Metrics.against(1, sample(seed).sample)
        var random = CounterRandom(seed: seed, "weights")
        return (scores, positive, scores.map { _ in random.index(below: 4) })
    }

    @Test(arguments: seeds) func theOrderOfTheSlidesChangesNoMetricAndNoInterval(seed: UInt64) throws {
        let (sample, classes) = Self.sample(seed)
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 100
        func report(_ sample: [JudgedClass]) -> MetricReport {
            MetricReport(sample, classes: classes, evaluation: evaluation, seed: seed)
        }
        let (found, other) = (report(sample), report(Self.shuffled(sample, seed)))
        func check(_ one: Estimate?, _ other: Estimate?, _ what: String) {
            func numbers(_ estimate: Estimate?) -> [Double] {
                [estimate?.value].compactMap { $0 } + (estimate?.interval ?? [])
            }
            let (left, right) = (numbers(one), numbers(other))
            #expect(left.count == right.count, "\(what)")
            #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-9 }, "\(what): \(left), \(right)")
        }
        #expect(found.confusion == other.confusion && found.cases == other.cases)
        for metric in Metric.allCases {
            check(found[metric], other[metric], metric.key)
            check(found.temperatureScaled?[metric], other.temperatureScaled?[metric], "\(metric.key), scaled")
            for (one, two) in zip(found.classes ?? [], other.classes ?? []) {
                check(one[metric], two[metric], "\(metric.key) of \(one.name)")
            }
        }
    }

    @Test(arguments: seeds) func theAUCIsTheShareOfPairsInTheRightOrder(seed: UInt64) {
        let (scores, positive, weights) = Self.scores(seed)
        func pairs(_ weights: [Int]) -> Double {
            var (doubled, all) = (0, 0)
            for one in scores.indices where positive[one] {
                for other in scores.indices where !positive[other] {
                    let count = weights[one] * weights[other]
                    all += count
                    doubled += scores[one] > scores[other] ? 2 * count : scores[one] == scores[other] ? count : 0
                }
            }
            return Double(doubled) / Double(2 * all)
        }
        #expect(Metrics.auc(scores, positive: positive) == pairs(scores.map { _ in 1 }))
        #expect(RankedScores(scores, positive: positive).auc(weights) == pairs(weights))
    }

    @Test(arguments: seeds) func theAveragePrecisionIsTheMeanPrecisionAtThePositives(seed: UInt64) throws {
        let (scores, positive, _) = Self.scores(seed)
        let precisions = scores.indices.filter { positive[$0] }.map { one in
            let called = scores.indices.filter { scores[$0] >= scores[one] }
            return Double(called.count { positive[$0] }) / Double(called.count)
        }
        let found = try #require(Metrics.averagePrecision(scores, positive: positive))
        #expect(abs(found - precisions.reduce(0, +) / Double(precisions.count)) < 1e-12)
    }

    @Test(arguments: seeds) func deLongsAreaIsTheAUCAndItsIntervalHoldsIt(seed: UInt64) throws {
        let (scores, positive, _) = Self.scores(seed)
        let area = try #require(Metrics.auc(scores, positive: positive))
        let found = try #require(DeLong(scores, positive: positive))
        #expect(abs(found.area - area) < 1e-12)
        let interval = try #require(found.interval(confidence: 0.95))
        #expect(interval[0] <= area && area <= interval[1])
        // The other class against this one is the same question.
        let turned = try #require(DeLong(scores.map { -$0 }, positive: positive.map { !$0 }))
        #expect(abs(turned.area - area) < 1e-12)
        #expect(abs((turned.variance ?? 0) - (found.variance ?? 1)) < 1e-12)
    }
}
