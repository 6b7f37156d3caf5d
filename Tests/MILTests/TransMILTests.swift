import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

private let order: [String] = {
    let convolutions = ["proj", "proj1", "proj2"].flatMap { ["pos_layer.\($0).weight", "pos_layer.\($0).bias"] }
    let parts =
        ["norm.weight", "norm.bias"] + ["to_qkv.weight", "to_out.0.weight", "to_out.0.bias"].map { "attn.\($0)" }
    let layers = ["layer1", "layer2"].flatMap { layer in
        (parts + ["attn.res_conv.weight"]).map { "\(layer).\($0)" }
    }
    return ["cls_token"] + convolutions + ["feature.0.weight", "feature.0.bias"] + layers
        + ["norm.weight", "norm.bias", "classifier.weight", "classifier.bias"]
}()

private func model() throws -> TransMIL {
    var config = TransMILConfig()
    (config.hidden, config.dropout, config.attentionDropout) = (16, 0, 0)
    return try TransMIL(config, featureWidth: 6, classes: 2, from: SineParameters(scale: 0.2, order: order))
}

/// Reference values: the authors' module in fp32 on the same fill.
@Suite struct TransMILTests {
    private static let references: [(Int, [Float], [Float])] = [
        (9, [0.248252, -0.1099628], [0.06426784, 0.06446645, 0.06399617, 0.06325463, 0.06363984]),
        (50, [0.2506326, -0.1289782], [0.01406923, 0.01411931, 0.01399997, 0.01381231, 0.01391017]),
    ]

    @Test(arguments: references)
    func theTestTimePassGivesTheAuthorsNumbers(count: Int, logits: [Float], firstHead: [Float]) throws {
        let pass = try model().forward(cosineBag(count, 6), draws: nil)
        #expect(agree(try pass.logits.floats(), logits))
        #expect(pass.attention.shape == [8, count])
        #expect(agree(Array(try pass.attention.floats().prefix(5)), firstHead))
    }

    @Test func whatItShowsIsAScoreAndNoDistribution() throws {
        let output = try model()(cosineBag(9, 6))
        #expect(output.kind == .score)
        #expect(output.names == ["class_token"])
        let rows = try output.rows()
        #expect(rows.shape == [1, 9])
        let sum = try rows.sum().item()
        #expect(sum > 0.5 && sum < 0.65)
    }

    @Test func theOrderOfInstancesMatters() throws {
        let model = try model()
        let bag = try cosineBag(9, 6)
        let moved = try bag.indexSelect(dim: 0, [8, 1, 2, 3, 4, 5, 6, 7, 0])
        #expect(!agree(try model(bag).logits.floats(), try model(moved).logits.floats(), 1e-6))
    }

    @Test func everyParameterGetsAGradient() throws {
        let model = try model()
        let loss = try model.trainingLoss(cosineBag(9, 6), label: 1, draws: NoDraws())
        try loss.total.backward()
        for parameter in model.parameters {
            #expect(try parameter.tensor.grad != nil, "\(parameter.name)")
        }
        #expect(Set(model.parameters.map(\.name)) == Set(order))
    }

    @Test func theParametersCountIsThePapers() throws {
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let model = try TransMIL(TransMILConfig(), featureWidth: 1024, classes: 2, from: fresh)
        #expect(model.parameters.map(\.tensor.count).reduce(0, +) == 2_672_146)
    }

    @Test(arguments: [1, 2, 3, 5])
    func theSmallestBagsAreClassifiedToo(count: Int) throws {
        let output = try model()(cosineBag(count, 6))
        #expect(try output.logits.floats().allSatisfy(\.isFinite))
        #expect(try output.rows().shape == [1, count])
    }
}
