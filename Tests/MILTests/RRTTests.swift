import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

/// Of a tensor g_i, i from 1: Σ g_i cos(0.9 i), and its length.
func digest(_ tensor: Tensor) throws -> [Float] {
    let values = try tensor.floats().map(Double.init)
    let along = values.enumerated().reduce(0) { $0 + $1.element * cos(0.9 * Double($1.offset + 1)) }
    return [Float(along), Float(values.reduce(0) { $0 + $1 * $1 }.squareRoot())]
}

private func config(shortcut: Bool, crossHeads: Int, representatives: Int, taps: Int) -> RRTConfig {
    var config = RRTConfig()
    config.dropout = 0
    (config.reembedding.dropout, config.reembedding.taps) = (0, taps)
    (config.reembedding.shortcut, config.reembedding.crossHeads) = (shortcut, crossHeads)
    config.reembedding.representatives = representatives
    return config
}

/// What the authors' module (DearCaat/RRT-MIL at 7ecbdfb) makes of one bag on the same fill, nothing dropped.
private let references: [AuthorsBag<RRTConfig>] = [
    AuthorsBag(
        count: 70,
        config: config(shortcut: false, crossHeads: 8, representatives: 3, taps: 3),
        classes: 2,
        label: 1,
        loss: 2.593746,
        logits: [2.334088, -0.181978],
        attention: [0.1421801, 0.1575332, -0.07238871, 0.198756, 0.203889, -0.01424817],
        gradients: [
            9.9264, 18.92061, 1.17119, 15.2374, -0.1984053, 0.4108463, 0.1393205, 1.093265, -0.08426013, 0.6233623,
            0.8276915, 2.076251, 3.955084, 10.61928, -3.508815, 2.728549, -10.36899, 9.736827, 0.9282147, 3.395978,
            0.0009863717, 0.1262135, 0, 0, -0.07245204, 0.1287227, 0.008681772, 0.3397444, -0.07718107, 1.969111,
            2.170881, 3.152095, -2.230852, 1.428903, 1.530208, 3.235762, 0.6441069, 1.758108, 0.1985378, 0.9313804,
            0.4913579, 0.8151184, -21.2252, 12.31788, 0.7853722, 1.308516,
        ]
    ),
    AuthorsBag(
        count: 150,
        config: config(shortcut: true, crossHeads: 1, representatives: 1, taps: 5),
        classes: 3,
        label: 0,
        loss: 0.1284226,
        logits: [2.604073, -0.2270638, 0.0541495],
        attention: [0.248587, 0.1191308, -0.09168003, 0.2384952, 0.2054958, -0.01183547],
        gradients: [
            -0.3675499, 1.951108, 0.01776583, 1.587862, 0.01240321, 0.04407257, 0.06341476, 0.122586, 0.02837887,
            0.06081143, -0.08464287, 0.212557, -0.6706235, 1.08285, 0.2042005, 0.2874861, 1.133343, 0.9265526,
            0.08858678, 0.3540626, 0.004954637, 0.01503986, 0, 0, 0.004007957, 0.01911309, -0.01784606, 0.05479298,
            -0.07759127, 0.2985666, -0.2071396, 0.4481387, 0.1342715, 0.1162978, -0.2662747, 0.4366794, 0.05112157,
            0.1441777, 0.1219816, 0.1100561, -0.0008631165, 0.09462612, 1.208061, 1.36224, -0.1487826, 0.1480835,
        ]
    ),
    AuthorsBag(
        count: 300,
        config: config(shortcut: true, crossHeads: 4, representatives: 2, taps: 15),
        classes: 2,
        label: 0,
        loss: 0.07999796,
        logits: [2.330602, -0.1548856],
        attention: [0.2929569, 0.2231105, 0.1315424, 0.3858181, 0.1518077, 0.1878897],
        gradients: [
            -2.778409, 1.965253, -0.7343111, 1.696105, -0.003027253, 0.04081375, -0.0135325, 0.09088176,
            -0.001918495, 0.06136471, -0.138905, 0.2254759, -0.4696106, 1.015394, 0.3230611, 0.2928341, 0.6526137,
            0.9442762, -0.1062454, 0.3666444, -0.001680313, 0.02134643, 0, 0, 0.0003229162, 0.0214466, -0.01193941,
            0.05850666, -0.123746, 0.2053852, -0.0796303, 0.6006745, 0.1972224, 0.1335669, -0.4901454, 0.5804075,
            -0.06492519, 0.1640724, 0.02041736, 0.05981159, -0.04779974, 0.05029227, 2.145264, 1.278902,
            -0.06525818, 0.1087273,
        ]
    ),
]

@Suite struct RRTTests {
    @Test(arguments: references.indices) func lossLogitsAttentionAndGradientsAreTheAuthors(_ place: Int) throws {
        let wanted = references[place]
        try wanted.compare(RRT(wanted.config, featureWidth: 6, classes: wanted.classes, from: ChirpParameters()))
    }

    @Test(arguments: [1, 2, 9]) func bagsSmallerThanTheRegionsAreJudged(count: Int) throws {
        var config = RRTConfig()
        (config.hidden, config.attentionHidden) = (16, 8)
        let model = try RRT(config, featureWidth: 6, classes: 2, from: SineParameters(scale: 0.2))
        #expect(try model(cosineBag(count, 6)).logits.floats().allSatisfy(\.isFinite))
    }

    @Test(arguments: [
        #"{"kind": "abmil", "hidden": 16"#, #"{"kind": "acmil", "hidden": 16"#,
        #"{"kind": "acmil", "variant": "mha", "hidden": 16"#, #"{"kind": "clam", "hidden": 16, "k_sample": 2"#,
        #"{"kind": "mean", "hidden": 16"#, #"{"kind": "max", "hidden": 16"#,
    ]) func otherModelsPoolWhatIsEmbeddedAnew(json: String) throws {
        func logits(_ key: String) throws -> (output: [Float], names: [String]) {
            let config = try JSONDecoder().decode(ModelConfig.self, from: Data("\(json)\(key)}".utf8))
            let model = try config.model(
                featureWidth: 6,
                classes: 2,
                from: FreshParameters(CounterDraws(seed: 1, fold: 0))
            )
            let draws = CounterDraws(seed: 1, fold: 0, epoch: 0, step: 0)
            try model.trainingLoss(cosineBag(40, 6), target: .class(1), TrainingStep(draws: draws)).total.backward()
            let learning = try model.parameters.filter { try $0.tensor.grad != nil }.map(\.name)
            return (try model(cosineBag(40, 6)).logits.floats(), learning)
        }
        let (plain, anew) = (
            try logits(""), try logits(#", "reembedding": {"regions": 2, "heads": 2, "cross_heads": 2}"#)
        )
        #expect(plain.output != anew.output)
        #expect(anew.names.contains("online_encoder.cr_msa.attn.phi"))
        #expect(!plain.names.contains { $0.hasPrefix("online_encoder") })
    }

    @Test func aPlainProblemIsLearnedAndItsCheckpointRepeatsThePredictions() throws {
        var config = RRTConfig()
        (config.hidden, config.attentionHidden) = (16, 16)
        (config.reembedding.regions, config.reembedding.heads, config.reembedding.crossHeads) = (2, 2, 2)
        try expectLearned(.rrt(config))
    }
}
