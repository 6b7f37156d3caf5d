public import Records

/// Options against overfitting, all off where nothing is said.
extension TrainingConfig {
    static let options: [Field] = [
        Field(
            .attentionEntropy,
            \.attentionEntropy,
            .number(0...10),
            "Weight of a term of the loss that is minus the entropy of the attention: the wider it is spread, the smaller the loss. "
                + "Of models that pool by attention.",
            absent: "0",
            source: "AEM, Zhang et al., 2024 (arXiv 2406.15303v2)"
        ),
        Field(
            .mixup,
            \.mixup,
            .number(above: 0, to: 1),
            "Every bag is mixed with another one: a share of its instances, drawn from Beta(mixup, mixup), stays, the rest comes from the "
                + "other, and the loss is that of both targets by these shares. "
                + "CLAM's loss of instances needs one class, and has no part then.",
            absent: "bags stay whole",
            source:
                "Zhang et al., ICLR 2018; of bags as PseMix has it (Liu et al., IEEE TMI 2024), its pseudo-bags drawn at random"
        ),
        Field(
            .instanceDropout,
            \.instanceDropout,
            .dropout,
            "Share of a bag's instances that a step leaves out.",
            absent: "0",
            source: "Srivastava et al., JMLR 2014, of instances"
        ),
        Field(
            .featureNoise,
            \.featureNoise,
            .number(0...10),
            "Standard deviation of the noise that a step adds to every feature, in standard deviations of the feature within the bag.",
            absent: "0",
            source: "Bishop, Neural Computation 1995"
        ),
    ]

    /// An option that makes no sense for a model or target.
    /// - Parameter kinds: of the targets.
    public func optionFault(for model: ModelConfig, asked kinds: [Target.Kind]) -> (key: String, what: String)? {
        if attentionEntropy ?? 0 > 0, !model.learnsByAttention {
            let others = ModelConfig.Kind.allCases.filter(ModelConfig.learnsByAttention)
            let names = others.map(\.rawValue).joined(separator: ", ")
            return (
                CodingKeys.attentionEntropy.rawValue,
                "\(model.kind.rawValue) learns by no attention that sums to 1; leave it out, or take one of \(names)"
            )
        }
        if mixup != nil {
            let key = CodingKeys.mixup.rawValue
            if [.transmil, .rrt, .wikg, .mhim].contains(model.kind) {
                return (key, "\(model.kind.rawValue) is not for bags that are put together from two; leave it out")
            }
            if model.reembeds {
                return (
                    key, "reembedding is not for bags that are put together from two; leave out one of them"
                )
            }
            if kinds.contains(.survival), survivalLoss == .cox {
                return (
                    key, "a bag of two times has no place in Cox's loss; leave it out, or set survival_loss to hazards"
                )
            }
            if classWeights != .none, !kinds.contains(.labels) {
                return (key, "a bag of two classes has no weight of its own; leave it out, or class_weights")
            }
        }
        if instanceDropout ?? 0 > 0, model.kind == .mhim {
            return (
                CodingKeys.instanceDropout.rawValue, "mhim hides instances by itself (model.mask_*); leave it out"
            )
        }
        return nil
    }
}

extension ModelConfig {
    /// Whether instances are embedded anew by those beside them.
    fileprivate var reembeds: Bool {
        switch self {
        case .abmil(let config): config.reembedding != nil
        case .acmil(let config): config.reembedding != nil
        case .clam(let config): config.reembedding != nil
        case .pooling(let config): config.reembedding != nil
        case .rrt: true
        case .dsmil, .transmil, .mhim, .dtfd, .wikg: false
        }
    }

    /// Whether a step of the model tells the attention by which it pools.
    var learnsByAttention: Bool { Self.learnsByAttention(kind) }

    static func learnsByAttention(_ kind: Kind) -> Bool {
        switch kind {
        case .abmil, .acmil, .clam, .dtfd, .rrt, .wikg: true
        case .mean, .max, .dsmil, .transmil, .mhim: false
        }
    }
}
