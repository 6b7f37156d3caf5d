import Config
import Records
import Torch

/// What each instance adds to a bag's outputs, with the attention to it held fixed.
struct Contributions {
    /// `[O, N]`: over the instances they sum to the outputs less the bias.
    var values: Tensor
    /// Of each output what no instance has brought.
    var bias: [Float]

    /// - Parameters:
    ///   - shares: how much of each output's bag an instance is: `[1, N]` for all outputs or `[O, N]`.
    ///   - scores: `[O, N]`, what the classifier without its bias makes of each instance alone.
    init(shares: Tensor, scores: Tensor, bias: [Float]) throws {
        (values, self.bias) = (try shares * scores, bias)
    }
}

/// A model whose outputs are linear in its instances once attention is held: a sum over the bag, and a bias.
protocol LinearlyPooled: MILModel {
    /// At test time.
    func contributions(_ features: Tensor) throws -> Contributions
}

extension InstanceEmbedding {
    /// Of a whole bag at test time: attention `[K, N]`, which sums to 1 in each row, and the scores `[O, N]` of `weight` `[O, D]`.
    func pooled(_ features: Tensor, by attention: GatedAttention?, scoredBy weight: Tensor) throws -> (
        shares: Tensor, scores: Tensor
    ) {
        let (rows, embedded) = try blockwise(features)
        let seen = try Blockwise.joined(rows, dim: 1) { block in
            let instances = try embedded(block)
            let scores = try instances.scores(weight)
            return try attention.map { try Tensor.concatenated([$0(instances, nil), scores], dim: 0) } ?? scores
        }
        let heads = seen.shape[0] - weight.shape[0]
        let scores = try seen.narrow(dim: 0, start: heads, length: weight.shape[0])
        guard heads > 0 else {
            return (try Tensor.full([1, 1], value: 1 / Double(features.shape[0]), on: features.device), scores)
        }
        return (try seen.narrow(dim: 0, start: 0, length: heads).softmax(dim: 1), scores)
    }
}

extension Linear {
    /// Of each output; 0 without one.
    func biases() throws -> [Float] {
        try bias?.tensor.floats() ?? [Float](repeating: 0, count: weight.tensor.shape[0])
    }
}

extension MHIM: LinearlyPooled where Host: LinearlyPooled {
    func contributions(_ features: Tensor) throws -> Contributions { try student.contributions(features) }
}

extension MILModel {
    /// Rows `[O, N]` of an explanation, and what of each output is in no patch.
    /// - Throws: `Failure` for a model that cannot be explained so, which is refused before any work.
    func explained(_ features: Tensor, by explanation: Explanation) throws -> Contributions {
        switch explanation {
        case .contribution:
            guard let model = self as? any LinearlyPooled else {
                throw Failure(.bug, nil, "a model that does not pool linearly is asked for contributions")
            }
            return try model.contributions(features)
        }
    }
}

extension Readout {
    /// What an output is multiplied with and what is added, where people think in another unit than the model.
    var outputScale: (factor: Double, offset: Double) {
        if case .number(let scale) = self { (scale.sd, scale.mean) } else { (1, 0) }
    }
}
