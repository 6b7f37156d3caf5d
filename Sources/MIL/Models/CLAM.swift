public import Config
public import Records
public import Torch

/// Clustering-constrained attention MIL (CLAM; Lu et al., Nature Biomedical Engineering 2021), with one attention for all
/// classes (SB) or one per class (MB). Parameter names are those of the authors' checkpoints.
///
/// Beside the bag's loss, a classifier per class tells the instances with most attention (1) from those with least (0).
/// The authors' code stops at bags of fewer than k instances; here k is then the bag's size.
public struct CLAM: WeighedPooling {
    private let config: CLAMConfig
    private let classes: Int
    private let subtyping: Bool
    private let embedding: InstanceEmbedding
    private let attention: GatedAttention
    /// One for all classes, or one logit per class.
    private let classifiers: [Linear]
    private let instanceClassifiers: [Linear]
    private let divided: DividedOutputs

    /// - Parameter parts: targets with an attention each, of the variant SB; empty: one for all outputs.
    public init(
        _ config: CLAMConfig,
        featureWidth: Int,
        classes: Int,
        parts: [Readout.Part] = [],
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        self.config = config
        divided = DividedOutputs(parts)
        self.classes = classes
        subtyping = config.subtyping ?? (classes > 2)
        let width = config.hidden ?? ModelConfig.defaultHidden(featureWidth: featureWidth)
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            try source.xavierLinear(name, inputs: inputs, outputs: outputs, on: device)
        }
        embedding = InstanceEmbedding(
            try linear("attention_net.0", featureWidth, width),
            dropout: config.dropout,
            reembedding: try config.reembedding.map {
                try RegionTransformer($0, width: width, from: source, on: device)
            }
        )
        attention = GatedAttention(
            hidden: try linear("attention_net.3.attention_a.0", width, config.attentionHidden),
            gate: try linear("attention_net.3.attention_b.0", width, config.attentionHidden),
            weights: try linear(
                "attention_net.3.attention_c",
                config.attentionHidden,
                config.variant == .sb ? max(1, parts.count) : classes
            ),
            dropout: config.dropout
        )
        classifiers =
            switch config.variant {
            case .sb: [try linear("classifiers", width, classes)]
            case .mb: try (0..<classes).map { try linear("classifiers.\($0)", width, 1) }
            }
        instanceClassifiers = try (0..<classes).map { try linear("instance_classifiers.\($0)", width, 2) }
    }

    public var parameters: [Parameter] {
        embedding.parameters + attention.parameters + (classifiers + instanceClassifiers).flatMap(\.parameters)
    }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let (rows, embedded) = try embedding.blockwise(features)
        let (attentionLogits, bags) = try Blockwise.pooled(rows) { block in
            let instances = try embedded(block)
            return (try attention(instances, nil), instances)
        }
        guard divided.parts.isEmpty else {
            return try divided.output(classifiers[0](bags), attention: attentionLogits)
        }
        let names = config.variant == .mb ? (0..<classes).map { "class_\($0)" } : nil
        return BagOutput(logits: try logits(bags), attention: attentionLogits, names: names)
    }

    func pool() throws -> BagPool? {
        let byClass = (0..<classes).map { own in (0..<classes).map { $0 == own ? Float(1) : 0 } }
        return try BagPool(embedding, attention, classifiers, mix: config.variant == .mb ? byClass : divided.mix)
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let pass = try forward(features, draws: step.draws)
        let bag = try config.bagWeight * bagLoss(pass.logits, target)
        // Only classes have instances of their own.
        guard config.bagWeight < 1, let label = target.label else {
            return TrainingLoss(total: bag, terms: [("bag", bag)], attention: pass.attention)
        }
        let instance = try (1 - config.bagWeight) * instanceLoss(pass, label: label)
        return TrainingLoss(
            total: try bag + instance,
            terms: [("bag", bag), ("instance", instance)],
            attention: pass.attention
        )
    }

    /// One pass; with draws it drops as in training.
    struct Pass {
        /// `[N, D]`
        var instances: Tensor
        /// Before the softmax, `[1, N]` or `[C, N]`.
        var attention: Tensor
        /// `[1, C]`
        var logits: Tensor
    }

    func forward(_ features: Tensor, draws: (any Draws)?) throws -> Pass {
        let instances = try embedding(features, draws)
        let attention = try attention(instances, draws)
        let bags = try instances.pooled(by: attention)
        return Pass(instances: instances, attention: attention, logits: try logits(bags))
    }

    /// What is pooled `[1, D]` or `[C, D]` → `[1, C]`.
    private func logits(_ bags: Tensor) throws -> Tensor {
        guard divided.parts.isEmpty else { return try divided(classifiers[0](bags)) }
        let parts = try classifiers.enumerated().map { row, classifier in
            try classifier(bags.narrow(dim: 0, start: row, length: 1))
        }
        return try Tensor.concatenated(parts, dim: 1)
    }

    /// The clustering loss: the label's class learns from both ends of its attention; with subtyping the other classes
    /// learn that the top of theirs is not theirs, and the sum is divided by the number of classes.
    func instanceLoss(_ pass: Pass, label: Int) throws -> Tensor {
        let own = try clustering(pass, of: label, inClass: true)
        guard subtyping else { return own }
        let others = try (0..<classes).filter { $0 != label }.map { try clustering(pass, of: $0, inClass: false) }
        return try others.reduce(own) { try $0 + $1 } / Double(classes)
    }

    private func clustering(_ pass: Pass, of label: Int, inClass: Bool) throws -> Tensor {
        let row = config.variant == .sb ? 0 : label
        let attention = try pass.attention.select(dim: 0, index: row).floats()
        let count = min(config.sampled, attention.count)
        let top = StableRanking().first(count, of: attention, largest: true)
        let bottom = inClass ? StableRanking().first(count, of: attention, largest: false) : []
        let logits = try instanceClassifiers[label](pass.instances.indexSelect(dim: 0, top + bottom).to(.float32))
        let targets = top.map { _ in inClass ? 1 : 0 } + bottom.map { _ in 0 }
        switch config.instanceLoss {
        case .svm: return try smoothTop1SVM(logits, targets)
        case .ce:
            let labels = try Tensor(int64s: targets.map { Int64($0) }, shape: [targets.count], on: logits.device)
            return try logits.crossEntropy(labels)
        }
    }
}

extension CLAMConfig: DividedModel {
    func model(
        featureWidth: Int,
        classes: Int,
        parts: [Readout.Part],
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try CLAM(self, featureWidth: featureWidth, classes: classes, parts: parts, from: source, on: device)
    }
}
