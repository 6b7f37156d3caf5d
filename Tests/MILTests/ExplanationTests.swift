import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

@Suite struct ExplanationTests {
    static func model(
        _ json: String,
        outputs: Int = 3,
        from source: some ParameterSource = SineParameters(scale: 0.3)
    ) throws -> any MILModel {
        let config = try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
        return try config.model(featureWidth: 6, classes: outputs, from: source)
    }

    static func bag(_ count: Int) throws -> Tensor {
        var random = CounterRandom(seed: 3, "instances", count)
        let values = (0..<(count * 6)).map { _ in Float(random.uniform(-2, 2)) }
        return try Tensor(values, shape: [count, 6])
    }

    static let margin = Margin(output: 1, weights: [-0.5, 1, -0.5])

    static func explainer(
        _ model: any MILModel,
        _ features: Tensor,
        _ margin: Margin = margin,
        neighbourhoods: [[Int]]? = nil,
        rows: Range<Int>? = nil,
        block: Int = Blockwise.rows
    ) -> BagExplainer {
        BagExplainer(
            model: model,
            features: features,
            margins: [margin],
            trainingMean: [0.1, 0.2, -0.1, 0, 0.3, -0.2],
            neighbourhoods: neighbourhoods ?? (0..<features.shape[0]).map { [$0] },
            rows: rows ?? 0..<features.shape[0],
            block: block
        )
    }

    static func answer(_ model: any MILModel, _ features: Tensor, _ margin: Margin = margin) throws -> Double {
        let outputs = try withoutGrad { try model(features).logits.floats() }
        return margin(outputs.map { Double($0) })
    }

    @Test(arguments: [
        #"{"kind": "abmil", "hidden": 16}"#, #"{"kind": "acmil", "hidden": 16, "branches": 3}"#,
        #"{"kind": "clam", "variant": "mb", "hidden": 16}"#, #"{"kind": "mean", "hidden": 16}"#,
        #"{"kind": "max", "hidden": 16}"#, #"{"kind": "dtfd", "hidden": 16}"#,
        #"{"kind": "mhim", "hidden": 16, "attention_hidden": 8}"#, #"{"kind": "dsmil", "hidden": 16}"#,
        #"{"kind": "abmil", "hidden": 16, "reembedding": {"regions": 2, "heads": 2, "cross_heads": 2}}"#,
        #"{"kind": "acmil", "variant": "mha", "hidden": 16}"#, #"{"kind": "wikg", "hidden": 16}"#,
    ])
    func singleIsABagOfOnePatchLessThatOfTheMeanPatch(json: String) throws {
        let (model, bag) = (try Self.model(json), try Self.bag(7))
        let row = try Self.explainer(model, bag)(.single)[0]
        let middle = try Self.answer(model, withoutGrad { try bag.mean(dim: 0, keep: true) })
        let wanted = try (0..<7).map { place in
            Float(try Self.answer(model, bag.narrow(dim: 0, start: place, length: 1)) - middle)
        }
        #expect(agree(row.values, wanted), "\(row.values) \(wanted)")
        #expect(row.output == 1 && row.facts == nil)
    }

    @Test func whatIsRunOnePatchAfterTheOtherIsRunOnSoManyAndSaysIt() throws {
        let model = try Self.model(#"{"kind": "dsmil", "hidden": 8, "attention_hidden": 4}"#)
        let count = Explanation.singlePatches + 500
        let row = try Self.explainer(model, Self.bag(count))(.single)[0]
        #expect(row.facts == ExplanationFacts(patches: Explanation.singlePatches))
        let others = row.values.count { $0 == 0 }
        #expect((500..<520).contains(others), "\(others)")
    }

    /// Of a bag of several slides: the mean patch is the whole bag's, and the patches that are run are the slide's own.
    @Test(arguments: [#"{"kind": "abmil", "hidden": 16}"#, #"{"kind": "dsmil", "hidden": 16}"#])
    func singleIsAskedOfTheRowsOfOneSlideAlone(json: String) throws {
        let (model, bag) = (try Self.model(json), try Self.bag(12))
        let whole = try Self.explainer(model, bag)(.single)[0]
        var explain = Self.explainer(model, bag, rows: 4..<10)
        explain.singlePatches = 3
        let row = try explain(.single)[0]
        // What pools linearly tells of all in one walk.
        let told = model is DSMIL ? [4, 6, 8] : Array(4..<10)
        #expect(row.facts == (model is DSMIL ? ExplanationFacts(patches: 3) : nil))
        #expect(agree(row.values, (0..<12).map { told.contains($0) ? whole.values[$0] : 0 }), "\(row.values)")
        #expect(whole.values.allSatisfy { $0 != 0 })
    }

    @Test(arguments: [#"{"kind": "abmil", "hidden": 16}"#, #"{"kind": "dsmil", "hidden": 16}"#])
    func occlusionIsWhatTheAnswerLosesWithANeighbourhood(json: String) throws {
        let (model, bag) = (try Self.model(json), try Self.bag(5))
        let row = try Self.explainer(model, bag, neighbourhoods: [[0, 3], [1, 2, 4]])(.occlusion)[0]
        let whole = try Self.answer(model, bag)
        let first = try whole - Self.answer(model, bag.indexSelect(dim: 0, [1, 2, 4]))
        let second = try whole - Self.answer(model, bag.indexSelect(dim: 0, [0, 3]))
        let wanted = [first / 2, second / 3, second / 3, first / 2, second / 3].map { Float($0) }
        #expect(agree(row.values, wanted), "\(row.values) \(wanted)")
        #expect(row.facts == ExplanationFacts(neighbourhoods: 2))
        let alone = try Self.explainer(model, bag, neighbourhoods: [[0, 1, 2, 3, 4]])(.occlusion)[0]
        #expect(alone.values == [0, 0, 0, 0, 0] && alone.facts?.neighbourhoods == 0)
    }

    @Test func whatAModelCannotTellIsRefusedInWords() throws {
        func refusal(_ json: String, _ explanation: Explanation) throws -> String? {
            try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8)).refusal(of: explanation)
        }
        let reembedded = #"{"kind": "abmil", "reembedding": {}}"#
        for json in [
            #"{"kind": "max"}"#, #"{"kind": "dsmil"}"#, #"{"kind": "transmil"}"#, #"{"kind": "dtfd"}"#,
            #"{"kind": "rrt"}"#,
            #"{"kind": "wikg"}"#, #"{"kind": "acmil", "variant": "mha"}"#, #"{"kind": "mhim", "host": "transmil"}"#,
            reembedded,
        ] {
            #expect(try refusal(json, .ig)?.hasPrefix("ig is of models that pool") == true, "\(json)")
            #expect(try refusal(json, .lrp)?.hasPrefix("lrp is of models that pool by attention") == true, "\(json)")
            #expect(try refusal(json, .single) == nil && refusal(json, .occlusion) == nil, "\(json)")
        }
        #expect(try refusal(#"{"kind": "mean"}"#, .ig) == nil && refusal(#"{"kind": "mean"}"#, .lrp) != nil)
        #expect(try refusal(#"{"kind": "mhim"}"#, .lrp) == nil && refusal(#"{"kind": "clam"}"#, .ig) == nil)
    }
}
