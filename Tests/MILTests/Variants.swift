@testable import Config

extension ModelConfig {
    /// All variants of a kind, narrow, with their dropout and masks.
    static func variants(of kind: ModelConfig.Kind) -> [ModelConfig] {
        switch kind {
        case .abmil:
            return [true, false].map { gated in
                var config = ABMILConfig()
                (config.hidden, config.attentionHidden, config.gated, config.dropout) = (16, 8, gated, 0.25)
                return .abmil(config)
            }
        case .acmil:
            return [ACMILConfig.Variant.ga, .mha].flatMap { variant in
                [1, 3].map { branches in
                    var config = ACMILConfig()
                    (config.variant, config.branches) = (variant, branches)
                    (config.hidden, config.attentionHidden) = (16, 8)
                    return .acmil(config)
                }
            }
        case .mean, .max:
            var config = PoolingConfig(kind == .mean ? .mean : .max)
            config.hidden = 16
            return [.pooling(config)]
        case .clam:
            return [CLAMConfig.Variant.sb, .mb].flatMap { variant in
                [CLAMConfig.InstanceLoss.svm, .ce].map { loss in
                    var config = CLAMConfig()
                    (config.variant, config.instanceLoss, config.subtyping) = (variant, loss, true)
                    (config.hidden, config.attentionHidden, config.sampled) = (16, 8, 4)
                    return .clam(config)
                }
            }
        case .dsmil:
            return [DSMILConfig.Mean.probabilities, .logits].map { mean in
                var config = DSMILConfig()
                (config.hidden, config.attentionHidden, config.mean) = (16, 8, mean)
                return .dsmil(config)
            }
        case .transmil:
            var config = TransMILConfig()
            (config.hidden, config.heads) = (16, 2)
            return [.transmil(config)]
        case .dtfd:
            return [DTFDConfig.Distillation.afs, .maxs, .maxmins, .mas].map { distillation in
                var config = DTFDConfig()
                (config.hidden, config.attentionHidden, config.dropout) = (16, 8, 0.25)
                config.distillation = distillation
                return .dtfd(config)
            }
        case .rrt:
            return [true, false].map { gated in
                var config = RRTConfig()
                (config.hidden, config.attentionHidden, config.gated) = (16, 8, gated)
                (config.reembedding.regions, config.reembedding.heads, config.reembedding.crossHeads) = (2, 2, 2)
                return .rrt(config)
            }
        case .wikg: return wikgVariants(hidden: 16)
        case .mhim:
            return MHIMConfig.Host.allCases.flatMap { host in
                [1, 2].map { version in
                    var config = MHIMConfig(host: host, version: version)
                    (config.hidden, config.attentionHidden, config.heads) = (16, 8, 2)
                    if version == 2 { (config.mergeHeads, config.mergeHeadWidth) = (2, 4) }
                    return .mhim(config)
                }
            }
        }
    }
}
