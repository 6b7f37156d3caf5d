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

    /// Whether an instance holds something of other patches.
    var mixesPatches: Bool { reembedding != nil }

    /// - Parameter draws: nil at test time, when nothing is dropped.
    func callAsFunction(_ features: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let dropout = try draws?.dropout(dropout, "dropout")
        let instances = try features.dense(linear, activation == .relu ? .relu : .gelu, dropout: dropout)
        return try reembedding.map { try $0(instances, draws) } ?? instances
    }

    /// Relevance at what instances are made of each patch alone, brought back to the patches: rows `[K, D]` · instances `[N, D]`, each
    /// term times what of the layer's sum its inputs have brought and not the bias. The activation hands relevance on as it comes.
    func relevance(_ features: Tensor, _ rows: Tensor) throws -> (instances: Tensor, relevance: Tensor) {
        let sums = try features.dense(linear, .none)
        let instances = try activation == .relu ? sums.relu() : sums.gelu()
        // instances · (sums - bias) / sums, which a unit whose sum is near 0 leaves finite.
        let inputs = try linear.bias.map { try sums - $0.tensor } ?? sums
        let kept = try instances * (inputs * sums) / (sums.square() + 1e-12)
        return (instances, try kept.scores(rows))
    }

    /// What of a bag can be walked over block by block at test time, and what makes a block's instances of it: a re-embedding wants
    /// the whole bag first.
    func blockwise(_ features: Tensor) throws -> (rows: Tensor, instances: (Tensor) throws -> Tensor) {
        guard reembedding != nil else { return (features, { try self($0, nil) }) }
        return (try self(features, nil), { $0 })
    }
}
