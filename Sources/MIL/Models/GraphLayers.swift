import Config
import Torch

/// What WiKG (Li et al., CVPR 2024, section 3) makes of instances once their neighbours are known: they gather by knowledge-aware attention,
/// become one with what they gather, and have a logit of the attention that pools them.
///
/// As in the authors' code, and other than in their equations, how much an instance wants of a neighbour is the product of two sums, of
/// the neighbour's tail and of the gate between both, and not the sum of products.
struct GraphLayers {
    private let aggregation: WiKGConfig.Aggregation
    /// One layer, or those of the sum and of the product.
    private let mixing: [Linear]
    /// nil: the mean.
    private let attention: (hidden: Linear, logit: Linear)?

    init(_ config: WiKGConfig, from source: some ParameterSource, on device: Device) throws {
        let width = config.hidden
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            try source.linear(name, inputs: inputs, outputs: outputs, on: device)
        }
        aggregation = config.aggregation
        mixing =
            switch aggregation {
            case .biInteraction: [try linear("linear1", width, width), try linear("linear2", width, width)]
            case .gcn: [try linear("linear", width, width)]
            case .sage: [try linear("linear", 2 * width, width)]
            }
        switch config.pooling {
        case .attention:
            let hidden = max(1, width / 2)
            attention = (
                try linear("readout.gate_nn.0", width, hidden), try linear("readout.gate_nn.2", hidden, 1)
            )
        case .mean: attention = nil
        }
    }

    var parameters: [Parameter] {
        mixing.flatMap(\.parameters) + (attention.map { $0.hidden.parameters + $0.logit.parameters } ?? [])
    }

    /// - Parameters:
    ///   - heads: `[n, D]`.
    ///   - near: of each instance the tails of its neighbours, one instance's below the other's `[n · k, D]`.
    /// - Returns: instances `[n, D]`, and their logits in the pooling's attention `[1, n]`.
    func callAsFunction(_ heads: Tensor, _ near: Tensor, _ dropout: Dropout?) throws -> (
        instances: Tensor, logits: Tensor
    ) {
        let mixed = try mixed(heads, gathered(heads, near.reshape([heads.shape[0], -1, heads.shape[1]])))
        let instances = try dropout.map { try mixed.dropout($0) } ?? mixed
        guard let attention else {
            return (instances, try Tensor.zeros([1, heads.shape[0]], on: heads.device))
        }
        return (instances, try attention.logit(attention.hidden(instances).leakyRelu()).transpose(0, 1))
    }

    /// Heads `[n, D]` and tails `[n, k, D]` → what each instance gathers `[n, D]`.
    private func gathered(_ heads: Tensor, _ tails: Tensor) throws -> Tensor {
        let scale = 1 / Double(heads.shape[1]).squareRoot()
        let likeness = try tails.bmm((heads * scale).unsqueeze(2)).softmax(dim: 1)
        // An edge has of the tail as much as the tail is like the head, of the head the rest; the gate is between it and the head.
        let gate = try (likeness * tails + (2 - likeness) * heads.unsqueeze(1)).tanh()
        let wanted = try tails.sum(dim: 2) * gate.sum(dim: 2)
        return try wanted.softmax(dim: 1).unsqueeze(1).bmm(tails).squeeze(1)
    }

    private func mixed(_ heads: Tensor, _ gathered: Tensor) throws -> Tensor {
        switch aggregation {
        case .biInteraction:
            let sum = try mixing[0](heads + gathered).leakyRelu()
            return try sum + mixing[1](heads * gathered).leakyRelu()
        case .gcn: return try mixing[0](heads + gathered).leakyRelu()
        case .sage: return try mixing[0](Tensor.concatenated([heads, gathered], dim: 1)).leakyRelu()
        }
    }
}
