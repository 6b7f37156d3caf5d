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
        return try features.indexSelect(dim: 0, self.rows(of: rows, draws, name))
    }

    /// The places of those that are drawn, rising.
    func rows(of all: Int, _ draws: any Draws, _ name: String = "patches of the step") throws -> [Int] {
        try draws.permutation(name, all).prefix(count).sorted()
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
            let numbers = try model(draw(features, draws(time))).logits.floats().map { Double($0) }
            sums = sums.isEmpty ? numbers : zip(sums, numbers).map { $0 + $1 }
        }
        return sums.map { $0 / Double(times) }
    }

    private func draws(_ time: Int) -> CounterDraws { CounterDraws(seed: seed, fold: fold, epoch: -1, step: time) }

    /// Of the same draws the mean of what each patch adds, which is nothing in a draw without it: with the mean bias these parts make the
    /// mean of the outputs.
    fileprivate func contributions(_ features: Tensor, of model: any LinearlyPooled) throws -> ExplainedBag {
        let count = features.shape[0]
        guard count > draw.count else { return try ExplainedBag(model.contributions(features)) }
        var mean = ExplainedBag(values: [], bias: [])
        for time in 0..<times {
            let rows = try draw.rows(of: count, draws(time))
            let part = try features.indexSelect(dim: 0, rows)
            let one = try ExplainedBag(model.contributions(part))
            if mean.bias.isEmpty {
                mean.bias = [Float](repeating: 0, count: one.bias.count)
                mean.values = [Float](repeating: 0, count: one.bias.count * count)
            }
            for (output, bias) in one.bias.enumerated() {
                mean.bias[output] += bias / Float(times)
                for (place, row) in rows.enumerated() {
                    mean.values[output * count + row] += one.values[output * rows.count + place] / Float(times)
                }
            }
        }
        return mean
    }
}

/// What each patch of a bag adds to each output of a model.
struct ExplainedBag {
    /// `[O, N]`, row by row.
    var values: [Float]
    /// `[O]`, what no patch has brought.
    var bias: [Float]

    fileprivate init(values: [Float], bias: [Float]) { (self.values, self.bias) = (values, bias) }

    fileprivate init(_ told: Contributions) throws { (values, bias) = (try told.values.floats(), told.bias) }
}

extension Optional where Wrapped == TestDraws {
    /// Of the whole bag where nothing is drawn.
    func logits(_ features: Tensor, by model: any MILModel) throws -> [Double] {
        try self?.logits(features, by: model) ?? model(features).logits.floats().map { Double($0) }
    }

    /// As the bag is answered: whole where nothing is drawn.
    /// - Throws: `Failure` for a model without contributions, which is refused before any work.
    func contributions(_ features: Tensor, of model: any MILModel) throws -> ExplainedBag {
        guard let model = model as? any LinearlyPooled else {
            throw Failure(.bug, nil, "a model that does not pool linearly is asked for contributions")
        }
        return try self?.contributions(features, of: model) ?? ExplainedBag(model.contributions(features))
    }

    /// The same of critical instances, of the whole bag.
    func criticalContributions(_ features: Tensor, of model: any MILModel) throws -> ExplainedBag {
        guard let model = model as? DSMIL else {
            throw Failure(.bug, nil, "a model without a stream of critical instances is asked for them")
        }
        return try ExplainedBag(model.criticalContributions(features))
    }
}
