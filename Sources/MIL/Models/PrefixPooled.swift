import Evaluation
import Records
import Torch

/// A model that pools instances which know nothing of each other: the outputs of any part of a bag follow from one pass over the whole.
protocol PrefixPooled: MILModel {
    /// What of a bag `[N, D_in]` its parts' outputs follow from, at test time; nil where instances are embedded anew by their bag.
    func pooledBag(_ features: Tensor) throws -> PooledBag?
}

extension InstanceEmbedding {
    /// - Parameters:
    ///   - attention: nil where every instance counts alike.
    ///   - weight: of the classifier, `[O, D]`.
    ///   - bias: of each output.
    ///   - heads: by the place of each output that of its own attention; nil: outputs share the mean of all.
    func pooledBag(
        _ features: Tensor,
        by attention: GatedAttention?,
        scoredBy weight: Tensor,
        bias: [Float],
        heads: [Int]? = nil
    ) throws -> PooledBag? {
        guard !mixesPatches else { return nil }
        let seen = try Blockwise.joined(features, dim: 1) { block in
            let instances = try self(block, nil)
            let scores = try instances.scores(weight)
            return try attention.map { try Tensor.concatenated([$0(instances, nil), scores], dim: 0) } ?? scores
        }
        let (rows, count) = (seen.shape[0], seen.shape[1])
        let values = try seen.floats()
        let cut = (rows - weight.shape[0]) * count
        return PooledBag(
            attention: cut > 0 ? Array(values[..<cut]) : Array(repeating: 0, count: count),
            scores: Array(values[cut...]),
            bias: bias,
            pooling: heads.map { .own($0) } ?? .mean
        )
    }
}

extension ABMIL: PrefixPooled {}
extension ACMIL: PrefixPooled {}
extension AttentionHost: PrefixPooled {}
extension CLAM: PrefixPooled {}
extension InstancePooling: PrefixPooled {}

extension MHIM: PrefixPooled where Host: PrefixPooled {
    func pooledBag(_ features: Tensor) throws -> PooledBag? { try student.pooledBag(features) }
}
