import Foundation
import Records
import Testing

@testable import Config
@testable import Evaluation

/// Made-up samples whose figures scikit-learn 1.x and scipy computed once.
enum ReferenceSample {
    private static func fraction(_ index: Int) -> Double {
        (0.61803398875 * Double(index)).truncatingRemainder(dividingBy: 1)
    }

    private static func rounded(_ value: Double, _ scale: Double) -> Double { (value * scale).rounded() / scale }

    /// 40 slides of two classes.
    static let twoClasses: [JudgedClass] = (1...40).map { index in
        let score = rounded(0.5 * fraction(index) + 0.5 * fraction(3 * index), 1000)
        let label = score > 0.75 ? 1 : score < 0.2 ? 0 : (index * 7) % 5 < 2 ? 1 : 0
        return JudgedClass(caseID: "p\(index)", label: label, probabilities: [1 - score, score], threshold: nil)
    }

    /// 30 slides of three classes.
    static let threeClasses: [JudgedClass] = (1...30).map { index in
        let raw = [fraction(index), fraction(2 * index + 1), fraction(5 * index)]
        let shares = raw.map { rounded($0 / raw.reduce(0, +), 10_000) }
        let probabilities = shares.map { $0 / shares.reduce(0, +) }
        let largest = probabilities.max() ?? 0
        let label =
            largest > 0.5
            ? probabilities.firstIndex(of: largest) ?? 0 : index % 4 == 0 ? index % 3 : (index * index) % 3
        return JudgedClass(caseID: "p\(index)", label: label, probabilities: probabilities, threshold: nil)
    }
}

private func close(_ found: Double?, _ wanted: Double, _ tolerance: Double = 1e-9) -> Bool {
    found.map { abs($0 - wanted) < tolerance } ?? false
}

@Suite struct CalibrationTests {
    private let two = ReferenceSample.twoClasses
    private let three = ReferenceSample.threeClasses

    @Test func twoClassesGiveScikitLearnsFigures() {
        let (scores, positive) = Metrics.against(1, two)
        #expect(close(Metrics.macroAUC(two), 0.643939393939394))
        #expect(close(Metrics.averagePrecision(scores, positive: positive), 0.6902587207478512))
        #expect(close(Calibration.brier(two), 0.235917075))
        #expect(close(Calibration.logLoss(two), 0.650066442229242))
        #expect(close(Calibration.expectedError(two), 0.176975))
    }

    @Test func threeClassesGiveScikitLearnsFigures() {
        let confusion = Metrics.confusion(three, classes: 3)
        #expect(close(Metrics.macroAUC(three), 0.7741250924730457))
        let report = MetricReport(three, classes: ["a", "b", "c"], evaluation: EvaluationConfig(), seed: 0)
        #expect(close(report[.averagePrecision]?.value, 0.7619089759414482))
        #expect(close(Calibration.brier(three), 0.5560350003368559))
        #expect(close(Calibration.logLoss(three), 0.9653226569598229))
        #expect(close(Calibration.expectedError(three), 0.19620617483286182))
        #expect(close(Metrics.accuracy(confusion), 0.6))
        #expect(close(Metrics.balancedAccuracy(confusion), 0.6123737373737373))
        #expect(close(Metrics.macroF1(confusion), 0.5497835497835498))
    }

    @Test func equalScoresStandTogetherInTheAveragePrecision() {
        // Of four slides at one threshold two are positive: precision 1/2 at both.
        #expect(Metrics.averagePrecision([0.5, 0.5, 0.5, 0.5], positive: [true, false, true, false]) == 0.5)
        #expect(Metrics.averagePrecision([0.9, 0.1], positive: [false, false]) == nil)
    }

    @Test func deLongsIntervalIsThatOfTheReference() throws {
        let (scores, positive) = Metrics.against(1, two)
        let found = try #require(DeLong(scores, positive: positive))
        #expect(close(found.variance, 0.008287719740482664))
        let interval = try #require(found.interval(confidence: 0.95))
        #expect(close(interval[0], 0.46551032091451394) && close(interval[1], 0.8223684669642739))
        #expect(close(DeLong.normalQuantile(0.975), 1.959963984540054))
    }

    @Test func deLongHasNoIntervalWhereTheVarianceCannotBeEstimated() throws {
        let perfect = try #require(DeLong([0.1, 0.2, 0.8, 0.9], positive: [false, false, true, true]))
        #expect(perfect.variance == 0 && perfect.interval(confidence: 0.95) == nil)
        #expect(try #require(DeLong([0.1, 0.2, 0.8], positive: [false, false, true])).variance == nil)
        #expect(DeLong([0.1, 0.2], positive: [true, true]) == nil)
    }

    @Test func theTemperatureHasTheSmallestLogLoss() throws {
        let fitted = try #require(Temperature(fittedOn: two))
        #expect(close(fitted.value, 1.599968452519673, 1e-4) && fitted.source == .smallestLoss)
        let scaled = two.map {
            JudgedClass(caseID: "", label: $0.label, probabilities: fitted.scaled($0.probabilities), decision: 0)
        }
        #expect(close(Calibration.logLoss(scaled), 0.6356832608626313))
    }

    @Test func aTemperatureOfOneChangesNothingAndNoneChangesTheOrder() {
        let same = Temperature(value: 1).scaled([0.2, 0.5, 0.3])
        #expect(zip(same, [0.2, 0.5, 0.3]).allSatisfy { abs($0 - $1) < 1e-12 })
        let cold = Temperature(value: 0.25).scaled([0.2, 0.5, 0.3])
        #expect(cold[1] > cold[2] && cold[2] > cold[0] && abs(cold.reduce(0, +) - 1) < 1e-12)
        #expect(!Temperature(value: 2).scaled([1, 0]).contains { !$0.isFinite })
    }

    @Test func aSampleToldApartWithoutAFaultLeavesProbabilitiesAsTheyAre() throws {
        func fitted(_ scores: [Double], _ labels: [Int]) -> Temperature? {
            Temperature(
                fittedOn: zip(scores, labels).map {
                    JudgedClass(caseID: "", label: $1, probabilities: [1 - $0, $0], threshold: nil)
                }
            )
        }
        #expect(fitted([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]) == Temperature(value: 1, source: .separable))
        // Worse than chance at any T: the flatter, the better.
        let hopeless = try #require(fitted([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0]))
        #expect(hopeless.source == .endOfRange && close(hopeless.value, 20, 1e-3))
        #expect(fitted([0.1, 0.2], [0, 0]) == nil)
    }

    @Test func everyClassAgainstTheRestHasScikitLearnsFiguresAndDeLongsInterval() throws {
        let report = MetricReport(three, classes: ["a", "b", "c"], evaluation: EvaluationConfig(), seed: 0)
        let classes = try #require(report.classes)
        #expect(classes.map(\.slides) == [11, 16, 3])
        let wanted: [[Double]] = [
            [0.7775119617224879, 0.750680149889636, 0.5454545454545454, 0.7894736842105263, 0.6007263406605085],
            [0.7053571428571428, 0.8058801112680423, 0.625, 0.8571428571428571, 0.5070776101954709],
            [0.8395061728395062, 0.7291666666666666, 0.6666666666666666, 0.7777777777777778, 0.5184955486750966],
        ]
        for (found, wanted) in zip(classes, wanted) {
            #expect(close(found[.auc]?.value, wanted[0]) && close(found[.averagePrecision]?.value, wanted[1]))
            #expect(close(found[.sensitivity]?.value, wanted[2]) && close(found[.specificity]?.value, wanted[3]))
            #expect(found[.auc]?.method == .delong && close(found[.auc]?.interval?[0], wanted[4]))
        }
        // A bound ends where an AUC can.
        #expect(classes[2][.auc]?.interval?[1] == 1)
        #expect(report.auc.method == .bootstrap)
    }

    @Test func theDecisionsOfTwoClassesHaveScikitLearnsFigures() throws {
        let report = MetricReport(two, classes: ["a", "b"], evaluation: EvaluationConfig(), seed: 0)
        #expect(report.confusion == [[13, 9], [8, 10]])
        #expect(close(report[.f1]?.value, 0.5405405405405406) && close(report[.precision]?.value, 0.5263157894736842))
        #expect(close(report[.sensitivity]?.value, 0.5555555555555556))
        #expect(close(report[.specificity]?.value, 0.5909090909090909))
        #expect(close(report[.macroF1]?.value, 0.5725958516656191))
        #expect(close(report[.balancedAccuracy]?.value, 0.5732323232323233))
        // One slide of a case more, and slides are not independent.
        #expect(report.auc.method == .delong)
        let doubled = MetricReport(two + [two[0]], classes: ["a", "b"], evaluation: EvaluationConfig(), seed: 0)
        #expect(doubled.auc.method == .bootstrap)
    }

    @Test(arguments: [ReferenceSample.twoClasses, ReferenceSample.threeClasses])
    func aWeightCountsASlideAsOftenAsCopiesOfIt(sample: [JudgedClass]) {
        let classes = ["a", "b", "c"].prefix(sample[0].probabilities.count)
        var random = CounterRandom(seed: 3, "weights")
        let weights = sample.map { _ in random.index(below: 4) }
        let copies = zip(sample, weights).flatMap { Array(repeating: $0, count: $1) }
        // The micro F1 is the accuracy once more.
        let slots = MetricSlot.all(.class, classes: classes.count, times: []).filter { $0.metric != .microF1 }
        func values(_ sample: [JudgedClass], _ weights: [Int]) -> [Double?] {
            let ready = MetricSample(
                sample.map(\.judged),
                classes: Array(classes),
                MetricContext(EvaluationConfig(), seed: 0)
            )
            return slots.map { $0.value(of: ready.weighted(weights)) }
        }
        let weighted = values(sample, weights)
        let copied = values(copies, copies.map { _ in 1 })
        #expect(weighted.count == (classes.count == 2 ? 15 : 23) && !weighted.contains { $0 == nil })
        #expect(zip(weighted, copied).allSatisfy { abs(($0 ?? 0) - ($1 ?? 9)) < 1e-12 })
    }

    @Test func anAbsentClassIsNullInAnHonestReportAndZeroInAPapersOne() {
        let sample = three.filter { $0.label != 2 }
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 100
        func report() -> MetricReport {
            MetricReport(sample, classes: ["a", "b", "c"], evaluation: evaluation, seed: 0)
        }
        #expect(report().auc == Estimate(reason: "not defined: absent class c"))
        #expect(report().classes?[2][.sensitivity]?.value == nil && report().classes?[0][.auc]?.value != nil)
        evaluation.protocol = .paper
        let areas = [0, 1].map { label in
            let (scores, positive) = Metrics.against(label, sample)
            return Metrics.auc(scores, positive: positive) ?? 0
        }
        #expect(close(report().auc.value, areas.reduce(0, +) / 3))
    }
}
