import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Files
@testable import MIL

private func config(branches: Int, masked: Int = 0, drop: Double = 1) -> ACMILConfig {
    var config = ACMILConfig()
    (config.branches, config.maskedPatches, config.maskDrop) = (branches, masked, drop)
    (config.hidden, config.attentionHidden) = (5, 4)
    return config
}

private func model(_ config: ACMILConfig) throws -> ACMIL {
    try ACMIL(config, featureWidth: 6, classes: 2, from: SineParameters())
}

/// Reference values: the authors' modules in fp32 on the same fill.
@Suite struct ACMILTests {
    private let rawAttention: [Float] = [
        0.02982439, 0.04923204, -0.06182874, -0.2029387, -0.266845, -0.2159655, -0.07386941, 0.5478197, 0.6893474,
        0.8017663, 0.6704065, 0.4935485, 0.4665061, 0.5122225, 0.2949461, 0.4081548, 0.6245558, 0.6425772, 0.5407617,
        0.4645425, 0.3652843,
    ]

    @Test func theTestTimePassGivesTheAuthorsNumbers() throws {
        let model = try model(config(branches: 3, masked: 2))
        let bag = try cosineBag(7, 6)
        let pass = try model.forward(bag, draws: nil)
        let branches: [Float] = [0.4521114, 0.2355768, 0.2044134, -0.3770577, -0.4250745, -0.3837546]
        #expect(agree(try pass.branchLogits.floats(), branches))
        let output = try model(bag)
        #expect(agree(try output.logits.floats(), [-0.3467286, 0.2483844]))
        #expect(output.attention.shape == [3, 7])
        #expect(agree(try output.attention.floats(), rawAttention))
        let mean = try output.rows().mean(dim: 0).floats()
        #expect(agree(mean, [0.1385904, 0.1512169, 0.1622361, 0.1495824, 0.1332782, 0.1305469, 0.1345491]))
        #expect(abs(mean.reduce(0, +) - 1) < 1e-6)
    }

    @Test func theLossIsTheSumOfItsThreeTerms() throws {
        let loss = try model(config(branches: 3)).trainingLoss(cosineBag(7, 6), label: 1, draws: NoDraws())
        #expect(loss.terms.map(\.name) == ["bag", "branch", "diversity"])
        #expect(agree(try loss.terms.map { try $0.value.item() }, [0.4392224, 0.8351763, 0.9877627]))
        #expect(agree([try loss.total.item()], [2.262161]))
    }

    @Test func aMaskedStepGivesTheAuthorsLossGradientsAndWeights() throws {
        let model = try model(config(branches: 3, masked: 2))
        let draws = CounterDraws(seed: 0, fold: 0, epoch: 0, step: 0)
        let pass = try model.forward(cosineBag(7, 6), draws: draws)
        var masked = rawAttention
        for index in [0, 1, 8, 9, 16, 17] { masked[index] = -1e9 }
        #expect(agree(try pass.attention.floats(), masked))
        #expect(agree(try pass.bagLogits.floats(), [-0.4476619, 0.1810494]))
        let branches: [Float] = [0.6180382, 0.3446695, 0.3003129, -0.3307096, -0.4665993, -0.4821336]
        #expect(agree(try pass.branchLogits.floats(), branches))

        let loss = try model.trainingLoss(cosineBag(7, 6), label: 1, draws: draws)
        #expect(agree(try loss.terms.map { try $0.value.item() }, [0.4274083, 0.8659053, 0.7150518]))
        #expect(agree([try loss.total.item()], [2.008365]))
        let settings = Adam.Settings(weightDecay: 1e-5)
        let optimiser = try AdamW(model.parameters, learningRate: 1e-4, settings: settings)
        try loss.total.backward()
        // The sum of a two-class head's gradient is rounding noise, and so is all of attention_weights.bias: those compare
        // by the sum of magnitudes only, or not at all.
        let sums: [String: (sum: Float?, magnitude: Float)] = [
            "dimreduction.fc1.weight": (-0.04646075, 0.3971301),
            "attention.attention_V.0.weight": (0.02969653, 0.2636538),
            "attention.attention_V.0.bias": (0.009570304, 0.05437212),
            "attention.attention_U.0.weight": (-0.01224283, 0.06058909),
            "attention.attention_U.0.bias": (-0.008337576, 0.02654908),
            "attention.attention_weights.weight": (-0.242445, 0.2485642), "classifier.0.fc.weight": (nil, 0.6494984),
            "classifier.0.fc.bias": (nil, 0.3786132), "classifier.1.fc.weight": (nil, 0.8382725),
            "classifier.1.fc.bias": (nil, 0.4351475), "classifier.2.fc.weight": (nil, 0.6711277),
            "classifier.2.fc.bias": (nil, 0.3359223), "Slide_classifier.fc.weight": (nil, 1.307679),
            "Slide_classifier.fc.bias": (nil, 0.6956056),
        ]
        #expect(sums.count == model.parameters.count - 1)
        for parameter in model.parameters {
            guard let wanted = sums[parameter.name] else { continue }
            let grad = try #require(try parameter.tensor.grad).floats()
            #expect(agree([grad.map(abs).reduce(0, +)], [wanted.magnitude]), "\(parameter.name)")
            if let sum = wanted.sum { #expect(agree([grad.reduce(0, +)], [sum]), "\(parameter.name)") }
        }
        try optimiser.step()
        let first = try model.parameters[0].tensor.floats().prefix(3)
        #expect(agree(Array(first), [0.4545487, -0.07897285, -0.4967455], 1e-6))
    }

    @Test func oneBranchEqualsGatedABMILWithTheBagsHead() throws {
        let source = SineParameters()
        let model = try ACMIL(config(branches: 1), featureWidth: 6, classes: 2, from: source)
        let pass = try model.forward(cosineBag(7, 6), draws: nil)
        #expect(agree(try pass.branchLogits.floats(), [0.4521114, 0.2355768]))
        #expect(agree(try pass.bagLogits.floats(), [0.274716, -0.3072938]))
        #expect(agree(try pass.attention.floats(), Array(rawAttention.prefix(7))))

        // The same values in ABMIL, whose classifier is the bag's.
        var abmil = ABMILConfig()
        (abmil.hidden, abmil.attentionHidden) = (5, 4)
        let values = try Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, try $0.tensor.floats()) })
        struct Renamed: ParameterSource {
            let values: [String: [Float]]

            func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
                try #require(values[name.replacing(/^classifier/, with: "Slide_classifier")])
            }
        }
        let baseline = try ABMIL(abmil, featureWidth: 6, classes: 2, from: Renamed(values: values))
        let output = try baseline(cosineBag(7, 6))
        #expect(try output.logits.floats() == pass.bagLogits.floats())
        #expect(try output.attention.floats() == pass.attention.floats())
    }

    @Test func withOneBranchTheBranchsHeadIsNotEvenDecayed() throws {
        let model = try model(config(branches: 1))
        let optimiser = try AdamW(model.parameters, learningRate: 0.1, settings: .init(weightDecay: 0.5))
        func head() throws -> [[Float]] {
            try model.parameters.filter { $0.name.hasPrefix("classifier.0") }.map { try $0.tensor.floats() }
        }
        let before = try head()
        let loss = try model.trainingLoss(cosineBag(7, 6), label: 0, draws: NoDraws())
        #expect(try loss.terms.map { try $0.value.item() }.suffix(2) == [0, 0])
        try loss.total.backward()
        try optimiser.step()
        #expect(before.count == 2)
        #expect(try head() == before)
    }

    @Test func thereIsNoDropoutAndNoBiasInTheFirstLayer() throws {
        let model = try model(config(branches: 3))
        let losses = try (0..<2).map { _ in
            try model.trainingLoss(cosineBag(7, 6), label: 0, draws: NoDraws()).total.item()
        }
        #expect(losses[0] == losses[1])
        #expect(!model.parameters.contains { $0.name == "dimreduction.fc1.bias" })
    }

    @Test func theOrderOfInstancesMovesAttentionAndNothingElse() throws {
        let model = try model(config(branches: 3))
        let bag = try cosineBag(7, 6)
        let order = [4, 0, 6, 2, 5, 1, 3]
        let (plain, moved) = (try model(bag), try model(bag.indexSelect(dim: 0, order)))
        #expect(agree(try plain.logits.floats(), try moved.logits.floats(), 1e-6))
        let expected = try plain.attention.indexSelect(dim: 1, order).floats()
        #expect(agree(try moved.attention.floats(), expected, 1e-6))
    }

    @Test(arguments: [(384, 5, 2, 84_369), (512, 5, 2, 200_593), (1024, 5, 3, 665_495), (1024, 1, 2, 657_797)])
    func theParametersCountIsThePapers(features: Int, branches: Int, classes: Int, count: Int) throws {
        var config = ACMILConfig()
        config.branches = branches
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let model = try ACMIL(config, featureWidth: features, classes: classes, from: fresh)
        #expect(model.parameters.map(\.tensor.count).reduce(0, +) == count)
        if branches == 1 {
            let baseline = try ABMIL(ABMILConfig(), featureWidth: features, classes: classes, from: fresh)
            #expect(baseline.parameters.map(\.tensor.count).reduce(0, +) == 656_771)
        }
    }

    @Test func newParametersFillTheDefaultRange() throws {
        let fresh = FreshParameters(CounterDraws(seed: 1, fold: 0))
        let weight = try fresh.values("layer.weight", shape: [64, 100], .uniform(fanIn: 100))
        #expect(weight.allSatisfy { abs($0) <= 0.1 })
        #expect((weight.max() ?? 0) > 0.099 && (weight.min() ?? 0) < -0.099)
        #expect(abs(weight.reduce(0, +) / 6400) < 0.003)
        #expect(try fresh.values("other.weight", shape: [64, 100], .uniform(fanIn: 100)) != weight)
    }

    @Test func dropoutInABMILIsForTrainingOnly() throws {
        var config = ABMILConfig()
        (config.hidden, config.dropout) = (64, 0.5)
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let model = try ABMIL(config, featureWidth: 6, classes: 2, from: fresh)
        let bag = try cosineBag(50, 6)
        #expect(try model(bag).logits.floats() == model(bag).logits.floats())
        let losses = try (0..<2).map {
            try model.trainingLoss(bag, label: 0, draws: CounterDraws(seed: 0, fold: 0, epoch: 0, step: $0)).total
                .item()
        }
        #expect(losses[0] != losses[1])
    }
}
