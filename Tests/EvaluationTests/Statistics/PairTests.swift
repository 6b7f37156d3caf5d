import Testing

@testable import Evaluation

/// Pairs counted one by one, on samples with many ties, weights and groups.
@Suite struct PairTests {
    /// Numbers that follow from a seed alone.
    private struct Draw {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    private struct Made {
        let followUp: FollowUp
        let risks: [Double]
        let groups: [Int]
        let weights: [Int]
        let censoring: CensoringCurve

        init(_ seed: Int) throws {
            var draw = Draw(state: UInt64(seed))
            let count = 5 + draw.below(40)
            followUp = FollowUp(
                times: (0..<count).map { _ in Double(draw.below(12)) },
                events: (0..<count).map { _ in draw.below(3) > 0 }
            )
            // Some are equal but for less than the tolerance.
            risks = (0..<count).map { _ in Double(draw.below(6)) + Double(draw.below(2)) * 2e-9 }
            groups = (0..<count).map { _ in draw.below(3) }
            weights = (0..<count).map { _ in draw.below(4) }
            let end = FollowUp(times: followUp.times + [20], events: followUp.events + [true])
            censoring = try CensoringCurve.fitted(end).get()
        }

        /// Sum over pairs of one group, each as often as both weights say.
        func pairs(_ term: (Int, Int) -> Double) -> Double {
            var sum = 0.0
            for one in risks.indices {
                for other in risks.indices where groups[one] == groups[other] {
                    sum += Double(weights[one] * weights[other]) * term(one, other)
                }
            }
            return sum
        }

        func points(_ one: Int, _ other: Int) -> Double {
            abs(risks[one] - risks[other]) <= 1e-8 ? 0.5 : risks[one] > risks[other] ? 1 : 0
        }

        func isComparable(_ one: Int, _ other: Int) -> Bool {
            let (first, second) = (followUp.times[one], followUp.times[other])
            return followUp.events[one] && (first < second || first == second && !followUp.events[other])
        }
    }

    @Test(arguments: 1...60) func concordanceCountsEveryPairOfAGroup(seed: Int) throws {
        let made = try Made(seed)
        for tau in [nil, 7.0] {
            func factor(_ row: Int) -> Double {
                guard tau.map({ made.followUp.times[row] < $0 }) ?? true else { return 0 }
                let weight = made.censoring.weight(at: made.followUp.times[row]).value ?? 0
                return weight * weight
            }
            let all = made.pairs { made.isComparable($0, $1) ? factor($0) : 0 }
            let right = made.pairs { made.isComparable($0, $1) ? factor($0) * made.points($0, $1) : 0 }
            let uno = Concordance.uno(
                made.followUp,
                risks: made.risks,
                groups: made.groups,
                censoring: { _ in made.censoring },
                until: tau
            )
            expect(uno.value(made.weights), right, all)
        }
        let all = made.pairs { made.isComparable($0, $1) ? 1 : 0 }
        let right = made.pairs { made.isComparable($0, $1) ? made.points($0, $1) : 0 }
        let harrell = Concordance.harrell(made.followUp, risks: made.risks, groups: made.groups)
        expect(harrell.value(made.weights), right, all)
    }

    @Test(arguments: 1...60) func dynamicAreasCountEveryPairOfAGroup(seed: Int) throws {
        let made = try Made(seed)
        func weight(_ one: Int, _ other: Int) -> Double {
            guard made.followUp.times[one] <= 5, made.followUp.events[one], made.followUp.times[other] > 5 else {
                return 0
            }
            return made.censoring.weight(at: made.followUp.times[one]).value ?? 0
        }
        let area = DynamicAUC(made.followUp, risks: made.risks, at: 5, groups: made.groups) { _ in made.censoring }
        let right = made.pairs { weight($0, $1) * made.points($0, $1) }
        expect(area.value(made.weights), right, made.pairs(weight))
    }

    private func expect(_ found: Figure, _ right: Double, _ all: Double) {
        if all > 0 {
            #expect(found.value.map { matches($0, right / all) } ?? false)
        } else {
            #expect(found.value == nil)
        }
    }

    @Test func risksOfAnotherScaleInAnotherGroupChangeNothing() throws {
        let followUp = FollowUp(times: [1, 2, 3, 4], events: [true, true, true, true])
        let apart = Concordance.harrell(followUp, risks: [5, 100, 4, 99], groups: [0, 1, 0, 1])
        #expect(apart.value([1, 1, 1, 1]) == .success(1))
        #expect(Concordance.harrell(followUp, risks: [5, 100, 4, 99]).value([1, 1, 1, 1]) == .success(0.5))
    }

    @Test func withoutPairsThereIsNoFigure() throws {
        let tied = FollowUp(times: [3, 3, 1], events: [true, true, false])
        #expect(Concordance.harrell(tied, risks: [1, 2, 3]).value([1, 1, 1]).reason == "no two rows can be compared")
        #expect(Concordance.harrell(tied, risks: [1, .nan, 3]).value([1, 1, 1]).value == nil)
        let curve = try CensoringCurve.fitted(FollowUp(times: [1, 2], events: [false, true])).get()
        let beyond = Concordance.uno(FollowUp(times: [1, 5, 6], events: [true, true, false]), risks: [3, 2, 1]) { _ in
            curve
        }
        #expect(beyond.value([1, 1, 1]).reason?.contains("at 5.0") ?? false)
        let until = Concordance.uno(
            FollowUp(times: [1, 5, 6], events: [true, true, false]),
            risks: [3, 2, 1],
            censoring: { _ in curve },
            until: 2
        )
        #expect(until.value([1, 1, 1]) == .success(1))
        let early = DynamicAUC(tied, risks: [1, 2, 3], at: 4) { _ in curve }
        #expect(early.value([1, 1, 1]).value == nil)
    }
}
