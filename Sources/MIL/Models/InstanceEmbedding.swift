import Config
import Records
import Torch

/// The first layer of a model: instances `[N, D_in]` → `[N, D]` through a linear layer, its activation and, in training,
/// dropout; then, where a model has one, a re-embedding of the whole bag.
struct InstanceEmbedding {
    private let linear: Linear
    private let activation: Activation
    private let dropout: Double
    private let reembedding: RegionTransformer?

    init(
        _ linear: Linear,
        activation: Activation = .relu,
        dropout: Double = 0,
        reembedding: RegionTransformer? = nil
    ) {
        self.linear = linear
        self.activation = activation
        self.dropout = dropout
        self.reembedding = reembedding
    }

    var parameters: [Parameter] { linear.parameters + (reembedding?.parameters ?? []) }

    /// - Parameter draws: nil at test time, when nothing is dropped.
    func callAsFunction(_ features: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let dropout = try draws?.dropout(dropout, "dropout")
        let instances = try features.dense(linear, activation == .relu ? .relu : .gelu, dropout: dropout)
        return try reembedding.map { try $0(instances, draws) } ?? instances
    }

    /// What of a bag can be walked over block by block at test time, and what makes a block's instances of it: a re-embedding wants
    /// the whole bag first.
    func blockwise(_ features: Tensor) throws -> (rows: Tensor, instances: (Tensor) throws -> Tensor) {
        guard reembedding != nil else { return (features, { try self($0, nil) }) }
        return (try self(features, nil), { $0 })
    }
}
