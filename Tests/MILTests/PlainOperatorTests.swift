import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

/// A training step by LibTorch's own operators and gradients, as a GPU computes it, beside one by the CPU's loops.
@Suite struct PlainOperatorTests {
    private static let width = 24

    /// The terms of a first step's loss, and the gradient of each parameter that has one.
    private func step(_ config: ModelConfig, _ count: Int) throws -> (terms: [Float], gradients: [String: [Float]]) {
        let fresh = FreshParameters(CounterDraws(seed: 5, fold: 0))
        let model = try config.model(featureWidth: Self.width, classes: 3, from: fresh)
        var random = CounterRandom(seed: 7, "instances", count)
        let features = try Tensor(
            (0..<(count * Self.width)).map { _ in Float(random.uniform(-2, 2)) },
            shape: [count, Self.width]
        )
        let moment = TrainingStep(draws: CounterDraws(seed: 3, fold: 0, epoch: 0, step: 0), progress: 0.25)
        let loss = try model.trainingLoss(features, target: .class(1), moment)
        try loss.total.backward()
        var gradients: [String: [Float]] = [:]
        for parameter in model.trainable { gradients[parameter.name] = try parameter.tensor.grad?.floats() }
        return (try ([loss.total] + loss.terms.map(\.value)).map { try $0.item() }, gradients)
    }

    @Test(arguments: ModelConfig.Kind.allCases, [9, 130])
    func gradientsAreThoseOfTheLoops(kind: ModelConfig.Kind, count: Int) throws {
        let configs = ModelConfig.variants(of: kind)
        #expect(!configs.isEmpty)
        for config in configs {
            let loops = try step(config, count)
            let plain = try withPlainOperators { try step(config, count) }
            #expect(distance(plain.terms, loops.terms) < 1e-5, "\(config)")
            #expect(Set(plain.gradients.keys) == Set(loops.gradients.keys), "\(config)")
            #expect(loops.gradients.count > 1, "\(config)")
            let largest = loops.gradients.values.joined().map(abs).max() ?? 0
            #expect(largest > 1e-3, "\(config)")
            for (name, wanted) in loops.gradients {
                // Some gradients are 0 but for rounding, such as that of a number added to all logits: they are measured by the rest.
                let scale = max(wanted.map(abs).max() ?? 0, largest / 10)
                let found = try #require(plain.gradients[name])
                #expect(distance(found, wanted) <= 1e-5 * scale, "\(name) of \(config)")
            }
        }
    }
}
