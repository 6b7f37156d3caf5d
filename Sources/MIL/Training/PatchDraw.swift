import Config
import Records
import Torch

/// A part of a bag's patches, drawn without replacement; the order of the bag stays.
struct PatchDraw {
    /// At most.
    let count: Int

    /// - Parameters:
    ///   - features: `[N, D]`.
    ///   - name: bags of one step are drawn from apart.
    /// - Returns: `[min(N, count), D]`.
    func callAsFunction(
        _ features: Tensor,
        _ draws: any Draws,
        _ name: String = "patches of the step"
    ) throws -> Tensor {
        let rows = features.shape[0]
        guard rows > count else { return features }
        return try features.indexSelect(dim: 0, draws.permutation(name, rows).prefix(count).sorted())
    }
}

/// How a model answers at test time where its recipe wants the mean of several draws.
struct TestDraws {
    private let draw: PatchDraw
    private let times: Int
    private let seed: UInt64
    private let fold: Int

    /// nil where the whole bag is taken.
    init?(_ recipe: Recipe, seed: UInt64, fold: Int) {
        guard let times = recipe.testDraws, let count = recipe.patchesPerStep else { return nil }
        draw = PatchDraw(count: count)
        (self.times, self.seed, self.fold) = (times, seed, fold)
    }

    /// The mean of the model's numbers over the draws, which depend on the bag's size alone beside seed and fold.
    /// - Parameter features: `[N, D]`.
    func logits(_ features: Tensor, by model: any MILModel) throws -> [Double] {
        guard features.shape[0] > draw.count else { return try model(features).logits.floats().map { Double($0) } }
        var sums: [Double] = []
        for time in 0..<times {
            let draws = CounterDraws(seed: seed, fold: fold, epoch: -1, step: time)
            let numbers = try model(draw(features, draws)).logits.floats().map { Double($0) }
            sums = sums.isEmpty ? numbers : zip(sums, numbers).map { $0 + $1 }
        }
        return sums.map { $0 / Double(times) }
    }
}

extension Optional where Wrapped == TestDraws {
    /// Of the whole bag where nothing is drawn.
    func logits(_ features: Tensor, by model: any MILModel) throws -> [Double] {
        try self?.logits(features, by: model) ?? model(features).logits.floats().map { Double($0) }
    }
}
