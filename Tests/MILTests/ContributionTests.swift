import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

@Suite struct ContributionTests {
    private static let models = [
        #"{"kind": "abmil", "hidden": 16}"#, #"{"kind": "abmil", "hidden": 16, "gated": false}"#,
        #"{"kind": "abmil", "hidden": 16, "reembedding": {"regions": 2, "heads": 2, "cross_heads": 2}}"#,
        #"{"kind": "acmil", "hidden": 16, "branches": 3}"#, #"{"kind": "clam", "hidden": 16}"#,
        #"{"kind": "clam", "variant": "mb", "hidden": 16}"#, #"{"kind": "mean", "hidden": 16}"#,
        #"{"kind": "max", "hidden": 16}"#,
        #"{"kind": "mhim", "hidden": 16, "attention_hidden": 8}"#, #"{"kind": "dtfd", "hidden": 16}"#,
        #"{"kind": "dtfd", "hidden": 16, "distillation": "maxmins", "instances": 2}"#,
        #"{"kind": "rrt", "hidden": 16, "reembedding": {"regions": 2, "heads": 2, "cross_heads": 2}}"#,
    ]

    private func model(_ json: String, outputs: Int, _ kind: Target.Kind) throws -> any MILModel {
        let config = try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
        #expect(config.refusal(of: .contribution) == nil)
        return try config.model(
            featureWidth: 6,
            classes: outputs,
            kind: kind,
            from: SineParameters(scale: 0.3)
        )
    }

    @Test(arguments: models, [Target.Kind.class, .ordinal, .labels, .number, .survival])
    func thePartsOfAllPatchesAndTheBiasAreTheOutput(json: String, kind: Target.Kind) throws {
        let outputs = [.class: 3, .ordinal: 2, .labels: 3, .number: 1, .survival: 4][kind] ?? 1
        let model = try model(json, outputs: outputs, kind)
        // Several blocks, and few instances.
        for count in [2, 300, Blockwise.rows + 40] {
            var random = CounterRandom(seed: 2, "instances", count)
            let values = (0..<(count * 6)).map { _ in Float(random.uniform(-2, 2)) }
            let bag = try Tensor(values, shape: [count, 6])
            let linear = try #require(model as? any LinearlyPooled)
            let told = try withoutGrad { try linear.contributions(bag) }
            #expect(told.values.shape == [outputs, count])
            let sums = try told.values.sum(dim: 1).floats()
            let wanted = try withoutGrad { try model(bag).logits.floats() }
            #expect(agree(zip(sums, told.bias).map { $0 + $1 }, wanted), "\(sums) \(told.bias) \(wanted)")
        }
    }

    /// Each stream's parts make its own logits; the answer is the mean of both.
    @Test func theStreamsOfDSMILAreToldApart() throws {
        let json = #"{"kind": "dsmil", "hidden": 16, "mean": "logits"}"#
        let model = try #require(try model(json, outputs: 3, .class) as? DSMIL)
        for count in [2, 300, Blockwise.rows + 40] {
            var random = CounterRandom(seed: 2, "instances", count)
            let bag = try Tensor((0..<(count * 6)).map { _ in Float(random.uniform(-2, 2)) }, shape: [count, 6])
            let (attended, critical) = try withoutGrad {
                (try model.contributions(bag), try model.criticalContributions(bag))
            }
            let streams = try [attended, critical].map { told in
                zip(try told.values.sum(dim: 1).floats(), told.bias).map { $0 + $1 }
            }
            let wanted = try withoutGrad { try model(bag).logits.floats() }
            #expect(agree(zip(streams[0], streams[1]).map { ($0 + $1) / 2 }, wanted), "\(streams) \(wanted)")
            #expect(try critical.values.floats().count { $0 != 0 } <= 3)
        }
        #expect(ModelConfig.abmil(ABMILConfig()).refusal(of: .critical)?.hasPrefix("critical is of dsmil") == true)
        #expect(ModelConfig.dsmil(DSMILConfig()).refusal(of: .critical) == nil)
    }

    @Test func whatPoolsOtherwiseIsRefusedInWordsBeforeAnyWork() throws {
        for json in [
            #"{"kind": "acmil", "variant": "mha"}"#, #"{"kind": "wikg"}"#,
            #"{"kind": "transmil"}"#, #"{"kind": "mhim", "host": "dsmil"}"#, #"{"kind": "mhim", "host": "transmil"}"#,
        ] {
            let config = try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
            #expect(
                config.refusal(of: .contribution)?.hasPrefix("contributions are of models that pool linearly") == true
            )
        }
    }

    /// Of a recipe that judges bags by draws the parts are those of the draws, and make their mean.
    @Test func thePartsOverSeveralDrawsAreTheMeanOfTheirOutputs() throws {
        let model = try model(#"{"kind": "abmil", "hidden": 16}"#, outputs: 2, .class)
        var training = TrainingConfig()
        (training.patchesPerStep, training.testDraws) = (40, 3)
        let recipe = training.recipe(for: .abmil(ABMILConfig()), featureWidth: 6, classes: 2)
        let draws = TestDraws(recipe, seed: 5, fold: 1)
        // More patches than all draws together take, and fewer than one does.
        for count in [200, 30] {
            var random = CounterRandom(seed: 2, "instances", count)
            let bag = try Tensor((0..<(count * 6)).map { _ in Float(random.uniform(-2, 2)) }, shape: [count, 6])
            let told = try withoutGrad { try draws.contributions(bag, of: model) }
            let sums = told.bias.indices.map { output in
                told.values[output * count..<(output + 1) * count].reduce(told.bias[output], +)
            }
            let wanted = try withoutGrad { try draws.logits(bag, by: model) }
            #expect(agree(sums, wanted.map { Float($0) }), "\(sums) \(wanted)")
            let unseen = (0..<count).count { told.values[$0] == 0 }
            #expect(count == 30 ? unseen == 0 : unseen >= 80)
        }
    }

    @Test func aNumbersPartsAreInItsOwnUnit() {
        let readout = Readout.number(Readout.NumberScale(mean: 100, sd: 20, huber: nil))
        #expect(readout.outputScale == (20, 100))
        #expect(Readout.class(count: 2).outputScale == (1, 0))
    }

    @Test func rowsOfExplanationsAreToldFromTheModelsOwn() {
        #expect(Explanation.contribution.row(2) == "contribution_2")
        #expect(Explanation.named("contribution_2")?.output == 2)
        #expect(Explanation.named("branch_2") == nil && Explanation.named("contribution_x") == nil)
    }
}
