import Foundation
import Records
import Testing

@testable import Config
@testable import Evaluation

private func sample(_ probabilities: [[Double]], _ labels: [Int]) -> [JudgedClass] {
    zip(probabilities, labels).enumerated().map { index, pair in
        JudgedClass(caseID: "p\(index)", label: pair.1, probabilities: pair.0, threshold: nil)
    }
}

private func close(_ found: Double?, _ wanted: Double) -> Bool { found.map { abs($0 - wanted) < 5e-8 } ?? false }

@Suite struct MetricsTests {
    @Test func threeClassesGiveTheReferenceFigures() {
        let judged = sample(
            [[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7], [0.3, 0.4, 0.3], [0.4, 0.35, 0.25]],
            [0, 1, 2, 0, 1]
        )
        let confusion = Metrics.confusion(judged, classes: 3)
        #expect(confusion == [[1, 1, 0], [1, 1, 0], [0, 0, 1]])
        #expect(close(Metrics.macroAUC(judged), 0.88888889))
        #expect(close(Metrics.accuracy(confusion), 0.6))
        #expect(close(Metrics.macroF1(confusion), 0.66666667))
        #expect(close(Metrics.balancedAccuracy(confusion), 0.66666667))
    }

    @Test func macroF1DiffersFromMicroF1() {
        let judged = sample([0.1, 0.8, 0.4, 0.6, 0.3].map { [1 - $0, $0] }, [0, 1, 1, 0, 0])
        let confusion = Metrics.confusion(judged, classes: 2)
        #expect(close(Metrics.macroAUC(judged), 0.83333333))
        #expect(close(Metrics.accuracy(confusion), 0.6))
        #expect(close(Metrics.macroF1(confusion), 0.58333333))
    }

    @Test func anAbsentClassCountsZeroInTheAUCAndNothingInF1() {
        let judged = sample([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.7, 0.2, 0.1], [0.3, 0.4, 0.3]], [0, 1, 0, 1])
        #expect(close(Metrics.macroAUC(judged), 0.66666667))
        #expect(Metrics.macroF1(Metrics.confusion(judged, classes: 3)) == 1)
    }

    @Test func tiedScoresCountHalf() {
        #expect(Metrics.auc([0.5, 0.5, 0.5, 0.5], positive: [true, false, true, false]) == 0.5)
        #expect(Metrics.auc([0.1, 0.4, 0.4, 0.9], positive: [false, false, true, true]) == 0.875)
        #expect(Metrics.auc([1, 2], positive: [true, true]) == nil)
    }

    @Test func youdensCutLiesHalfWayBelowTheLowestPositiveScore() throws {
        let scores = [0.1, 0.4, 0.35, 0.8, 0.65, 0.7, 0.2, 0.9]
        let positive = [0, 0, 1, 1, 0, 1, 0, 1].map { $0 == 1 }
        #expect(Metrics.auc(scores, positive: positive) == 0.875)
        let cut = try #require(YoudenCut(scores, positive: positive))
        #expect(cut.score == 0.7 && close(cut.threshold, 0.675) && close(cut.index, 0.75))
        let judged = zip(scores, positive).map {
            JudgedClass(caseID: "p", label: $1 ? 1 : 0, probabilities: [1 - $0, $0], threshold: cut.threshold)
        }
        let confusion = Metrics.confusion(judged, classes: 2)
        #expect(confusion == [[4, 0], [1, 3]])
        #expect(Metrics.accuracy(confusion) == 0.875)
        #expect(Metrics.recall(confusion, 1) == 0.75 && Metrics.recall(confusion, 0) == 1)
    }

    @Test func thereIsNoCutWithoutBothClassesOrWithoutAnyGain() {
        #expect(YoudenCut([0.1, 0.9], positive: [true, true]) == nil)
        #expect(YoudenCut([0.1, 0.9], positive: [true, false]) == nil)
        #expect(YoudenCut([0.5, 0.5], positive: [true, false]) == nil)
    }

    @Test func aThresholdDecidesForTwoClassesOnly() {
        #expect(JudgedClass(caseID: "p", label: 0, probabilities: [0.7, 0.3], threshold: 0.2).decision == 1)
        #expect(JudgedClass(caseID: "p", label: 0, probabilities: [0.5, 0.5], threshold: nil).decision == 0)
        #expect(JudgedClass(caseID: "p", label: 0, probabilities: [0.2, 0.3, 0.5], threshold: 0.2).decision == 2)
    }
}

@Suite struct BootstrapTests {
    private func report(_ judged: [JudgedClass], _ config: EvaluationConfig = EvaluationConfig()) -> MetricReport {
        MetricReport(judged, classes: ["negative", "positive"], evaluation: config, seed: 1)
    }

    private func noisy(_ count: Int, slidesPerCase: Int = 1) -> [JudgedClass] {
        var random = CounterRandom(seed: 5, "noisy")
        return (0..<count).flatMap { index in
            let score = random.uniform() * 0.7 + (index % 2 == 1 ? 0.3 : 0)
            return Array(
                repeating: JudgedClass(
                    caseID: "p\(index)",
                    label: index % 2,
                    probabilities: [1 - score, score],
                    threshold: 0.5
                ),
                count: slidesPerCase
            )
        }
    }

    @Test func theIntervalHoldsTheValueAndIsRepeatable() throws {
        let judged = noisy(60)
        let found = report(judged)
        let interval = try #require(found.auc.interval)
        let value = try #require(found.auc.value)
        #expect(interval[0] < value && value < interval[1] && interval[1] - interval[0] < 0.3)
        #expect(report(judged) == found)
        #expect(
            MetricReport(judged, classes: ["negative", "positive"], evaluation: EvaluationConfig(), seed: 2) != found
        )
        #expect(found[.microF1] == found[.accuracy])
    }

    @Test func copiesOfACasesSlidesDoNotNarrowTheInterval() throws {
        let plain = report(noisy(40))
        let copied = report(noisy(40, slidesPerCase: 5))
        #expect(copied.slides == 200 && copied.cases == 40)
        let width = { (report: MetricReport) in report[.accuracy]?.interval.map { $0[1] - $0[0] } ?? 0 }
        #expect(abs(width(plain) - width(copied)) < 0.01)
        #expect(plain.auc.value == copied.auc.value)
        #expect((plain.auc.method, copied.auc.method) == (.delong, .bootstrap))
    }

    @Test func anUndefinedMetricIsNullWithItsReason() {
        let found = report(noisy(20).filter { $0.label == 1 })
        #expect(found.auc == Estimate(value: nil, interval: nil, reason: "not defined: absent class negative"))
        #expect(found[.specificity]?.value == nil && found[.sensitivity]?.value != nil)
        #expect(report([])[.accuracy]?.reason == "nothing was tested")
    }

    @Test func oneCaseHasNoInterval() {
        let judged = noisy(4).map {
            JudgedClass(caseID: "p", label: $0.label, probabilities: $0.probabilities, threshold: nil)
        }
        #expect(report(judged).auc.interval == nil)
        #expect(report(judged).auc.reason == "an interval wants two cases")
    }

    @Test func theAccuracysIntervalIsAsWideAsTheBinomialSays() throws {
        let judged = (0..<100).map {
            JudgedClass(caseID: "p\($0)", label: $0 % 2, probabilities: [0.4, 0.6], threshold: nil)
        }
        let interval = try #require(report(judged)[.accuracy]?.interval)
        // 2 · 1.96 · √(0.5 · 0.5 / 100)
        #expect(abs(interval[1] - interval[0] - 0.196) < 0.015)
    }

    @Test func anIntervalWithoutWidthSaysWhy() {
        let judged = (0..<20).map { index in
            let score = index < 10 ? 0.2 : 0.8
            return JudgedClass(
                caseID: "p\(index)",
                label: index / 10,
                probabilities: [1 - score, score],
                threshold: nil
            )
        }
        let found = report(judged)
        #expect(found.auc.value == 1 && found.auc.interval == [1, 1] && found.auc.method == .bootstrap)
        #expect(found.auc.reason?.hasPrefix("every resample gives the same value") == true)
    }

    @Test func aWiderConfidenceGivesAWiderInterval() throws {
        var narrow = EvaluationConfig()
        narrow.confidence = 0.5
        let (inner, outer) = (
            try #require(report(noisy(60), narrow).auc.interval), try #require(report(noisy(60)).auc.interval)
        )
        #expect(outer[0] < inner[0] && inner[1] < outer[1])
    }
}

@Suite struct LogisticRegressionTests {
    // Minimised by hand: with x = ±1 (standardised as they are), n per side, one weight w and no intercept by symmetry,
    // the stationary point solves λ w = 2n / (1 + e^w).
    @Test func twoPointsGiveTheStationaryWeight() throws {
        let model = try LogisticRegression([[-1], [1], [-1], [1]], positive: [false, true, false, true])
        let weight = model([1])
        #expect(abs(weight - 4 / (1 + exp(weight))) < 1e-6)
        #expect(abs(model([-1]) + weight) < 1e-9 && abs(model([0])) < 1e-9)
    }

    @Test func theDominantClassShowsInTheIntercept() throws {
        // Inputs without information: the odds are the classes' shares.
        let model = try LogisticRegression([[2], [2], [2], [2]], positive: [true, true, true, false])
        #expect(abs(model([2]) - 1.0986122887) < 1e-6)
        #expect(abs(model([7]) - 1.0986122887) < 1e-6)
    }

    @Test func manyMoreNumbersThanSlidesAreNoObstacle() throws {
        var random = CounterRandom(seed: 1, "wide")
        let positive = (0..<30).map { $0 % 3 == 0 }
        let inputs = positive.map { sign in (0..<400).map { random.uniform() + (sign && $0 < 20 ? 1 : 0) } }
        let model = try LogisticRegression(inputs, positive: positive)
        #expect(Metrics.auc(inputs.map { model($0) }, positive: positive) == 1)
    }
}
