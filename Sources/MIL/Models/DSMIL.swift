public import Config
import Records
public import Torch

/// Dual-stream MIL (Li, Li and Eliceiri, CVPR 2021), the host of MHIM (Tang et al., ICCV 2023).
///
/// One stream classifies every instance and takes each class's largest logit; where it stands is the class's critical
/// instance. The other attends to the instances by their likeness to the critical ones, and classifies the bag from what
/// it gathers for all classes. A prediction is the mean of both streams. Parameter names are those of MHIM's checkpoints,
/// less its `predictor`, which nothing uses with this host.
public struct DSMIL: MHIMHost, LinearlyPooled {
    let embedding: InstanceEmbedding
    private let instanceClassifier: Linear
    private let query: (first: Linear, second: Linear)
    private let value: Linear
    private let bagWeight: Parameter
    private let bagBias: Parameter
    private let mean: DSMILConfig.Mean
    /// Where no class is asked there are no probabilities to be averaged.
    var asksClasses = true
    /// Of several targets the outputs of the first, by which MHIM scores instances; nil: all.
    private var mainOutputs: Int?

    public init(
        _ config: DSMILConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        let (width, queryWidth) = (config.hidden, config.attentionHidden)
        mean = config.mean
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            try source.xavierLinear(name, inputs: inputs, outputs: outputs, on: device)
        }
        embedding = InstanceEmbedding(
            try linear("feature.0", featureWidth, width),
            activation: config.activation,
            dropout: config.dropout
        )
        instanceClassifier = try linear("online_encoder.i_classifier.0", width, classes)
        query = (
            try linear("online_encoder.b_classifier.q.0", width, queryWidth),
            try linear("online_encoder.b_classifier.q.2", queryWidth, queryWidth)
        )
        value = try linear("online_encoder.b_classifier.v.1", width, width)
        // A convolution as wide as its input.
        let convolution = "online_encoder.b_classifier.fcc"
        bagWeight = try source.convolution("\(convolution).weight", shape: [classes, classes, width], on: device)
        bagBias = try source.convolution("\(convolution).bias", shape: [classes], fanIn: classes * width, on: device)
    }

    mutating func ask(mainOutputs: Int, areClasses: Bool) { (self.mainOutputs, asksClasses) = (mainOutputs, false) }

    public var parameters: [Parameter] {
        embedding.parameters + [instanceClassifier, query.first, query.second, value].flatMap(\.parameters)
            + [bagWeight, bagBias]
    }

    /// Attention has one row per class.
    ///
    /// The critical instances are found in one walk over the bag and compared with all others in a second, so that no more
    /// than a block is ever held.
    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let instanceLogits = try Blockwise.joined(features, dim: 0) { try self.instanceLogits(embedding($0, nil)) }
        let critical = try critical(instanceLogits)
        let criticalQueries = try queries(embedding(features.indexSelect(dim: 0, critical.reshape([-1])), nil))
        let (attention, bag) = try Blockwise.pooled(features) { block in
            let tokens = try embedding(block, nil)
            return (try likeness(queries(tokens), criticalQueries), try tokens.dense(value, .relu))
        }
        let pass = try self.pass(instanceLogits, critical, attention: attention, bag: bag)
        return BagOutput(logits: try pass.logits, attention: attention, names: (0..<bag.shape[0]).map { "class_\($0)" })
    }

    /// Of the stream that attends, whose logits they make with the bias; where probabilities are averaged these have no part in one sum
    /// with the critical instances'.
    func contributions(_ features: Tensor) throws -> Contributions {
        let queries = try criticalQueries(features)
        let classes = queries.shape[0]
        // What each class's bag brings to each output.
        let rows = try bagWeight.tensor.reshape([classes * classes, -1])
        let seen = try Blockwise.joined(features, dim: 1) { block in
            let tokens = try embedding(block, nil)
            let scores = try tokens.dense(value, .relu).scores(rows)
            return try Tensor.concatenated([likeness(self.queries(tokens), queries), scores], dim: 0)
        }
        let shares = try seen.narrow(dim: 0, start: 0, length: classes).softmax(dim: 1).unsqueeze(0)
        let scores = try seen.narrow(dim: 0, start: classes, length: classes * classes)
            .reshape([classes, classes, features.shape[0]])
        let parts = try (shares * scores).sum(dim: 1)
        return try Contributions(
            shares: Tensor.full([1, 1], value: 1, on: features.device),
            scores: parts,
            bias: bagBias.tensor.floats()
        )
    }

    /// Of the other stream: an output's logit, all its critical instance's.
    func criticalContributions(_ features: Tensor) throws -> Contributions {
        let classifier = instanceClassifier
        let scores = try embedding.pooled(features, by: nil, scoredBy: classifier.weight.tensor).scores
        let rows = try critical(scores.transpose(0, 1)).reshape([-1]).int64s()
        return try Contributions(all: rows.map(Int.init), scores: scores, bias: classifier.biases())
    }

    func alone(_ features: Tensor) throws -> Tensor? { nil }

    private func criticalQueries(_ features: Tensor) throws -> Tensor {
        let instanceLogits = try Blockwise.joined(features, dim: 0) { try self.instanceLogits(embedding($0, nil)) }
        return try queries(embedding(features.indexSelect(dim: 0, critical(instanceLogits).reshape([-1])), nil))
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        try forward(features, draws: step.draws).loss(target: target)
    }

    /// One pass; with draws it drops as in training.
    struct Pass: HostPass {
        /// `[N, C]`
        var instanceLogits: Tensor
        /// Likeness to the critical instance of every class `[C, N]`, before the softmax over instances.
        var attention: Tensor
        /// What is gathered for every class `[C, D]`.
        var bag: Tensor
        /// `[1, C]`
        var bagLogits: Tensor
        /// The critical instances' own `[1, C]`.
        var maxLogits: Tensor
        var mean: DSMILConfig.Mean

        /// Of mean probabilities the logarithms.
        var logits: Tensor {
            get throws {
                guard mean == .probabilities else { return try 0.5 * bagLogits + 0.5 * maxLogits }
                let streams = try Tensor.concatenated([bagLogits, maxLogits], dim: 0).logSoftmax(dim: 1)
                let largest = try streams.max(dim: 0, keep: true).values
                return try (streams - largest).exp().mean(dim: 0, keep: true).log() + largest
            }
        }

        /// The mean of both streams' cross-entropies, or that of the mean logits.
        func loss(target: Aim) throws -> TrainingLoss {
            guard mean == .probabilities else {
                let bag = try bagLoss(logits, target)
                return TrainingLoss(total: bag, terms: [("bag", bag)])
            }
            let bag = try 0.5 * bagLoss(bagLogits, target)
            let max = try 0.5 * bagLoss(maxLogits, target)
            return TrainingLoss(total: try bag + max, terms: [("bag", bag), ("max", max)])
        }

        func classLoss(target: Aim) throws -> Tensor { try loss(target: target).total }
    }

    func forward(_ features: Tensor, draws: (any Draws)?) throws -> Pass {
        try encode(embedding(features, draws), draws)
    }

    func encode(_ tokens: Tensor, _ draws: (any Draws)?) throws -> Pass {
        let instanceLogits = try instanceLogits(tokens)
        let critical = try critical(instanceLogits)
        let queries = try queries(tokens)
        let attention = try likeness(queries, queries.indexSelect(dim: 0, critical.reshape([-1])))
        let bag = try tokens.dense(value, .relu).pooled(by: attention)
        return try pass(instanceLogits, critical, attention: attention, bag: bag)
    }

    /// `[N, C]`
    private func instanceLogits(_ tokens: Tensor) throws -> Tensor {
        let classifier = instanceClassifier
        return try tokens.scores(classifier.weight.tensor, classifier.bias?.tensor).transpose(0, 1)
    }

    /// Where every class has its largest logit, `[1, C]`. Not by `max`, whose choice among equal logits is the device's own:
    /// the first is meant.
    private func critical(_ instanceLogits: Tensor) throws -> Tensor {
        try instanceLogits.argsort(dim: 0, descending: true).narrow(dim: 0, start: 0, length: 1)
    }

    private func queries(_ tokens: Tensor) throws -> Tensor {
        try tokens.dense(query.first, .relu).dense(query.second, .tanh)
    }

    /// Logits `[C, N]` of all queries' attention to the critical instances.
    private func likeness(_ queries: Tensor, _ criticalQueries: Tensor) throws -> Tensor {
        try queries.scores(criticalQueries) / Double(queries.shape[1]).squareRoot()
    }

    private func pass(_ instanceLogits: Tensor, _ critical: Tensor, attention: Tensor, bag: Tensor) throws -> Pass {
        let bagLogits = try bag.unsqueeze(0).conv1d(bagWeight.tensor, bagBias.tensor)
        return Pass(
            instanceLogits: instanceLogits,
            attention: attention,
            bag: bag,
            bagLogits: try bagLogits.reshape([1, -1]),
            maxLogits: try instanceLogits.gather(dim: 0, critical),
            mean: asksClasses ? mean : .logits
        )
    }

    func score(_ pass: Pass, byClass: Bool, _ draws: (any Draws)?) throws -> InstanceScore {
        func main(_ scores: Tensor, dim: Int) throws -> Tensor {
            try mainOutputs.map { try scores.narrow(dim: dim, start: 0, length: $0) } ?? scores
        }
        if byClass { return .rows(try main(pass.instanceLogits, dim: 1).max(dim: 1).values.unsqueeze(0)) }
        let attention = try main(pass.attention, dim: 0)
        return .rows(try attention.softmax(dim: 1).max(dim: 0).values.unsqueeze(0))
    }
}

extension DSMILConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try DSMIL(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
