import Config
import Records
import Torch

/// The first layer of a model: instances `[N, D_in]` → `[N, D]` through a linear layer, its activation and, in training,
/// dropout.
struct InstanceEmbedding {
    private let linear: Linear
    private let activation: Activation
    private let dropout: Double

    init(_ linear: Linear, activation: Activation = .relu, dropout: Double = 0) {
        self.linear = linear
        self.activation = activation
        self.dropout = dropout
    }

    var parameters: [Parameter] { linear.parameters }

    /// - Parameter draws: nil at test time, when nothing is dropped.
    func callAsFunction(_ features: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let dropout = try draws?.dropout(dropout, "dropout")
        return try features.dense(linear, activation == .relu ? .relu : .gelu, dropout: dropout)
    }
}
