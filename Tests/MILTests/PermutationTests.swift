import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import MIL

/// A bag is a set: with its instances in another order every number of the bag stays, and each instance's go with it.
@Suite struct PermutationTests {
    /// Models that do not ask where in the bag an instance stands.
    private static let kinds = ModelConfig.Kind.allCases.filter { ![.transmil, .rrt, .dtfd].contains($0) }

    /// All variants of a kind, small.
    private func configs(_ kind: ModelConfig.Kind) -> [ModelConfig] {
        switch kind {
        case .abmil:
            return [true, false].map { gated in
                var config = ABMILConfig()
                (config.hidden, config.attentionHidden, config.gated) = (8, 4, gated)
                return .abmil(config)
            }
        case .acmil:
            return [ACMILConfig.Variant.ga, .mha].map { variant in
                var config = ACMILConfig()
                (config.variant, config.hidden, config.attentionHidden, config.branches) = (variant, 16, 4, 3)
                return .acmil(config)
            }
        case .mean, .max:
            var config = PoolingConfig(kind == .mean ? .mean : .max)
            config.hidden = 8
            return [.pooling(config)]
        case .clam:
            return [CLAMConfig.Variant.sb, .mb].map { variant in
                var config = CLAMConfig()
                (config.variant, config.hidden, config.attentionHidden) = (variant, 8, 4)
                return .clam(config)
            }
        case .dsmil:
            var config = DSMILConfig()
            (config.hidden, config.attentionHidden) = (8, 4)
            return [.dsmil(config)]
        case .mhim: return [MHIMConfig.Host.abmil, .dsmil].map { .mhim(smallMHIM($0, version: 2)) }
        case .wikg: return wikgVariants(hidden: 8)
        case .transmil, .rrt, .dtfd: return []
        }
    }

    @Test(arguments: kinds, seeds(5))
    func theOrderOfInstancesMovesTheirNumbersAndNothingElse(kind: ModelConfig.Kind, seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "instances")
        let (count, width) = (2 + random.index(below: 40), 6)
        let features = try Tensor(
            (0..<count * width).map { _ in Float(random.uniform(-2, 2)) },
            shape: [count, width]
        )
        let order = random.permutation(count)
        let moved = try features.indexSelect(dim: 0, order)
        let configs = configs(kind)
        #expect(!configs.isEmpty)
        for config in configs {
            let model = try config.model(featureWidth: width, classes: 3, from: SineParameters(scale: 0.3))
            for (first, second) in try [(model(features), model(moved)), (model.mapped(features), model.mapped(moved))]
            {
                #expect(agree(try first.logits.floats(), try second.logits.floats()), "\(config)")
                let last = first.attention.shape.count - 1
                let wanted = try first.attention.indexSelect(dim: last, order).floats()
                #expect(agree(try second.attention.floats(), wanted), "\(config)")
            }
        }
    }
}
