public import Config
import Foundation
import Records
public import Torch

/// Double-tier feature distillation (DTFD-MIL; Zhang et al., CVPR 2022).
///
/// The first tier deals a bag out to pseudo-bags, pools each by attention and teaches it the bag's target; the second attends to
/// what is distilled from the pseudo-bags, learns the target from that, and alone decides. As in the authors' code the second
/// tier's loss moves the second tier only. Parameter names are those of the authors' checkpoints. Their clipping of gradients is left out.
///
/// The rows of all pseudo-bags pool the same reduced instances in one product, so the second tier costs next to nothing. What
/// heatmaps show is how much of the decision's representation is an instance's own: of `afs` its attention in its pseudo-bag times
/// the pseudo-bag's in the bag; of the others the second tier's attention, 0 for what is not distilled. Pseudo-bags of test time are
/// the same for every bag of a size (the authors' are drawn).
public struct DTFD: ClassAware, LinearlyPooled {
    private let config: DTFDConfig
    private let embedding: InstanceEmbedding
    private let attention, bagAttention: GatedAttention
    private let classifier: Linear
    let bagClassifier: Linear
    var asksClasses = true
    /// Of several targets the outputs of the first, by which instances are distilled; nil: all.
    private var mainOutputs: Int?

    public init(
        _ config: DTFDConfig,
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device = .cpu
    ) throws {
        self.config = config
        let (width, hidden) = (config.hidden, config.attentionHidden)
        func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) throws -> Linear {
            try source.linear(name, inputs: inputs, outputs: outputs, bias: bias, on: device)
        }
        func attention(_ name: String) throws -> GatedAttention {
            try GatedAttention(
                name,
                inputs: width,
                hidden: hidden,
                branches: 1,
                gated: true,
                from: source,
                on: device
            )
        }
        embedding = InstanceEmbedding(try linear("dim_reduction.fc1", featureWidth, width, bias: false))
        self.attention = try attention("attention")
        classifier = try linear("classifier.fc", width, classes)
        bagAttention = try attention("att_classifier.attention")
        bagClassifier = try linear("att_classifier.classifier.fc", width, classes)
    }

    mutating func ask(mainOutputs: Int, areClasses: Bool) {
        (self.mainOutputs, asksClasses) = (mainOutputs, areClasses)
    }

    public var parameters: [Parameter] {
        embedding.parameters + attention.parameters + classifier.parameters + bagAttention.parameters
            + bagClassifier.parameters
    }

    public func callAsFunction(_ features: Tensor) throws -> BagOutput {
        let view = try view(features, PseudoBags.fixed(features.shape[0], bags: config.pseudoBags))
        let logits = try view.weights.clampMin(Double(Float.leastNormalMagnitude)).log()
        return BagOutput(logits: try bagClassifier(view.bag), attention: logits)
    }

    /// Exact: what is distilled is held, as attention is.
    func contributions(_ features: Tensor) throws -> Contributions {
        let view = try view(features, PseudoBags.fixed(features.shape[0], bags: config.pseudoBags))
        let classifier = bagClassifier
        let scores = try embedding.pooled(features, by: nil, scoredBy: classifier.weight.tensor).scores
        return try Contributions(shares: view.weights, scores: scores, bias: classifier.biases())
    }

    /// Whatever is distilled of one patch is that patch.
    func alone(_ features: Tensor) throws -> Tensor? {
        try embedding.alone(features, scoredBy: bagClassifier.weight.tensor, bagClassifier.biases())
    }

    public func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let order = try step.draws.permutation("pseudo_bags", features.shape[0])
        let pass = try forward(features, PseudoBags(order: order, bags: config.pseudoBags), draws: step.draws)
        let pseudo = try bagLoss(pass.pseudoLogits, target)
        let bag = try bagLoss(pass.logits, target)
        return TrainingLoss(
            total: try bag + pseudo,
            terms: [("bag", bag), ("pseudo_bags", pseudo)],
            attention: pass.attention
        )
    }

    /// One pass.
    struct Pass {
        /// A row for each pseudo-bag, before the softmax, `[M, N]`.
        var attention: Tensor
        /// Of the pseudo-bags `[M, C]`.
        var pseudoLogits: Tensor
        /// Of the bag `[1, C]`.
        var logits: Tensor
    }

    /// - Parameter draws: nil: nothing is dropped.
    func forward(_ features: Tensor, _ pseudoBags: PseudoBags, draws: (any Draws)?) throws -> Pass {
        let instances = try embedding(features, nil)
        let logits = try attention(instances, nil)
        let rows = try pseudoBags.rows(logits)
        let pooled = try instances.pooled(by: rows)
        func dropped(_ tensor: Tensor, _ name: String) throws -> Tensor {
            try draws.map { try tensor.dropout(config.dropout, name, $0) } ?? tensor
        }
        var distilled = try pooled.detach()
        if config.distillation != .afs {
            let chosen = try withoutGrad {
                try self.chosen(pseudoBags, logits, instances.scores(classifier.weight.tensor))
            }
            distilled = try instances.detach().indexSelect(dim: 0, chosen.flatMap { $0 }).to(.float32)
        }
        let bag = try distilled.pooled(by: bagAttention(distilled, nil))
        return Pass(
            attention: rows,
            pseudoLogits: try classifier(dropped(pooled, "dropout.pseudo_bags")),
            logits: try bagClassifier(dropped(bag, "dropout.bag"))
        )
    }

    /// The test-time pass: what is decided by `[1, D]`, and how much each instance's own features are of it, `[1, N]`.
    func view(_ features: Tensor, _ pseudoBags: PseudoBags) throws -> (bag: Tensor, weights: Tensor) {
        let count = features.shape[0]
        guard config.distillation != .afs else {
            var start = 0
            let (rows, pooled) = try Blockwise.pooled(features, isMasked: true) { block in
                defer { start += block.shape[0] }
                let instances = try embedding(block, nil)
                return (try pseudoBags.rows(attention(instances, nil), from: start), instances)
            }
            let shares = try bagAttention(pooled, nil)
            let weights = try shares.softmax(dim: 1).matmul(rows.softmax(dim: 1))
            return (try pooled.pooled(by: shares), weights)
        }
        let seen = try Blockwise.joined(features, dim: 1) { block in
            let instances = try embedding(block, nil)
            return try Tensor.concatenated(
                [attention(instances, nil), instances.scores(classifier.weight.tensor)],
                dim: 0
            )
        }
        let scores = try seen.narrow(dim: 0, start: 1, length: seen.shape[0] - 1)
        let chosen = try self.chosen(pseudoBags, seen.narrow(dim: 0, start: 0, length: 1), scores).flatMap { $0 }
        let distilled = try embedding(features.indexSelect(dim: 0, chosen), nil).to(.float32)
        let shares = try bagAttention(distilled, nil)
        var weights = [Float](repeating: 0, count: count)
        for (position, share) in zip(chosen, try shares.softmax(dim: 1).floats()) { weights[position] += share }
        return (try distilled.pooled(by: shares), try Tensor(weights, shape: [1, count], on: features.device))
    }

    /// What is distilled from each pseudo-bag (section 3.4): by attention, or by what an instance adds to the pseudo-bag's outputs, of
    /// classes by the probability of the last one that follows from that, else by the largest.
    /// - Parameters:
    ///   - logits: of attention `[1, N]`.
    ///   - scores: `[C, N]`, the classifier's of every instance without attention and bias.
    private func chosen(_ pseudoBags: PseudoBags, _ logits: Tensor, _ scores: Tensor) throws -> [[Int]] {
        let (attention, outputs) = (try logits.floats(), mainOutputs ?? scores.shape[0])
        let values = config.distillation == .mas ? [] : try scores.floats()
        return pseudoBags.members.map { members in
            let own = members.map { attention[$0] }
            var ranks = own
            if config.distillation != .mas {
                let largest = own.max() ?? 0
                let sum = own.reduce(0.0) { $0 + exp(Double($1 - largest)) }
                ranks = zip(members, own).map { member, logit in
                    let share = exp(Double(logit - largest)) / sum
                    let added = (0..<outputs).map { share * Double(values[$0 * attention.count + member]) }
                    guard asksClasses, let last = added.last else { return Float(added.max() ?? 0) }
                    // Of thousands the probabilities are equal in fp32; their order is that of this sum.
                    return Float(-added.dropLast().reduce(0) { $0 + expm1($1 - last) })
                }
            }
            let ends = config.distillation == .maxmins ? [true, false] : [true]
            return ends.flatMap { largest in
                StableRanking().first(config.instances, of: ranks, largest: largest).map { members[$0] }
            }
        }
    }
}

extension DTFDConfig: BuildableModel {
    func model(
        featureWidth: Int,
        classes: Int,
        from source: some ParameterSource,
        on device: Device
    ) throws -> any MILModel {
        try DTFD(self, featureWidth: featureWidth, classes: classes, from: source, on: device)
    }
}
