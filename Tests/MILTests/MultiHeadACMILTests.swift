import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL

private func config(branches: Int = 2, masked: Int = 0, dropout: Double = 0) -> ACMILConfig {
    var config = ACMILConfig()
    (config.variant, config.hidden, config.dropout) = (.mha, 16, dropout)
    (config.branches, config.maskedPatches, config.maskDrop) = (branches, masked, 1)
    return config
}

private func model(_ config: ACMILConfig) throws -> MultiHeadACMIL {
    try MultiHeadACMIL(config, featureWidth: 6, classes: 3, from: SineParameters())
}

private func draws(_ step: Int) -> CounterDraws { CounterDraws(seed: 0, fold: 0, epoch: 0, step: step) }

/// Reference values: the authors' modules in fp32 on the same fill; 8 heads, 2 branches, 5 instances, label 2.
@Suite struct MultiHeadACMILTests {
    private let rawAttention: [Float] = [
        0.7667522, -1.157198, -2.438645, -2.456237, -1.240852, 1.086802, 1.364089, 0.01830589, -1.640853, -2.637676,
        1.235482, -0.1930651, -1.051449, -0.9634297, -0.01101483, 0.6266338, 1.737017, 0.6436928, -1.336203, -3.021665,
        1.140955, -0.5028781, -1.15436, -0.6879805, 0.5884935, 0.6320933, 1.972888, 1.560662, 0.1557469, -1.392001,
        0.7075888, -1.250467, -2.251327, -1.939922, -0.5401587, 1.400077, 2.123925, 1.572918, 0.4578308, -0.5540833,
        0.2144043, -1.435597, -2.47321, -2.421666, -1.346391, 1.590604, 2.134958, 1.084269, -0.4451828, -1.547787,
        0.2555124, -1.183284, -1.806029, -1.45485, -0.3657897, 0.6167399, 1.615651, 0.7094994, -0.9875832, -2.462281,
        1.112974, -0.8108853, -1.513453, -0.9025969, 0.6234791, 0.0983094, 1.118786, 0.5559353, -0.7838082, -2.095533,
        1.711127, -0.4498071, -1.722315, -1.560991, -0.1063594, 1.135783, 1.724856, 0.8953384, -0.4259085, -1.454014,
    ]

    @Test func theTestTimePassGivesTheAuthorsNumbersHeadsFirst() throws {
        let pass = try model(config(masked: 2)).forward(cosineBag(5, 6), draws: nil)
        #expect(pass.attention.shape == [8, 2, 5])
        #expect(agree(try pass.attention.floats(), rawAttention))
        #expect(
            agree(try pass.branchLogits.floats(), [0.9867382, 0.2764042, -1.829235, 1.729802, -0.5937538, -1.374172])
        )
        #expect(agree(try pass.bagLogits.floats(), [-1.896929, 2.279036, 0.8166592]))
    }

    @Test func theLossAveragesTheBranchesSimilarityOverTheHeads() throws {
        let model = try model(config())
        let loss = try model.trainingLoss(cosineBag(5, 6), label: 2, draws: NoDraws())
        // In the order of the terms: bag, branch, diversity.
        #expect(agree(try loss.terms.map { try $0.value.item() }, [1.683154, 3.246268, 0.5275642]))
        #expect(agree([try loss.total.item()], [5.456985]))
        let attention = try model.forward(cosineBag(5, 6), draws: nil).attention
        let byHead = try (0..<8).map { try attentionSimilarity(attention.select(dim: 0, index: $0)).item() }
        #expect(agree([byHead.reduce(0, +) / 8], [0.5275642]))
        #expect(Set(byHead).count == 8)
    }

    @Test func aMaskedStepGivesTheAuthorsNumbersAndMasksEveryHeadAlone() throws {
        let model = try model(config(masked: 2))
        let pass = try model.forward(cosineBag(5, 6), draws: draws(0))
        var masked = rawAttention
        for index in [
            0, 1, 5, 6, 10, 14, 16, 17, 20, 24, 26, 27, 30, 34, 36, 37, 40, 44, 45, 46, 50, 54, 56, 57, 60, 64, 66, 67,
            70, 74, 75, 76,
        ] { masked[index] = -1e9 }
        #expect(agree(try pass.attention.floats(), masked))
        #expect(
            agree(try pass.branchLogits.floats(), [0.9842401, 0.2748718, -1.825602, 1.739904, -0.5730858, -1.399593])
        )
        #expect(agree(try pass.bagLogits.floats(), [-1.925022, 2.288341, 0.8378563]))
        let attention = try pass.attention.softmax(dim: 2).floats()
        #expect(zip(attention, masked).allSatisfy { ($0 == 0) == ($1 == -1e9) })
        let loss = try model.trainingLoss(cosineBag(5, 6), label: 2, draws: draws(0))
        #expect(agree(try loss.terms.map { try $0.value.item() }, [1.673031, 3.261004, 0.2448078]))
        #expect(agree([try loss.total.item()], [5.178843]))
    }

    @Test func heatmapsGetTheMeanOfTheHeadsAttentionOfEveryBranch() throws {
        let model = try model(config())
        let output = try model(cosineBag(5, 6))
        let branches = try output.rows()
        #expect(branches.shape == [2, 5])
        let heads = try output.attention.softmax(dim: 2).floats()
        let wanted = (0..<10).map { (place: Int) -> Float in
            var sum: Float = 0
            for head in 0..<8 { sum += heads[head * 10 + place] }
            return sum / 8
        }
        #expect(agree(try branches.floats(), wanted, 1e-6))
        #expect(try branches.sum(dim: 1).floats().allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test func theOrderOfInstancesMovesAttentionAndNothingElse() throws {
        let model = try model(config())
        let bag = try cosineBag(5, 6)
        let order = [4, 0, 2, 1, 3]
        let (plain, moved) = (try model(bag), try model(bag.indexSelect(dim: 0, order)))
        #expect(agree(try plain.logits.floats(), try moved.logits.floats(), 1e-5))
        let expected = try plain.attention.indexSelect(dim: 2, order).floats()
        #expect(agree(try moved.attention.floats(), expected, 1e-5))
    }

    @Test(arguments: [(384, 5, 2, 416_140), (384, 1, 2, 149_380), (512, 2, 3, 793_353)])
    func theParametersCountIsThePapers(features: Int, branches: Int, classes: Int, count: Int) throws {
        var config = ACMILConfig()
        (config.variant, config.branches) = (.mha, branches)
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let model = try MultiHeadACMIL(config, featureWidth: features, classes: classes, from: fresh)
        #expect(model.parameters.map(\.tensor.count).reduce(0, +) == count)
    }

    @Test func aNewModelsAttentionDoesNotDependOnItsQueries() throws {
        struct OtherQueries: ParameterSource {
            func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
                let draws = CounterDraws(seed: name == "q" ? 2 : 1, fold: 0)
                return try FreshParameters(draws).values(name, shape: shape, first)
            }
        }
        let fresh = FreshParameters(CounterDraws(seed: 1, fold: 0))
        let one = try MultiHeadACMIL(config(), featureWidth: 6, classes: 3, from: fresh)
        let other = try MultiHeadACMIL(config(), featureWidth: 6, classes: 3, from: OtherQueries())
        let queries = try [one, other].map { try $0.parameters[0].tensor.floats() }
        #expect(queries[0] != queries[1])
        #expect(queries.joined().allSatisfy { $0 != 0 && abs($0) < 1e-5 })
        let outputs = try [one(cosineBag(5, 6)), other(cosineBag(5, 6))]
        #expect(agree(try outputs[0].attention.floats(), try outputs[1].attention.floats(), 1e-5))
        #expect(agree(try outputs[0].logits.floats(), try outputs[1].logits.floats(), 1e-5))
    }

    @Test func dropoutIsForTrainingOnly() throws {
        let model = try model(config(dropout: 0.5))
        let bag = try cosineBag(5, 6)
        let losses = try (0..<2).map { try model.trainingLoss(bag, label: 2, draws: draws($0)).total.item() }
        #expect(losses[0] != losses[1])
        #expect(agree(try model(bag).logits.floats(), [-1.896929, 2.279036, 0.8166592]))
    }

    @Test func withOneBranchItsValuesAndHeadGetNoGradient() throws {
        let model = try model(config(branches: 1))
        let loss = try model.trainingLoss(cosineBag(5, 6), label: 2, draws: NoDraws())
        #expect(try loss.terms.map { try $0.value.item() }.suffix(2) == [0, 0])
        try loss.total.backward()
        let without = try model.parameters.filter { try $0.tensor.grad == nil }.map(\.name)
        let block =
            ["v_proj.weight", "v_proj.bias", "out_proj.weight", "out_proj.bias"]
            + ["layer_norm.weight", "layer_norm.bias"]
        #expect(without == block.map { "sub_attention.0.\($0)" } + ["classifier.0.fc.weight", "classifier.0.fc.bias"])
    }

    @Test func aWidthThatTheHeadsCannotDivideIsRefusedByItsKey() throws {
        var config = config()
        config.hidden = nil
        let error = try #require(throws: ConfigError.self) {
            try MultiHeadACMIL(config, featureWidth: 26, classes: 2, from: SineParameters())
        }
        #expect(error.subject == "model.hidden")
        #expect(error.message.contains("13") && error.message.contains("8"))
    }

    @Test func newNormalValuesHaveTheirDeviation() throws {
        let fresh = FreshParameters(CounterDraws(seed: 1, fold: 0))
        let values = try fresh.values("w", shape: [100, 200], .normal(deviation: 0.1)).map { Double($0) }
        let mean = values.reduce(0, +) / 20_000
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 20_000
        #expect(abs(mean) < 0.003)
        #expect(abs(variance.squareRoot() - 0.1) < 0.002)
        let outer = values.count { abs($0) > 0.196 }
        #expect((900...1100).contains(outer))
    }
}
