import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import MIL

let attentionOrder = [
    "feature.0.weight", "feature.0.bias", "online_encoder.attention.attention.0.weight",
    "online_encoder.attention.attention.2.weight", "predictor.weight", "predictor.bias",
]

private let transformerOrder: [String] = {
    let encoder = "online_encoder."
    let parts =
        ["norm.weight", "norm.bias"] + ["to_qkv.weight", "to_out.0.weight", "to_out.0.bias"].map { "attn.\($0)" }
    let layers = ["layer1", "layer2"].flatMap { layer in
        (parts + ["attn.res_conv.weight"]).map { "\(encoder)\(layer).\($0)" }
    }
    let convolutions = ["proj", "proj1", "proj2"].flatMap { name in
        ["weight", "bias"].map { "\(encoder)pos_embedding.\(name).\($0)" }
    }
    let norm = ["cls_token", "norm.weight", "norm.bias"].map { encoder + $0 }
    return ["feature.0.weight", "feature.0.bias"] + norm + layers + convolutions + [
        "predictor.weight", "predictor.bias",
    ]
}()

/// Small and without dropout, and ReLU as in the reference vectors.
func smallMHIM(_ host: MHIMConfig.Host = .abmil, version: Int = 1) -> MHIMConfig {
    var config = MHIMConfig(host: host, version: version)
    (config.hidden, config.activation) = (16, .relu)
    config.dropout = 0
    if host == .transmil { config.attentionDropout = 0 }
    if version == 2 { config.mergeDropout = 0 }
    return config
}

private func host(_ config: MHIMConfig = smallMHIM()) throws -> AttentionHost {
    let source = SineParameters(scale: 0.2, order: attentionOrder)
    return try AttentionHost(config, featureWidth: 6, classes: 2, from: source, on: .cpu)
}

private func transformer(_ config: MHIMConfig = smallMHIM(.transmil)) throws -> TransformerHost {
    let source = SineParameters(scale: 0.2, order: transformerOrder)
    return try TransformerHost(config, featureWidth: 6, classes: 2, from: source, on: .cpu)
}

/// Reference values: the authors' modules in fp32 on the same fill.
@Suite struct MHIMHostTests {
    @Test func theAttentionHostGivesTheAuthorsNumbers() throws {
        let host = try host()
        let pass = try host.encode(host.embedding(cosineBag(9, 6), nil), nil)
        let bag: [Float] = [
            0.2373502, 0.06046113, 0.0690619, 0.2143469, 0.326456, 0.126403, 0.06259853, 0.08124942, 0.2667396,
            0.2139385, 0.1312534, 0.05520812, 0.1591271, 0.1953502, 0.2061799, 0.1146819,
        ]
        #expect(agree(try pass.bag.floats(), bag))
        #expect(agree(try pass.logits.floats(), [-0.2265505, 0.003164768]))
        let raw: [Float] = [
            -0.04696236, -0.0225538, -0.006859461, 0.0007669181, -0.01270358, -0.006342292, -0.03929116, -0.050247,
            -0.02708476,
        ]
        #expect(agree(try pass.attention.floats(), raw, 1e-6))
    }

    @Test func theAttentionScoreIsSoftmaxedAndOneRow() throws {
        let host = try host()
        let pass = try host.encode(host.embedding(cosineBag(9, 6), nil), nil)
        let score = try host.score(pass, byClass: false, nil).values()
        #expect(score.shape == [1, 9])
        let attention: [Float] = [
            0.1085149, 0.1111962, 0.1129551, 0.1138199, 0.112297, 0.1130136, 0.1093506, 0.1081591, 0.1106936,
        ]
        #expect(agree(try score.floats(), attention, 1e-6))
    }

    @Test func geluBeforeTheAttentionIsTheExactOne() throws {
        var config = smallMHIM()
        config.activation = .gelu
        #expect(agree(try host(config)(cosineBag(9, 6)).logits.floats(), [-0.2009525, -0.017318], 1e-6))
    }

    private static let pseudoScores: [Float] = [
        0.5071549, 0.5073577, 0.5000034, 0.5081772, 0.5105501, 0.5078923, 0.5001559, 0.5067918, 0.5077173,
    ]

    @Test func theClassScoreIsTheLargestProbabilityOfAnInstanceAlone() throws {
        let host = try host()
        let pass = try host.encode(host.embedding(cosineBag(9, 6), nil), nil)
        let score = try host.score(pass, byClass: true, nil)
        let values = try score.values().floats()
        #expect(agree(values, Self.pseudoScores, 1e-6))
        #expect(values.allSatisfy { $0 >= 0.5 && $0 <= 1 })
        let ranks = try score.ranks()
        #expect(ranks.count == 1)
        #expect(
            StableRanking().first(9, of: ranks[0], largest: true)
                == StableRanking().first(9, of: Self.pseudoScores, largest: true)
        )
    }

    @Test func aConstantInAllBiasesChangesNoClassScore() throws {
        let host = try host()
        let pass = try host.encode(host.embedding(cosineBag(9, 6), nil), nil)
        let bias = try #require(host.parameters.last)
        try withoutGrad { try bias.tensor.accumulate(Tensor.full([2], value: 3)) }
        #expect(agree(try host.score(pass, byClass: true, nil).values().floats(), Self.pseudoScores, 1e-6))
    }

    @Test func classRanksTellApartWhatProbabilitiesInFP32DoNot() throws {
        // Three classes; the differences are far below the rounding of a probability near 1/3.
        let score = InstanceScore.classes(try Tensor([2e-9, 0, 0, 1e-9, 0, 0, 0, 0, 3e-9], shape: [3, 3]))
        #expect(Set(try score.values().floats()).count == 1)
        #expect(StableRanking().first(3, of: try score.ranks()[0], largest: true) == [2, 0, 1])
    }

    @Test func theAttentionHasNoBiasesAndAsManyParametersAsTheAuthors() throws {
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        func count(_ config: MHIMConfig) throws -> Int {
            try AttentionHost(config, featureWidth: 1024, classes: 2, from: fresh, on: .cpu).parameters
                .map(\.tensor.count).reduce(0, +)
        }
        var gated = MHIMConfig()
        gated.gated = true
        #expect(try count(MHIMConfig()) == 591_490)
        #expect(try count(gated) == 657_026)
        let transformer = try TransformerHost(
            MHIMConfig(host: .transmil),
            featureWidth: 1024,
            classes: 2,
            from: fresh,
            on: .cpu
        )
        #expect(transformer.parameters.map(\.tensor.count).reduce(0, +) == 2_672_146)
    }

    @Test func theTransformerFillsASmallGridWithZeros() throws {
        let host = try transformer()
        let pass = try host.encode(host.embedding(cosineBag(9, 6), nil), nil)
        let bag: [Float] = [
            -0.2864379, 0.04506858, 0.1048319, -0.01988803, -0.08570586, -0.4624992, 0.1300708, -0.02653796, 0.1838073,
            -0.166982, -0.1879938, 0.1089463, 0.04860296, 0.0001766956, -0.2581103, -0.3173592,
        ]
        #expect(agree(try pass.bag.floats(), bag))
        #expect(agree(try pass.logits.floats(), [0.2503969, -0.1169391]))
        let attention = try host.score(pass, byClass: false, nil).values()
        #expect(attention.shape == [8, 9])
        let first: [Float] = [
            0.06407582, 0.06342723, 0.06336177, 0.06417514, 0.06467281, 0.06473774, 0.06450871, 0.06416847, 0.0634793,
        ]
        #expect(agree(Array(try attention.floats().prefix(9)), first, 1e-6))
        let sums: [Float] = [0.576607, 0.5722072, 0.5679148, 0.5711412, 0.5764813, 0.5731251, 0.5680918, 0.570303]
        #expect(agree(try attention.sum(dim: 1).floats(), sums))
        let scores: [Float] = [
            0.6286919, 0.6286612, 0.628637, 0.6286328, 0.628668, 0.6287191, 0.6287299, 0.6286987, 0.6286529,
        ]
        // There the projection's bias speaks for a class in every instance; the predictor's own cancels.
        #expect(agree(try host.score(pass, byClass: true, nil).values().floats(), scores, 1e-6))
    }

    @Test func theTransformerFillsALargerGridWithItsFirstTokens() throws {
        let host = try transformer()
        let pass = try host.encode(host.embedding(cosineBag(50, 6), nil), nil)
        let bag: [Float] = [
            -0.3972285, 0.1360621, 0.0882001, 0.1400577, -0.09477302, -0.3589073, 0.03522536, -0.02212838, 0.04745895,
            -0.176584, -0.2500512, 0.1750783, 0.09391022, 0.1004326, -0.2133265, -0.3010787,
        ]
        #expect(agree(try pass.bag.floats(), bag))
        #expect(agree(try pass.logits.floats(), [0.2623794, -0.1442511]))
        let sums: [Float] = [
            0.8990906, 0.8975183, 0.8957129, 0.8971177, 0.8990495, 0.8978656, 0.8957919, 0.8967764,
        ]
        let attention = try host.score(pass, byClass: false, nil).values()
        #expect(agree(try attention.sum(dim: 1).floats(), sums))
        let scores: [Float] = [
            0.6283966, 0.628388, 0.6283811, 0.6283795, 0.6283894, 0.6284041, 0.6284073, 0.6283985, 0.6283857,
        ]
        #expect(agree(Array(try host.score(pass, byClass: true, nil).values().floats().prefix(9)), scores, 1e-6))
    }

    @Test func theSecondLayerScoresWhereItIsAskedFor() throws {
        var config = smallMHIM(.transmil)
        config.attentionLayer = 2
        let (first, second) = (try transformer(), try transformer(config))
        let bag = try cosineBag(9, 6)
        #expect(try first(bag).logits.floats() == second(bag).logits.floats())
        #expect(try first(bag).rows().floats() != second(bag).rows().floats())
    }

    @Test func dsmilScoresByItsInstancesLogitsOrByAttention() throws {
        let host = try DSMIL(smallMHIM(.dsmil).dsmil, featureWidth: 6, classes: 2, from: SineParameters(scale: 0.2))
        let pass = try host.forward(cosineBag(9, 6), draws: nil)
        let logits: [Float] = [
            0.1403924, -0.006174162, -0.1010715, -0.2204695, -0.216184, -0.06064269, 0.1082121, 0.1474361, 0.01643656,
        ]
        let attention: [Float] = [
            0.1214893, 0.1172133, 0.1087436, 0.1233204, 0.09648849, 0.08887207, 0.1074324, 0.118439, 0.1227817,
        ]
        #expect(agree(try host.score(pass, byClass: true, nil).values().floats(), logits))
        #expect(agree(try host.score(pass, byClass: false, nil).values().floats(), attention))
        #expect(MHIMConfig(host: .dsmil, version: 1).scoresByClass)
        #expect(!MHIMConfig(host: .abmil, version: 1).scoresByClass)
    }

    @Test func dsmilOfVersion2AveragesLogitsWhereVersion1AveragesProbabilities() throws {
        func host(_ version: Int) throws -> DSMIL {
            let config = smallMHIM(.dsmil, version: version).dsmil
            return try DSMIL(config, featureWidth: 6, classes: 2, from: SineParameters(scale: 0.2))
        }
        let (first, second) = (try host(1), try host(2))
        let bag = try cosineBag(9, 6)
        #expect(agree(try first(bag).logits.softmax(dim: 1).floats(), [0.5209088, 0.4790912], 1e-6))
        #expect(agree(try second(bag).logits.softmax(dim: 1).floats(), [0.5210499, 0.4789501], 1e-6))
        let losses = try [first, second].map {
            try $0.trainingLoss(bag, label: 0, draws: NoDraws()).total.item()
        }
        #expect(agree([losses[1]], [Float(-log(0.5210499))]))
        #expect(losses[0] > losses[1] + 1e-4)
    }
}
