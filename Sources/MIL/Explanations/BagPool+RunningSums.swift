import Evaluation
import Torch

extension BagPool {
    /// What of a bag `[N, D_in]` the outputs of any part of it follow from; nil where an instance is made of more than its own patch, and
    /// where outputs share several rows of attention unevenly.
    func runningSums(_ features: Tensor) throws -> RunningSums? {
        guard !embedding.mixesPatches, let pooling = RunningSums.Heads(mix) else { return nil }
        let (logits, scores) = try embedding.seen(features, by: attention, scoredBy: weight)
        return RunningSums(
            attention: try logits?.floats() ?? Array(repeating: 0, count: features.shape[0]),
            scores: try scores.floats(),
            bias: bias,
            pooling: pooling
        )
    }
}

extension RunningSums.Heads {
    /// - Parameter mix: how much of each row of attention an output's bag is made by, `[O][K]`.
    fileprivate init?(_ mix: [[Float]]) {
        let even = mix.first?.first ?? 1
        if mix.allSatisfy({ $0.allSatisfy { $0 == even } }) {
            self = .mean
            return
        }
        let own = mix.filter { row in row.count { $0 != 0 } == 1 }.compactMap { $0.firstIndex(of: 1) }
        guard own.count == mix.count else { return nil }
        self = .own(own)
    }
}

extension WeighedPooling {
    /// For a model that pools instances which know nothing of each other: what of a bag its parts' outputs follow from, at test time, in
    /// one pass over the whole.
    func runningSums(_ features: Tensor) throws -> RunningSums? { try pool()?.runningSums(features) }
}
