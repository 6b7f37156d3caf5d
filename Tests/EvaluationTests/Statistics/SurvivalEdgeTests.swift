import Records
import Testing

@testable import Config
@testable import Evaluation

/// By hand, and what is not defined.
@Suite struct SurvivalEdgeTests {
    private func followUp(_ times: [Double], _ events: [Int]) -> FollowUp {
        FollowUp(times: times, events: events.map { $0 == 1 })
    }

    @Test func survivalIsKnownUntilTheFollowUpEnds() throws {
        let censored = try KaplanMeier.fitted(followUp([1, 2, 2, 3], [1, 1, 0, 0])).get()
        #expect(censored.survival(at: 0.5) == .success(1) && censored.survival(at: 1) == .success(0.75))
        #expect(censored.survival(at: 2.9) == .success(0.5) && censored.median == .success(2))
        #expect(censored.survival(at: 3.1).reason == "the follow-up ends before 3.1")
        #expect([0, 1, 1.5, 3, 4].map(censored.atRisk) == [4, 4, 3, 1, 0])
        #expect(try censored.interval(at: 0.5, confidence: 0.95).get() == 1...1)
        let dead = try KaplanMeier.fitted(followUp([1, 2], [1, 1])).get()
        #expect(dead.survival(at: 9) == .success(0))
        #expect(try dead.interval(at: 9, confidence: 0.95).get() == 0...0)
    }

    @Test func withoutRowsOrEventsThereIsNoMedian() throws {
        #expect(KaplanMeier.fitted(followUp([], [])).value?.median == nil)
        #expect(KaplanMeier.fitted(followUp([1, 2], [1, 0]), weights: [0, 0]).reason == "there is no follow-up")
        let alive = try KaplanMeier.fitted(followUp([1, 2], [1, 0]), weights: [0, 1]).get()
        #expect(alive.survival(at: 2) == .success(1) && alive.median.value == nil)
        #expect(CensoringCurve.fitted(followUp([], [])).value == nil)
    }

    @Test func whoeverHasTheEventIsNotAtRiskOfCensoringAtThatTime() throws {
        let curve = try CensoringCurve.fitted(followUp([1, 1, 2, 3], [1, 0, 1, 1])).get()
        #expect(curve.probability(at: 1) == 1 - 1.0 / 3 && curve.probability(at: 0.9) == 1)
        #expect(curve.horizon == 3 && curve.probability(at: 3.5) == nil)
        let refusal = try #require(curve.weight(at: 3.5).reason)
        #expect(refusal.contains("3.5") && refusal.hasSuffix("take times up to 3.0"))
    }

    @Test func aLogRankTestWantsGroupsThatMeetAtAnEvent() throws {
        let times: [Double] = [1, 2, 3, 4]
        #expect(LogRank(followUp(times, [1, 1, 1, 1]), groups: [5, 5, 5, 5]).test().value == nil)
        #expect(LogRank(followUp(times, [0, 0, 0, 0]), groups: [0, 1, 0, 1]).test().reason == "there is no event")
        #expect(LogRank(followUp(times, [0, 0, 1, 1]), groups: [0, 0, 1, 1]).test().value == nil)
        // The third group is gone before the first event.
        let test = try LogRank(followUp([1, 2, 3, 4, 5], [0, 1, 1, 1, 1]), groups: [9, 0, 1, 0, 1]).test().get()
        #expect(test.degrees == 1 && test.p > 0 && test.p < 1)
        let two = try LogRank(followUp([2, 3, 4, 5], [1, 1, 1, 1]), groups: [0, 1, 0, 1]).test().get()
        #expect(test == two)
        let weighted = LogRank(followUp([2, 3], [1, 1]), groups: [0, 1]).test([1, 0])
        #expect(weighted.reason == "there are not two groups")
    }

    @Test func aRidgeHoldsACovariateThatOrdersAllEvents() {
        let ordered = followUp([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1])
        let rows = DenseRows([[6.0], [5], [4], [3], [2], [1]], width: 1)
        let (weak, strong) = (
            PenalisedFit(rows, CoxLoss(ordered), penalty: 0.01), PenalisedFit(rows, CoxLoss(ordered), penalty: 1)
        )
        #expect(weak.weights[0][0] > strong.weights[0][0] && strong.weights[0][0] > 0)
    }

    @Test func theSlopeOfCoxLossIsThatOfItsValue() {
        let all = followUp([1, 2, 2, 2, 3, 5, 5], [1, 1, 1, 0, 0, 1, 1])
        let (loss, risks) = (CoxLoss(all), [0.3, -1, 0.8, 0.1, 2, -0.4, 0])
        func moved(_ row: Int, _ step: Double) -> [[Double]] {
            var risks = risks
            risks[row] += step
            return [risks]
        }
        let (slope, bend) = (loss.slope([risks])[0], loss.curvature([risks]))
        for row in risks.indices {
            let step = 1e-5
            let rise = (loss.value(moved(row, step)) - loss.value(moved(row, -step))) / (2 * step)
            #expect(abs(rise - slope[row]) < 1e-8)
            let change = zip(loss.slope(moved(row, step))[0], loss.slope(moved(row, -step))[0]).map {
                ($0 - $1) / (2 * step)
            }
            var direction = risks.map { _ in 0.0 }
            direction[row] = 1
            #expect(zip(bend([direction])[0], change).allSatisfy { abs($0 - $1) < 1e-8 })
        }
    }

    @Test func largeRisksGiveProbabilities() throws {
        let some = followUp([1, 2, 3], [1, 1, 0])
        let baseline = try BreslowHazard.fitted(some, risks: [2000, 1990, 1000]).get()
        for risk in [-2000.0, 0, 1995, 2000, 1e6] {
            let survival = try #require(baseline.survival(at: 2, risk: risk).value)
            #expect((0...1).contains(survival), "\(risk)")
        }
        #expect(
            baseline.survival(at: 0.5, risk: 1e6) == .success(1) && baseline.survival(at: 3.5, risk: 0).value == nil
        )
        #expect(baseline.survival(at: 2, risk: .nan).value == nil)
        #expect(BreslowHazard.fitted(some, risks: [1, 2, .infinity]).value == nil)
        #expect(BreslowHazard.fitted(followUp([1, 2], [0, 0]), risks: [1, 2]).reason == "there is no event")
    }

    @Test func aBrierScoreIsNotDefinedWhereCensoringIsNotKnown() throws {
        let train = try CensoringCurve.fitted(followUp([1, 2, 3, 4], [1, 0, 1, 1])).get()
        let test = followUp([1, 3, 5, 6], [1, 1, 1, 0])
        let truth: [[Double]] = [[0, 0], [1, 0], [1, 1], [1, 1]]
        let inside = SurvivalBrier(test, survival: truth, at: [2, 3.5]) { _ in train }
        #expect(inside.score(0, [1, 1, 1, 1]) == .success(0) && inside.integrated([1, 1, 1, 1]) == .success(0))
        #expect(inside.score(0, [0, 0, 0, 0]).reason == "nothing was tested")
        let beyond = SurvivalBrier(test, survival: truth, at: [2, 5]) { _ in train }
        #expect(beyond.score(0, [1, 1, 1, 1]).value == 0 && beyond.score(1, [1, 1, 1, 1]).value == nil)
        #expect(beyond.integrated([1, 1, 1, 1]).value == nil)
        let alone = SurvivalBrier(test, survival: truth.map { [$0[0]] }, at: [2]) { _ in train }
        #expect(alone.integrated([1, 1, 1, 1]).reason == "a mean over time wants two times")
        let twice = SurvivalBrier(test, survival: truth, at: [2, 2]) { _ in train }
        #expect(twice.integrated([1, 1, 1, 1]).value == nil)
        let broken = SurvivalBrier(test, survival: [[.nan], [1], [1], [1]], at: [2]) { _ in train }
        #expect(broken.score(0, [1, 1, 1, 1]).reason == "a predicted survival is not between 0 and 1")
    }

    @Test func calibrationKeepsEqualPredictionsTogether() throws {
        let test = followUp([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 0])
        let tied = [0.2, 0.2, 0.2, 0.2, 0.8, 0.9]
        let groups = try SurvivalCalibration.groups(test, survival: tied, at: 4.5, count: 3, confidence: 0.9).get()
        #expect(groups.map(\.count) == [4, 2] && abs(groups[1].predicted - 0.85) < 1e-12)
        // All that were left of the first group are censored at 4.
        #expect(groups[0].observed.value == nil && groups[1].observed == .success(1))
        let none = SurvivalCalibration.groups(test, survival: [.nan, 1, 1, 1, 1, 1], at: 3, count: 2, confidence: 0.9)
        #expect(none.value == nil)
    }

    @Test func aCIsToldWithTheEventsAndPairsThatItRestsOn() throws {
        let times = followUp([1, 2, 3, 4], [1, 1, 1, 0])
        let all = Concordance.harrell(times, risks: [4, 3, 2, 1]).support
        // Weights of 3, 2 and 1 pairs.
        #expect(all.events == 3 && all.pairs == 6 && abs(all.effectiveEvents - 36.0 / 14) < 1e-12)
        let apart = Concordance.harrell(times, risks: [4, 3, 2, 1], groups: [0, 1, 0, 1])
        #expect(apart.support.events == 2 && apart.support.pairs == 2)
    }

    /// Early censoring makes one late pair weigh as much as 25 early ones.
    @Test func twoCsOnDifferentSidesAreSaidToBe() throws {
        func judged(_ time: Double, _ isEvent: Bool, risk: Double) -> Judged {
            Judged(
                caseID: "\(time) \(risk)",
                target: .survival(SurvivalTime(time, isEvent: isEvent)),
                answer: .survival(SurvivalAnswer(risk: risk, times: [], survival: []))
            )
        }
        let training =
            (0..<8).map { judged(1.5, false, risk: Double($0)) }
            + [judged(3, true, risk: 0), judged(4.5, true, risk: 1)]
        let tested = [
            judged(1, true, risk: 4), judged(2, true, risk: 1), judged(3.9, true, risk: 3), judged(5, false, risk: 2),
        ]
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 200
        var context = MetricContext(evaluation, seed: 1, target: .survival)
        context.survival = SurvivalContext(training: [0: training], validation: [:], tested: tested, times: nil)
        let report = MetricReport(tested, classes: ["months"], context)
        #expect(abs((report[.unoC]?.value ?? 0) - 28.0 / 78) < 1e-12)
        #expect(abs((report[.harrellC]?.value ?? 0) - 4.0 / 6) < 1e-12)
        let note = "Uno’s C is of 3 event(s) in 6 comparable pairs; Harrell’s C, 0.667, is on the other side of 0.5"
        #expect(report.noteOnC == note)
    }
}
