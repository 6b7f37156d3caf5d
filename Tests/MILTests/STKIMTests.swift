import TestSupport
import Testing
import Torch

@testable import Evaluation
@testable import MIL

private func draws(_ step: Int) -> CounterDraws { CounterDraws(seed: 3, fold: 0, epoch: 0, step: step) }

@Suite struct STKIMTests {
    @Test(arguments: [
        (10, 0.6, 100, 6), (10, 0.29, 100, 2), (7, 0.6, 7, 4), (10, 0.6, 3, 1), (10, 0.6, 1, 0), (10, 0.7, 50, 7),
    ])
    func theNumberOfMaskedInstancesIsRoundedDown(top: Int, drop: Double, count: Int, masked: Int) throws {
        let masking = STKIM(instances: top, drop: drop)
        #expect(masking.maskedCount(of: count) == masked)
        let logits = try Tensor((0..<count).map { Float($0 * 7 % 11) }, shape: [1, count])
        #expect(try masking(logits, draws(0)).floats().count { $0 == -1e9 } == masked)
    }

    @Test func onlyTopInstancesAreMaskedAndEachEquallyOften() throws {
        let masking = STKIM(instances: 10, drop: 0.6)
        let values = (0..<40).map { Float(($0 * 17) % 40) }
        let logits = try Tensor(values, shape: [1, 40])
        var hits = [Int](repeating: 0, count: 40)
        for step in 0..<2000 {
            let masked = try masking(logits, draws(step)).floats()
            for index in 0..<40 where masked[index] == -1e9 { hits[index] += 1 }
        }
        for index in 0..<40 {
            if values[index] < 30 { #expect(hits[index] == 0) } else { #expect(abs(hits[index] - 1200) < 110) }
        }
    }

    @Test func rowsDrawIndependentSubsets() throws {
        let masking = STKIM(instances: 10, drop: 0.5)
        let logits = try Tensor(Array(repeating: (0..<30).map { Float($0) }, count: 4).flatMap { $0 }, shape: [4, 30])
        let masked = try masking(logits, draws(0)).floats()
        let rows = (0..<4).map { row in (0..<30).filter { masked[row * 30 + $0] == -1e9 } }
        #expect(Set(rows).count == 4)
        #expect(rows.allSatisfy { $0.count == 5 })
    }

    @Test func aSmallBagMaskedAsAWholeBecomesUniform() throws {
        let masking = STKIM(instances: 10, drop: 1)
        let masked = try masking(Tensor([3, -1, 0.5, 2], shape: [1, 4]), draws(0)).softmax(dim: 1).floats()
        #expect(masked == [0.25, 0.25, 0.25, 0.25])
    }

    @Test func aMaskedInstanceHasNoAttentionAndNoGradient() throws {
        let parameter = try Parameter("logits", [0.3, 0.9, 0.1, 0.5], shape: [1, 4])
        let masked = try STKIM(instances: 1, drop: 1)(parameter.tensor, draws(0))
        #expect(try masked.floats() == [0.3, -1e9, 0.1, 0.5])
        #expect(try parameter.tensor.floats() == [0.3, 0.9, 0.1, 0.5])
        let attention = try masked.softmax(dim: 1)
        #expect(try attention.floats()[1] == 0)
        try attention.square().sum().backward()
        let grad = try #require(try parameter.tensor.grad).floats()
        #expect(grad[1] == 0 && grad[0] != 0)
    }

    @Test func theRecordedNoiseChoosesThePositionsOfItsSmallestNumbers() throws {
        let masking = STKIM(instances: 4, drop: 0.5)
        let logits = try Tensor([5, 1, 7, 6, 4], shape: [1, 5])
        // Top 4 in order: 2, 3, 0, 4; the smallest noise stands at places 3 and 1.
        let draws = ReplayedDraws([([1, 4], [0.9, 0.2, 0.8, 0.1])])
        #expect(try masking(logits, draws).floats() == [5, 1, 7, -1e9, -1e9])
        #expect(draws.isExhausted)
    }

    @Test func ofEqualLogitsTheFirstCountAsLarger() throws {
        let masking = STKIM(instances: 2, drop: 1)
        #expect(try masking(Tensor([1, 2, 1, 2, 2], shape: [1, 5]), draws(0)).floats() == [1, -1e9, 1, -1e9, 2])
    }

    @Test func nothingIsDrawnWhereNothingIsMasked() throws {
        let logits = try Tensor([1, 2, 3], shape: [1, 3])
        #expect(try STKIM(instances: 0, drop: 0.6)(logits, NoDraws()).floats() == [1, 2, 3])
        #expect(try STKIM(instances: 1, drop: 0.6)(logits, NoDraws()).floats() == [1, 2, 3])
    }
}

@Suite struct DiversityTests {
    @Test func equalBranchesScoreOneAndDisjointOnesZero() throws {
        let equal = try Tensor([1, 2, 3, 1, 2, 3, 1, 2, 3], shape: [3, 3])
        #expect(agree([try attentionSimilarity(equal).item()], [1], 1e-6))
        let disjoint = try Tensor([0, -1e9, -1e9, -1e9, 0, -1e9, -1e9, -1e9, 0], shape: [3, 3])
        #expect(try attentionSimilarity(disjoint).item() == 0)
        // One equal pair of three.
        let mixed = try Tensor([0, -1e9, 0, -1e9, -1e9, 0], shape: [3, 2])
        #expect(agree([try attentionSimilarity(mixed).item()], [1.0 / 3], 1e-6))
    }
}

@Suite struct DrawsTests {
    @Test func aDrawIsAFunctionOfItsKeyAlone() {
        let key = CounterDraws(seed: 1, fold: 2, epoch: 3, step: 4)
        #expect(key.uniform("a", [3, 5]) == key.uniform("a", [3, 5]))
        #expect(key.uniform("a", [20]).allSatisfy { (0..<1).contains($0) })
        let others = [
            CounterDraws(seed: 2, fold: 2, epoch: 3, step: 4), CounterDraws(seed: 1, fold: 0, epoch: 3, step: 4),
            CounterDraws(seed: 1, fold: 2, epoch: 0, step: 4), CounterDraws(seed: 1, fold: 2, epoch: 3, step: 0),
            CounterDraws(seed: 1, fold: 2, epoch: 3), CounterDraws(seed: 1, fold: 2),
        ]
        #expect(Set(others.map { $0.uniform("a", [4]) } + [key.uniform("a", [4]), key.uniform("b", [4])]).count == 8)
        #expect(key.permutation("order", 50).sorted() == Array(0..<50))
    }
}
