public import Config
import Records
public import Torch

/// ACMIL with multi-head attention (Zhang et al., ECCV 2024): every branch is a cross-attention block of its own, with
/// one learned query and several heads; masking draws for every head alone.
///
/// The bag's block pools by the mean of the branches' attention, head by head; its classifier alone decides at test time.
/// Parameter names are those of the authors' checkpoints.
public struct MultiHeadACMIL: BranchModel {
    private struct Branch {
        let attention: QueryAttention
        let pooling: ValuePooling
        let classifier: Linear
    }

    private let heads: Int
    /// `[1, K, D]`
    private let queries: Parameter
    private let embedding: InstanceEmbedding
    private let branches: [Branch]
    private let bagPooling: ValuePooling
    private let bagClassifier: Linear
    private let masking: STKIM

    /// - Throws: `ConfigError` where the heads cannot divide the width.
    public init(
        _ config: ACMILConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let (count, width) = (config.branches, try config.width(featureWidth: featureWidth))
        heads = config.heads
        let shape = [1, count, width]
        queries = try Parameter(
            "q",
            source.values("q", shape: shape, .normal(deviation: 1e-6)),
            shape: shape,
            on: device
        )
        embedding = InstanceEmbedding(
            try source.linear("dimreduction.fc1", inputs: featureWidth, outputs: width, bias: false, on: device),
            reembedding: try config.reembedding.map {
                try RegionTransformer($0, width: width, from: source, on: device)
            }
        )
        func pooling(_ name: String) throws -> ValuePooling {
            try ValuePooling(name, width: width, heads: config.heads, dropout: config.dropout, from: source, on: device)
        }
        let blocks = try (0..<count).map { branch in
            let name = "sub_attention.\(branch)"
            let attention = try QueryAttention(name, width: width, heads: config.heads, from: source, on: device)
            return (attention: attention, pooling: try pooling(name))
        }
        bagPooling = try pooling("bag_attention")
        branches = try blocks.enumerated().map { branch, block in
            let classifier = try source.linear("classifier.\(branch).fc", inputs: width, outputs: classes, on: device)
            return Branch(attention: block.attention, pooling: block.pooling, classifier: classifier)
        }
        bagClassifier = try source.linear("Slide_classifier.fc", inputs: width, outputs: classes, on: device)
        masking = STKIM(instances: config.maskedPatches, drop: config.maskDrop)
    }

    public var parameters: [Parameter] {
        [queries] + embedding.parameters + branches.flatMap { $0.attention.parameters + $0.pooling.parameters }
            + bagPooling.parameters + branches.flatMap(\.classifier.parameters) + bagClassifier.parameters
    }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let query = try query()
        let (rows, embedded) = try embedding.blockwise(features)
        let (logits, pools) = try Blockwise.pooled(rows) { block in
            let instances = try embedded(block)
            return (try instances.scores(query.weight, query.bias), instances)
        }
        let pooled = try pools.reshape([branches.count, heads, pools.shape[1]])
        let attention = try logits.reshape([branches.count, heads, logits.shape[1]]).transpose(0, 1)
        return BagOutput(
            logits: try bagClassifier(bagPooling(pooled.mean(dim: 0), nil)),
            attention: attention
        )
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        try forward(features, draws: step.draws).loss(target: target)
    }

    func forward(_ features: Tensor, draws: (any Draws)?) throws -> BranchPass {
        let instances = try embedding(features, draws)
        let logits = try attention(instances, draws)
        let (count, width) = (instances.shape[0], instances.shape[1])
        // All heads of all branches pool the same instances: one product.
        let rows = try logits.reshape([branches.count * heads, count])
        let pooled = try instances.pooled(by: rows).reshape([branches.count, heads, width])
        let branchLogits = try branches.enumerated().map { index, branch in
            try branch.classifier(branch.pooling(pooled.select(dim: 0, index: index), draws))
        }
        let bag = try bagPooling(pooled.mean(dim: 0), draws)
        return BranchPass(
            instances: instances,
            attention: try logits.transpose(0, 1),
            branchLogits: try Tensor.concatenated(branchLogits, dim: 0),
            bagLogits: try bagClassifier(bag)
        )
    }

    /// All branches' queries as one layer from instances to logits: `[K · heads, D]` and its bias.
    private func query() throws -> (weight: Tensor, bias: Tensor) {
        let width = queries.tensor.shape[2]
        let folded = try branches.enumerated().map { index, branch in
            try branch.attention.folded(queries.tensor.narrow(dim: 1, start: index, length: 1).reshape([1, width]))
        }
        return (
            try Tensor.concatenated(folded.map(\.weight), dim: 0),
            try Tensor.concatenated(folded.compactMap(\.bias), dim: 0)
        )
    }

    /// Instances `[N, D]` → logits `[K, heads, N]`; masked if there are draws.
    private func attention(_ instances: Tensor, _ draws: (any Draws)?) throws -> Tensor {
        let query = try query()
        let logits = try instances.scores(query.weight, query.bias)
            .reshape([branches.count, heads, instances.shape[0]])
        guard let draws else { return logits }
        let masked = try branches.indices.map { branch in
            try masking(logits.select(dim: 0, index: branch), name: "stkim.\(branch)", draws)
        }
        return try Tensor.stacked(masked, dim: 0)
    }
}
