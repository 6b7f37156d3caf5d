import Foundation
import Testing

@testable import MIL

/// score_i = frac(0.61803398875 · i), i from 1.
private func goldenRatio(_ range: ClosedRange<Int>) -> [Float] {
    range.map { Float((0.61803398875 * Double($0)).truncatingRemainder(dividingBy: 1)) }
}

private let scores = goldenRatio(1...20)
private let draws = CounterDraws(seed: 3, fold: 0, epoch: 0, step: 0)

private func masking(
    random: Double = 0,
    low: Double = 0,
    high: Double = 0,
    share: Double = 1,
    decays: Bool = false
) -> InstanceMasking {
    var masking = InstanceMasking()
    (masking.random, masking.low, masking.high) = (random, low, high)
    (masking.highShare, masking.highDecays) = (share, decays)
    return masking
}

private func masked(_ masking: InstanceMasking, _ scores: [[Float]] = [scores], at progress: Double = 0) throws -> [Int]
{
    let kept = Set(try masking.kept(scores, progress: progress, draws))
    return scores[0].indices.filter { !kept.contains($0) }
}

@Suite struct InstanceMaskingTests {
    @Test func theHighestAndTheLowestAreMaskedAndTheirUnion() throws {
        #expect(try masked(masking(high: 0.1)) == [7, 15])
        #expect(try masked(masking(low: 0.3)) == [1, 4, 9, 12, 14, 17])
        #expect(try masked(masking(low: 0.3, high: 0.1)) == [1, 4, 7, 9, 12, 14, 15, 17])
    }

    @Test func theKeptAreTheOthersInTheirOwnOrder() throws {
        let kept = try masking(low: 0.3, high: 0.1).kept([scores], progress: 0, draws)
        #expect(kept == [0, 2, 3, 5, 6, 8, 10, 11, 13, 16, 18, 19])
    }

    @Test(arguments: [(0.1, 0.5, 18), (0.1, 0.05, 18), (0.3, 0.5, 14), (1, 0.5, 1)])
    func aShareOfMoreOfTheHighestIsMaskedAtRandom(ratio: Double, share: Double, keeps: Int) throws {
        let found = try masked(masking(high: ratio, share: share))
        #expect(20 - found.count == keeps)
        let pool = StableRanking().first(Int((20 * min(1, ratio / share)).rounded(.up)), of: scores, largest: true)
        #expect(Set(found).isSubset(of: pool))
    }

    @Test func anotherStepMasksOthersOfTheHighest() throws {
        let several = try (0..<20).map { step in
            let draws = CounterDraws(seed: 3, fold: 0, epoch: 0, step: step)
            return try masking(high: 0.1, share: 0.5).kept([scores], progress: 0, draws)
        }
        #expect(Set(several).count > 3)
    }

    @Test func randomMasksReachAllInstancesEquallyOften() throws {
        var times = [Int](repeating: 0, count: 20)
        for step in 0..<2000 {
            let draws = CounterDraws(seed: 3, fold: 0, epoch: 0, step: step)
            let kept = Set(try masking(random: 0.5).kept([scores], progress: 0, draws))
            #expect(kept.count == 10)
            for index in 0..<20 where !kept.contains(index) { times[index] += 1 }
        }
        // Five standard deviations of a fair coin's 2000 throws.
        #expect(times.allSatisfy { abs(Double($0) - 1000) < 5 * (2000 * 0.25).squareRoot() })
    }

    /// Counts follow the double-precision product, which may lie just above a whole number.
    @Test(arguments: [
        (100, 0.01, 1), (100, 0.02, 2), (100, 0.07, 8), (100, 0.29, 29), (1000, 0.001, 1), (30, 0.1, 3), (70, 0.1, 7),
        (110, 0.1, 11), (10, 0.3, 3), (10, 0.06, 1),
    ])
    func countsAreRoundedUp(count: Int, ratio: Double, wanted: Int) throws {
        let scores = [goldenRatio(1...count)]
        #expect(try masked(masking(low: ratio), scores).count == wanted)
        #expect(try masked(masking(high: ratio), scores).count == wanted)
    }

    @Test func everyStrategyRanksAllInstancesMaskedAlreadyOrNot() throws {
        let unions = try masking(low: 0.9, high: 0.2).unions([scores], progress: 0, draws)
        #expect(unions.map { $0.count { $0 } } == [18, 20])
        let random = try masking(random: 0.5, low: 0.3, high: 0.1).unions([scores], progress: 0, draws)
        #expect(random.count == 3)
        for (before, after) in zip(random, random.dropFirst()) {
            #expect(zip(before, after).allSatisfy { !$0 || $1 })
        }
    }

    private static let heads = (0..<3).map { goldenRatio((1 + 3 * $0)...(10 + 3 * $0)) }

    @Test func headsVoteAndTheMostVotedAreMasked() throws {
        #expect(try masked(masking(high: 0.3), Self.heads) == [2, 4, 7])
    }

    @Test func forLowScoresTooTheMostVotesDecide() throws {
        // By hand: the heads' three lowest are {1, 4, 9}, {1, 6, 9} and {3, 6, 8}, so 1, 6 and 9 have two votes each.
        #expect(try masked(masking(low: 0.3), Self.heads) == [1, 6, 9])
    }

    @Test func equalVotesGoToTheFirstInstance() throws {
        let heads: [[Float]] = [[9, 0, 0, 0], [0, 0, 0, 9], [0, 0, 9, 0]]
        #expect(try masked(masking(high: 0.25), heads) == [0])
        #expect(StableRanking().first(3, of: [1, 2, 2, -0.0, 0, 2], largest: true) == [1, 2, 5])
        #expect(StableRanking().first(3, of: [1, 2, -3, 0, -0.0, 2], largest: false) == [2, 3, 4])
    }

    @Test func theHighestShareFallsByHalfACosineAndNeverToNothing() throws {
        let decaying = masking(high: 0.01, decays: true)
        let iterations = 200.0 * 266
        #expect(decaying.high(at: 0) == 0.01)
        for (iteration, wanted) in [(1.0, 0.00999999999128), (266, 0.00999938316241), (26_600, 0.005)] {
            #expect(abs(decaying.high(at: iteration / iterations) - wanted) < 1e-14)
        }
        let last = decaying.high(at: 53_199 / iterations)
        #expect(abs(last / 8.71799243907e-12 - 1) < 1e-4)
        #expect(try masked(decaying, at: 53_199 / iterations) == [7])
        #expect(masking(high: 0.01).high(at: 0.9) == 0.01)
    }

    @Test(arguments: [1, 2, 5])
    func theStudentNeverGetsAnEmptyBag(count: Int) throws {
        let kept = try masking(low: 1, high: 1).kept([goldenRatio(1...count)], progress: 0, draws)
        #expect(kept == [0])
        #expect(
            try !masking(random: 0.99, low: 0.5, high: 0.5).kept([goldenRatio(1...count)], progress: 0, draws).isEmpty
        )
    }

    @Test func withoutMasksAllIsKeptAndNothingIsDrawn() throws {
        #expect(try masking().kept([scores], progress: 0, NoDraws()) == Array(0..<20))
    }
}
