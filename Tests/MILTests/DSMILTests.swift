import Foundation
import Messages
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import MIL

private func config(_ width: Int = 16) -> DSMILConfig {
    var config = DSMILConfig()
    (config.hidden, config.dropout) = (width, 0)
    return config
}

private func model(_ config: DSMILConfig = config()) throws -> DSMIL {
    try DSMIL(config, featureWidth: 6, classes: 2, from: SineParameters(scale: 0.2))
}

/// Reference values: the authors' module in fp32 on the same fill.
@Suite struct DSMILTests {
    private let instanceScores: [Float] = [
        0.1403924, -0.006174162, -0.1010715, -0.2204695, -0.216184, -0.06064269, 0.1082121, 0.1474361, 0.01643656,
    ]

    @Test func bothStreamsGiveTheAuthorsNumbers() throws {
        let pass = try model().forward(cosineBag(9, 6), draws: nil)
        let bags: [Float] = [
            0.2017482, 0.1356537, 0, 0.02775564, 0.3201461, 0.1153909, 0.01093752, 0.038501, 0.04875828, 0.08353933,
            0.2409218, 0.04235141, 0, 0.09453507, 0.3143593, 0.03824954, 0.2022668, 0.1346302, 0, 0.02811613, 0.3189599,
            0.1153774, 0.01109925, 0.03812099, 0.04872522, 0.08424258, 0.2405932, 0.04215088, 0, 0.09491063, 0.3130645,
            0.03837994,
        ]
        #expect(pass.bag.shape == [2, 16])
        #expect(agree(try pass.bag.floats(), bags))
        #expect(agree(try pass.bagLogits.floats(), [-0.0983405, -0.01833193]))
        #expect(agree(try pass.maxLogits.floats(), [0.1474361, -0.1010715]))
    }

    @Test func theInstanceScoreIsTheLargestLogitOverClasses() throws {
        let pass = try model().forward(cosineBag(9, 6), draws: nil)
        #expect(agree(try pass.instanceLogits.max(dim: 1).values.floats(), instanceScores))
    }

    @Test func attentionHasARowPerClassThatSumsToOne() throws {
        let output = try model()(cosineBag(9, 6))
        let attention = try output.rows()
        #expect(attention.shape == [2, 9])
        #expect(agree(try attention.sum(dim: 1).floats(), [1, 1]))
        let largest: [Float] = [
            0.1214893, 0.1172133, 0.1087436, 0.1233204, 0.09648849, 0.08887207, 0.1074324, 0.118439, 0.1227817,
        ]
        #expect(agree(try attention.max(dim: 0).values.floats(), largest))
    }

    @Test func thePredictionIsTheMeanOfTheStreamsProbabilitiesNotOfTheirLogits() throws {
        let probabilities = try model()(cosineBag(9, 6)).logits.softmax(dim: 1).floats()
        #expect(agree(probabilities, [0.5209088, 0.4790912]))
        #expect(!agree(probabilities, [0.5210499, 0.4789501]))
    }

    @Test func sureStreamsGiveFiniteLogits() throws {
        struct Huge: ParameterSource {
            func values(_ name: String, shape: [Int], _ first: FirstValues) -> [Float] {
                (1...shape.reduce(1, *)).map { 200 * Float(sin(1.3 * Double($0))) }
            }
        }
        let model = try DSMIL(config(), featureWidth: 6, classes: 2, from: Huge())
        let logits = try model(cosineBag(9, 6)).logits.floats()
        #expect(logits.allSatisfy { $0.isFinite })
        #expect((logits.min() ?? 0) < -1000)
    }

    @Test(arguments: [0, 1])
    func theLossIsTheMeanOfTwoCrossEntropiesNotThatOfMeanLogits(label: Int) throws {
        let loss = try model().trainingLoss(cosineBag(9, 6), label: label, draws: NoDraws())
        func entropy(_ logits: [Double]) -> Double { -log(softmax(logits)[label]) }
        let (bag, max) = ([-0.0983405, -0.01833193], [0.1474361, -0.1010715])
        let mean = Float((entropy(bag) + entropy(max)) / 2)
        let ofMean = Float(entropy([(bag[0] + max[0]) / 2, (bag[1] + max[1]) / 2]))
        #expect(agree([try loss.total.item()], [mean]))
        #expect(!agree([mean], [ofMean], 1e-3))
        #expect(loss.terms.map(\.name) == ["bag", "max"])
        let sum = try loss.terms.reduce(Float(0)) { try $0 + $1.value.item() }
        #expect(agree([sum], [mean]))
    }

    @Test func theBagsClassifierMixesTheClasses() throws {
        let model = try model()
        func gradients() throws -> [Float] {
            for parameter in model.parameters { parameter.tensor.dropGrad() }
            let pass = try model.forward(cosineBag(9, 6), draws: nil)
            try pass.bagLogits.select(dim: 1, index: 0).sum().backward()
            let weight = try #require(model.parameters.first { $0.name.hasSuffix("fcc.weight") })
            return try #require(try weight.tensor.grad).floats()
        }
        // Rows [class out, class in, D]: the first class's logit sees what was gathered for both.
        let found = try gradients()
        #expect(found[0..<16].contains { $0 != 0 } && found[16..<32].contains { $0 != 0 })
        #expect(found[32...].allSatisfy { $0 == 0 })
    }

    @Test func theOrderOfInstancesMovesAttentionAndNothingElse() throws {
        let model = try model()
        let bag = try cosineBag(9, 6)
        let order = [4, 0, 8, 6, 2, 5, 7, 1, 3]
        let (plain, moved) = (try model(bag), try model(bag.indexSelect(dim: 0, order)))
        #expect(agree(try plain.logits.floats(), try moved.logits.floats(), 1e-6))
        let expected = try plain.attention.indexSelect(dim: 1, order).floats()
        #expect(agree(try moved.attention.floats(), expected, 1e-6))
    }

    @Test func geluIsTheErrorFunctionsInPlaceOfReLU() throws {
        var gelu = config()
        gelu.activation = .gelu
        let model = try model(gelu)
        let linear = try cosineBag(9, 6).linear(model.parameters[0].tensor, model.parameters[1].tensor)
        let hidden = try linear.floats().map { Float(Double($0) * (1 + erf(Double($0) / 2.0.squareRoot())) / 2) }
        let expected = try Tensor(hidden, shape: [9, 16])
            .linear(model.parameters[2].tensor, model.parameters[3].tensor)
        let found = try model.forward(cosineBag(9, 6), draws: nil).instanceLogits.floats()
        #expect(agree(found, try expected.floats()))
    }

    @Test func dropoutIsForTrainingOnly() throws {
        var dropping = config(64)
        dropping.dropout = 0.25
        let model = try model(dropping)
        let bag = try cosineBag(50, 6)
        #expect(try model(bag).logits.floats() == model(bag).logits.floats())
        let losses = try (0..<2).map {
            try model.trainingLoss(bag, label: 0, draws: CounterDraws(seed: 0, fold: 0, epoch: 0, step: $0)).total
                .item()
        }
        #expect(losses[0] != losses[1])
    }

    @Test func theParametersAreThePapersLessTheUnusedPredictor() throws {
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let model = try DSMIL(DSMILConfig(), featureWidth: 1024, classes: 2, from: fresh)
        let predictor = 512 * 2 + 2
        #expect(model.parameters.map(\.tensor.count).reduce(0, +) == 873_734 - predictor)
    }

    @Test func newLinearLayersAreXavierNormalWithoutBias() throws {
        let fresh = FreshParameters(CounterDraws(seed: 1, fold: 0))
        let layer = try fresh.xavierLinear("layer", inputs: 300, outputs: 100, on: .cpu)
        let weight = try layer.weight.tensor.floats().map { Double($0) }
        let deviation = (2.0 / 400).squareRoot()
        #expect(abs(weight.reduce(0, +) / 30_000) < 4 * deviation / 30_000.0.squareRoot())
        let variance = weight.reduce(0) { $0 + $1 * $1 } / 30_000
        #expect(abs(variance.squareRoot() / deviation - 1) < 0.02)
        let within = Double(weight.count { abs($0) < deviation }) / 30_000
        #expect(abs(within - 0.6827) < 0.01)
        let bias = try #require(layer.bias).tensor.floats()
        #expect(bias == [Float](repeating: 0, count: 100))
    }

    @Test func aPlainProblemIsLearnedAndItsCheckpointRepeatsThePredictions() throws {
        try expectLearned(.dsmil(config(16)))
    }
}

/// Trains a fold of the plain problem, and reads the checkpoint back.
func expectLearned(_ model: ModelConfig) throws {
    let (problem, scratch) = (try Problem(), try Scratch())
    var request = problem.request(0, in: scratch.folder, model)
    request.training.selection = .last
    let result = try FoldTraining(request, bags: problem.bags).run { _ in }
    #expect((result.figures["test_auc"] ?? 0) >= 0.95)
    let folder = scratch.file("fold_0")
    let checkpoint = try Checkpoint(folder: folder)
    #expect(checkpoint.card.model == model)
    let predictions = try FoldPredictions(folder: folder, classes: checkpoint.card.classes)
    let bags = DeviceBags(problem.bags, standardiser: checkpoint.standardiser, on: .cpu)
    let scored = try scores(
        of: problem.cohort.slides,
        by: checkpoint.makeModel(on: .cpu),
        checkpoint.card.readout,
        bags
    )
    #expect(scored.count == predictions.rows.count)
    for score in scored {
        let row = try #require(predictions.rows.first { $0.slide == score.slide.slide })
        #expect(
            row.judged
                == score.judged(
                    threshold: checkpoint.card.threshold,
                    temperature: checkpoint.card.temperature
                )
        )
    }
}
