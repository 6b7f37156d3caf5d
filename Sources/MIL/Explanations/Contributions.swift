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

    /// - Parameters:
    ///   - critical: of each output the one instance that it is made of.
    ///   - scores: `[O, N]`
    init(all critical: [Int], scores: Tensor, bias: [Float]) throws {
        let count = scores.shape[1]
        var shares = [Float](repeating: 0, count: critical.count * count)
        for (output, row) in critical.enumerated() { shares[output * count + row] = 1 }
        try self.init(
            shares: Tensor(shares, shape: [critical.count, count], on: scores.device),
            scores: scores,
            bias: bias
        )
    }
}

/// A model whose outputs, or those of one of its streams, are linear in its instances once attention is held: a sum over the bag, and a
/// bias.
protocol LinearlyPooled: MILModel {
    /// At test time.
    func contributions(_ features: Tensor) throws -> Contributions

    /// The outputs of the bags that each patch alone is, `[O, N]`, in one walk over the bag; nil where a bag of one patch has to be run.
    func alone(_ features: Tensor) throws -> Tensor?
}

/// A linearly pooled model whose weights are attention, or even.
protocol WeighedPooling: LinearlyPooled {
    /// nil where a config makes the model pool otherwise.
    func pool() throws -> BagPool?
}

extension WeighedPooling {
    func contributions(_ features: Tensor) throws -> Contributions {
        guard let pool = try pool() else {
            throw Failure(.bug, nil, "a model that does not pool linearly is asked for contributions")
        }
        return try pool.contributions(features)
    }

    func alone(_ features: Tensor) throws -> Tensor? { try pool()?.alone(features) }
}

extension MHIM: LinearlyPooled where Host: WeighedPooling {}

extension MHIM: WeighedPooling where Host: WeighedPooling {
    func pool() throws -> BagPool? { try student.pool() }
}

/// The test-time pass of a model that weighs its instances: outputs = mix · softmax(attention) over weight · instances, and bias.
struct BagPool {
    var embedding: InstanceEmbedding
    /// Of K rows; nil: all instances weigh the same, as one row.
    var attention: GatedAttention?
    /// `[O, D]`
    var weight: Tensor
    /// `[O]`
    var bias: [Float]
    /// How much of each row of attention an output's bag is made by, `[O][K]`.
    var mix: [[Float]]

    /// - Parameters:
    ///   - classifiers: whose outputs stand one behind the other.
    ///   - mix: nil: every output's bag is made by the one row of attention.
    init(_ embedding: InstanceEmbedding, _ attention: GatedAttention?, _ classifiers: [Linear], mix: [[Float]]? = nil)
        throws
    {
        (self.embedding, self.attention) = (embedding, attention)
        weight = try withoutGrad { try Tensor.concatenated(classifiers.map(\.weight.tensor), dim: 0) }
        bias = try classifiers.flatMap { try $0.biases() }
        self.mix = mix ?? bias.map { _ in [1] }
    }

    func contributions(_ features: Tensor) throws -> Contributions {
        let (rows, scores) = try embedding.pooled(features, by: attention, scoredBy: weight)
        let shape = [mix.count, mix.first?.count ?? 1]
        let shares = try Tensor(mix.flatMap { $0 }, shape: shape, on: features.device).matmul(rows)
        return try Contributions(shares: shares, scores: scores, bias: bias)
    }

    /// A bag of one patch is that patch, whatever attention it gets.
    func alone(_ features: Tensor) throws -> Tensor? { try embedding.alone(features, scoredBy: weight, bias) }

    /// The rows `[K, D]` that make a margin of what each row of attention has pooled, and the part of it that is in no patch.
    func rows(of margin: Margin) throws -> (rows: Tensor, bias: Double) {
        let count = mix.first?.count ?? 1
        let shares = (0..<count).flatMap { row in
            mix.indices.map { Float(margin.weights[$0]) * mix[$0][row] }
        }
        let factors = try Tensor(shares, shape: [count, mix.count], on: weight.device)
        return (try withoutGrad { try factors.matmul(weight) }, margin(bias.map { Double($0) }))
    }
}

extension InstanceEmbedding {
    /// Of a whole bag at test time: attention `[K, N]`, which sums to 1 in each row, and the scores `[O, N]` of `weight` `[O, D]`.
    func pooled(_ features: Tensor, by attention: GatedAttention?, scoredBy weight: Tensor) throws -> (
        shares: Tensor, scores: Tensor
    ) {
        let (logits, scores) = try seen(features, by: attention, scoredBy: weight)
        let even = 1 / Double(features.shape[0])
        return (try logits?.softmax(dim: 1) ?? Tensor.full([1, 1], value: even, on: features.device), scores)
    }

    /// The same with attention before the softmax; nil where all instances weigh the same.
    func seen(_ features: Tensor, by attention: GatedAttention?, scoredBy weight: Tensor) throws -> (
        logits: Tensor?, scores: Tensor
    ) {
        let (rows, embedded) = try blockwise(features)
        let seen = try Blockwise.joined(rows, dim: 1) { block in
            let instances = try embedded(block)
            let scores = try instances.scores(weight)
            return try attention.map { try Tensor.concatenated([$0(instances, nil), scores], dim: 0) } ?? scores
        }
        let heads = seen.shape[0] - weight.shape[0]
        let scores = try seen.narrow(dim: 0, start: heads, length: weight.shape[0])
        return (heads > 0 ? try seen.narrow(dim: 0, start: 0, length: heads) : nil, scores)
    }

    /// The scores with the bias, `[O, N]`; nil where an instance is made of more than its own patch.
    func alone(_ features: Tensor, scoredBy weight: Tensor, _ bias: [Float]) throws -> Tensor? {
        guard !mixesPatches else { return nil }
        return try pooled(features, by: nil, scoredBy: weight).scores
            + Tensor(bias, shape: [bias.count, 1], on: features.device)
    }
}

extension Linear {
    /// Of each output; 0 without one.
    func biases() throws -> [Float] {
        try bias?.tensor.floats() ?? [Float](repeating: 0, count: weight.tensor.shape[0])
    }
}

extension Readout {
    /// What an output is multiplied with and what is added, where people think in another unit than the model.
    var outputScale: (factor: Double, offset: Double) {
        if case .number(let scale) = self { (scale.sd, scale.mean) } else { (1, 0) }
    }
}
