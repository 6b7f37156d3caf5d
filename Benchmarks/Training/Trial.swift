import Config
import MIL
import Records
import Torch

/// One of our models with a bag of random features, ready for steps.
final class Trial {
    private let model: any MILModel
    private let optimiser: Adam
    private let features: Tensor
    private var steps = 0

    init(_ subject: Subject, features: Tensor) throws {
        self.features = features
        let config = try subject.config()
        let width = features.shape[1]
        model = try config.model(
            featureWidth: width,
            classes: 2,
            from: FreshParameters(CounterDraws(seed: 1, fold: 0)),
            on: features.device
        )
        let recipe = Recipe.published(for: config, featureWidth: width, classes: 2)
        let settings = Adam.Settings(weightDecay: recipe.weightDecay)
        optimiser =
            recipe.optimiser == .adamw
            ? try AdamW(model.trainable, learningRate: recipe.learningRate, settings: settings)
            : try Adam(model.trainable, learningRate: recipe.learningRate, settings: settings)
    }

    /// Features uniform in [−1, 1).
    static func features(_ size: BagSize, _ precision: DType, on device: Device = .cpu) throws -> Tensor {
        var random = CounterRandom(seed: 1, "features")
        let values = (0..<(size.count * size.width)).map { _ in Float(random.uniform(-1, 1)) }
        return try Tensor(values, shape: [size.count, size.width], on: device).to(precision)
    }

    func train() throws {
        let step = TrainingStep(draws: CounterDraws(seed: 1, fold: 0, epoch: 0, step: steps), progress: 0)
        steps += 1
        optimiser.dropGrads()
        let loss = try model.trainingLoss(features, target: .class(1), step)
        try loss.total.backward()
        try optimiser.step()
        try model.finish(step)
        _ = try loss.total.item()
    }

    func infer() throws { _ = try withoutGrad { try model(features).logits.floats() } }
}

/// GFLOP/s of the first layer's product on this core or GPU, by precision: what no model can pass.
struct Ceilings {
    private var rates: [DType: Double] = [:]

    init(_ size: BagSize, on device: Device) throws {
        let shape = BagSize(count: min(size.count, 10_000), width: size.width)
        for precision in [DType.float32, .bfloat16] {
            let features = try Trial.features(shape, precision, on: device)
            let weight = try Trial.features(BagSize(count: 512, width: size.width), precision, on: device)
            _ = try features.linear(weight)
            // On a GPU many at once, of which the last is waited for.
            let times = try (0..<7).map { _ in
                if device == .cpu { return try timed { _ = try features.linear(weight) } }
                let start = ContinuousClock.now
                for _ in 0..<20 { _ = try features.linear(weight) }
                _ = try features.linear(weight).narrow(dim: 0, start: 0, length: 1).sum(dim: 1).floats()
                return (ContinuousClock.now - start) / .seconds(1) / 21
            }
            rates[precision] = 2 * Double(shape.count) * Double(size.width) * 512 / median(times) / 1e9
        }
    }

    subscript(precision: DType) -> Double { rates[precision] ?? .nan }
}
