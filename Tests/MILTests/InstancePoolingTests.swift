import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Files
@testable import MIL

/// One layer that keeps the features, and one that makes them logits: class 0 gets the first, class 1 the second.
private struct Identity: ParameterSource {
    func values(_ name: String, shape: [Int], _ first: FirstValues) -> [Float] {
        guard shape.count == 2 else { return Array(repeating: 0, count: shape[0]) }
        return (0..<shape[0]).flatMap { row in (0..<shape[1]).map { row == $0 ? 1 : 0 } }
    }
}

private func model(_ kind: PoolingConfig.Kind, dropout: Double = 0.25) throws -> InstancePooling {
    var config = PoolingConfig(kind)
    (config.hidden, config.dropout) = (2, dropout)
    return try InstancePooling(config, featureWidth: 2, classes: 2, from: Identity())
}

private func bag() throws -> Tensor { try Tensor([1, 5, 3, -2, 2, 0, 0, 4], shape: [4, 2]) }

@Suite struct InstancePoolingTests {
    @Test func theMeanOfTheInstancesLogitsIsTheBags() throws {
        let model = try model(.mean)
        let output = try model(bag())
        // Rectified: 1 + 3 + 2 + 0 and 5 + 0 + 0 + 4, over 4.
        #expect(try output.logits.floats() == [1.5, 2.25])
        #expect(try output.rows().floats() == [0.25, 0.25, 0.25, 0.25])
    }

    @Test func theMaximumOfEveryClassIsTheBags() throws {
        let model = try model(.max)
        let output = try model(bag())
        #expect(try output.logits.floats() == [3, 5])
        #expect(agree(try output.rows().floats(), [0.5, 0.5, 0, 0], 1e-6))
        #expect(try output.rows().floats().suffix(2) == [0, 0])
    }

    @Test func anInstanceThatWinsEveryClassHasAllTheAttention() throws {
        let model = try model(.max)
        let output = try model(Tensor([1, 1, 7, 8, 2, 3], shape: [3, 2]))
        #expect(try output.rows().floats() == [0, 1, 0])
    }

    @Test func onlyTheWinnersOfAMaximumLearn() throws {
        let model = try model(.max, dropout: 0)
        let loss = try model.trainingLoss(bag(), label: 1, draws: NoDraws())
        #expect(loss.terms.map(\.name) == ["bag"])
        // ln(1 + e^(3 − 5))
        #expect(agree([try loss.total.item()], [0.126928]))
        try loss.total.backward()
        let grad = try #require(try model.parameters[0].tensor.grad).floats()
        // p = 0.1192029: class 0 learns from instance 1, whose second feature is rectified away, class 1 from instance 0.
        #expect(agree(grad, [0.3576087, -0.2384058, -0.1192029, -0.5960146]))
    }

    @Test func dropoutIsForTrainingOnly() throws {
        let model = try model(.mean, dropout: 0.5)
        let losses = try (0..<8).map {
            try model.trainingLoss(bag(), label: 1, draws: CounterDraws(seed: 0, fold: 0, epoch: 0, step: $0)).total
                .item()
        }
        #expect(Set(losses).count > 1)
        #expect(try model(bag()).logits.floats() == [1.5, 2.25])
    }

    @Test func aNewModelBeginsWithXaviersWeightsAndNoBias() throws {
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let model = try InstancePooling(PoolingConfig(.mean), featureWidth: 384, classes: 2, from: fresh)
        #expect(model.parameters.map(\.tensor.shape) == [[128, 384], [128], [2, 128], [2]])
        let weight = try model.parameters[0].tensor.floats()
        let square = weight.map { Double($0 * $0) }.reduce(0, +) / Double(weight.count)
        #expect(abs(square - 2.0 / 512) < 1e-4)
        #expect(try model.parameters[1].tensor.floats().allSatisfy { $0 == 0 })
    }
}
