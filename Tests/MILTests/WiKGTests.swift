import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

private func config(
    _ aggregation: WiKGConfig.Aggregation = .biInteraction,
    _ pooling: WiKGConfig.Pooling = .attention,
    hidden: Int,
    neighbours: Int = 6,
    dropout: Double = 0
) -> WiKGConfig {
    var config = WiKGConfig()
    (config.aggregation, config.pooling) = (aggregation, pooling)
    (config.hidden, config.neighbours, config.dropout) = (hidden, neighbours, dropout)
    return config
}

/// Every aggregation and pooling.
func wikgVariants(hidden: Int) -> [ModelConfig] {
    WiKGConfig.Aggregation.allCases.flatMap { aggregation in
        WiKGConfig.Pooling.allCases.map { pooling in
            .wikg(config(aggregation, pooling, hidden: hidden, neighbours: 4, dropout: 0.3))
        }
    }
}

/// What the authors' module (WonderLandxD/WiKG at eb3144f) makes of one bag on the same fill in double precision, nothing dropped.
private let references: [AuthorsBag<WiKGConfig>] = [
    AuthorsBag(
        count: 40,
        config: config(hidden: 12),
        classes: 2,
        label: 1,
        loss: 3.381996,
        logits: [2.315483, -1.031942],
        attention: [-0.3318802, -0.3814807, -0.2430678, -0.4225405, -0.2699508, -0.1709974],
        gradients: [
            -0.4765587, 2.152923, 0.5814094, 1.336033, -0.2632706, 2.910088, 1.481411, 1.772763, 1.080819,
            3.292925, 0.8974999, 1.657215, 1.832353, 5.473281, 0.1641615, 2.672893, -0.3337766, 0.9857337,
            2.872573, 1.989321, 0.05427798, 0.07328619, -0.01176899, 0.01141085, 0.08175889, 0.06582181, 0, 0,
            -0.01498603, 1.528654, -0.05980496, 1.193478, 4.304192, 5.55088, 0.8199698, 1.366159,
        ]
    ),
    AuthorsBag(
        count: 23,
        config: config(.gcn, hidden: 8, neighbours: 3),
        classes: 3,
        label: 0,
        loss: 0.4660723,
        logits: [0.8873506, -0.9155002, 0.04080486],
        attention: [0.3872514, 0.3965339, 0.4506531, 0.3953554, 0.4030145, 0.437189],
        gradients: [
            0.09199161, 0.3658194, -0.272833, 0.2239081, -0.09883044, 0.7328837, -0.03379771, 0.5353606,
            -0.2348695, 0.8044975, -0.02431818, 0.5295998, -0.1053951, 1.515634, 0.6014278, 1.294482,
            0.004072071, 0.005042184, 0.002627673, 0.002906486, -0.001151381, 0.001674046, 0, 0, 0.5098547,
            0.3636092, 0.09510554, 0.4565324, 0.5691197, 1.272463, -0.4983704, 0.4710666,
        ]
    ),
    AuthorsBag(
        count: 31,
        config: config(.sage, hidden: 8, neighbours: 4),
        classes: 2,
        label: 0,
        loss: 0.1705934,
        logits: [0.9985706, -0.683393],
        attention: [0.3858544, 0.3924879, 0.3958373, 0.3948339, 0.3981832, 0.3900974],
        gradients: [
            -0.2734423, 0.4480995, 0.01112402, 0.2617707, 0.006974555, 0.6331917, 0.07857376, 0.4786036,
            0.5134753, 0.6999012, 0.4295499, 0.4858917, -0.07920804, 1.03698, 0.3160686, 0.7610478, 0.0116193,
            0.01800935, -0.01473297, 0.01206026, 0.0008524252, 0.00351629, 0, 0, 0.2297806, 0.2185632,
            0.09852461, 0.2162388, 0.2758006, 0.6325473, -0.133124, 0.2217991,
        ]
    ),
    AuthorsBag(
        count: 17,
        config: config(.biInteraction, .mean, hidden: 12),
        classes: 3,
        label: 2,
        loss: 1.133625,
        logits: [-1.590244, -0.2034948, -0.7256595],
        attention: [0, 0, 0, 0, 0, 0],
        gradients: [
            -1.362846, 1.248506, -1.006915, 0.7654015, -0.05194389, 1.865471, -0.2011913, 1.076669, 0.1288637,
            2.260081, -0.6576278, 1.192753, 4.343548, 3.571962, 0.0480849, 1.554021, 0.5210276, 0.8308794,
            -0.6922667, 1.551266, 0.009729015, 0.7651565, -0.09144001, 0.7640732, -3.717131, 2.962062,
            0.5740897, 0.8789971,
        ]
    ),
    // Every instance is every one's neighbour.
    AuthorsBag(
        count: 6,
        config: config(hidden: 12),
        classes: 2,
        label: 1,
        loss: 2.588008,
        logits: [2.102585, -0.4072777],
        attention: [-0.24875, -0.302698, -0.150525, -0.3402826, -0.1882843, -0.07744439],
        gradients: [
            -5.063344, 4.435525, -0.4792447, 2.363627, 0.148367, 4.421015, 1.418736, 2.522417, -1.471836,
            4.750919, 0.903729, 2.598489, 1.784235, 8.341252, -1.945749, 3.865205, -0.5910325, 0.8605555,
            2.325907, 1.755734, 0.2326975, 0.08756804, -0.004835297, 0.01104952, 0.04430002, 0.08093373, 0, 0,
            -0.7229199, 1.254713, -0.05725494, 1.142589, 3.387196, 4.797223, 0.7850072, 1.307908,
        ]
    ),
]

@Suite struct WiKGTests {
    @Test(arguments: references.indices) func lossLogitsAttentionAndGradientsAreTheAuthors(_ place: Int) throws {
        let wanted = references[place]
        let source = ChirpParameters(scale: 0.35)
        try wanted.compare(WiKG(wanted.config, featureWidth: 6, classes: wanted.classes, from: source))
    }

    /// The bag, its attention, and the gradients of a function of both.
    private func step(_ config: WiKGConfig, _ count: Int, block: Int?) throws -> [[Float]] {
        let source = ChirpParameters(scale: 0.35)
        let graph = try InstanceGraph(config, featureWidth: 6, from: source, on: .cpu)
        let draws = CounterDraws(seed: 4, fold: 0, epoch: 0, step: 0)
        let (bag, attention) = try graph(chirpBag(count), draws, block: block)
        let sum = try bag.square().sum() + negativeEntropy(attention)
        try sum.backward()
        return try [bag.floats(), attention.floats()]
            + graph.parameters.map { try $0.tensor.grad?.floats() ?? [] }
    }

    @Test(arguments: WiKGConfig.Aggregation.allCases, WiKGConfig.Pooling.allCases)
    func aBagInBlocksIsTheWhole(aggregation: WiKGConfig.Aggregation, pooling: WiKGConfig.Pooling) throws {
        // Of a width of which a row of elements takes part of a draw.
        let config = config(aggregation, pooling, hidden: 10, neighbours: 5, dropout: 0.3)
        let whole = try step(config, 43, block: 44)
        for block in [4, 16, 40] {
            let parts = try step(config, 43, block: block)
            #expect(parts.count == whole.count)
            for (part, wanted) in zip(parts, whole) {
                // Small gradients are differences of large terms, whose last bits they have.
                let size = max(0.1, wanted.map(abs).max() ?? 0)
                #expect(distance(part, wanted) < 2e-5 * size, "\(block)")
            }
        }
        #expect(try step(config, 43, block: nil) == whole, "a small bag is one block, and a step repeats itself")
        var dropless = config
        dropless.dropout = 0
        #expect(try step(dropless, 43, block: 44)[0] != whole[0])
    }

    @Test(arguments: [1, 2, 3, 5]) func ofFewInstancesAllAreNeighbours(count: Int) throws {
        for pooling in WiKGConfig.Pooling.allCases {
            let found = try step(config(.biInteraction, pooling, hidden: 8), count, block: nil)
            let wanted = try step(config(.biInteraction, pooling, hidden: 8, neighbours: count), count, block: nil)
            #expect(found == wanted)
            let isFinite = found.joined().allSatisfy(\.isFinite)
            #expect(isFinite)
        }
    }

    @Test func whatABlockLeavesOutReachesTheLoss() throws {
        // One instance moves all others: by the mean and as a neighbour.
        let model = try WiKG(config(hidden: 8), featureWidth: 6, classes: 2, from: ChirpParameters(scale: 0.35))
        let bag = try chirpBag(30)
        let one = try Tensor.concatenated([bag.narrow(dim: 0, start: 0, length: 29), chirpBag(1) * 3], dim: 0)
        let (first, second) = (try model(bag), try model(one))
        let moved = zip(try first.attention.floats(), try second.attention.floats()).filter { $0 != $1 }
        #expect(moved.count == 30)
    }

    @Test func aPlainProblemIsLearnedAndItsCheckpointRepeatsThePredictions() throws {
        try expectLearned(.wikg(config(hidden: 16, dropout: 0.1)))
    }
}
