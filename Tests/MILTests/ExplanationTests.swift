import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

/// A model `abmil` that attends to, and decides by, the first feature alone.
private struct FirstFeature: ParameterSource {
    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        var values = [Float](repeating: 0, count: shape.reduce(1, *))
        switch name {
        case "dimreduction.fc1.weight": for row in 0..<shape[0] { values[row * shape[1] + row] = 1 }
        case "attention.attention_V.0.weight": values[0] = 2
        case "attention.attention_weights.weight": values[0] = 3
        // Of the second class.
        case "classifier.fc.weight": values[shape[1]] = 4
        case "classifier.fc.bias": values = [0.25, -0.5]
        default: break
        }
        return values
    }
}

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
        block: Int = Blockwise.rows
    ) -> BagExplainer {
        BagExplainer(
            model: model,
            features: features,
            margins: [margin],
            trainingMean: [0.1, 0.2, -0.1, 0, 0.3, -0.2],
            neighbourhoods: neighbourhoods ?? (0..<features.shape[0]).map { [$0] },
            block: block
        )
    }

    static func answer(_ model: any MILModel, _ features: Tensor, _ margin: Margin = margin) throws -> Double {
        let outputs = try withoutGrad { try model(features).logits.floats() }
        return margin(outputs.map { Double($0) })
    }

    @Test(arguments: [Explanation.contribution, .single, .occlusion, .ig, .lrp])
    func patchesThatDecideComeFirst(explanation: Explanation) throws {
        let json = #"{"kind": "abmil", "hidden": 6, "attention_hidden": 4, "gated": false}"#
        let model = try Self.model(json, outputs: 2, from: FirstFeature())
        var values = try Self.bag(60).floats()
        for row in 0..<60 { values[row * 6] = row % 10 == 3 ? 1 + Float(row) / 100 : 0 }
        let bag = try Tensor(values, shape: [60, 6])
        let margin = Margin(output: 1, weights: [-1, 1])
        var found: [Float]
        if explanation == .contribution {
            let linear = try #require(model as? any LinearlyPooled)
            found = Array(try withoutGrad { try linear.contributions(bag).values.floats() }.suffix(60))
        } else {
            found = try Self.explainer(model, bag, margin)(explanation)[0].values
        }
        let deciding = stride(from: 3, to: 60, by: 10).map { found[$0] }
        for row in stride(from: 3, to: 60, by: 10) { found[row] = -.infinity }
        let (least, most) = (try #require(deciding.min()), try #require(found.max()))
        #expect(least > most && least > 0, "\(least) \(most)")
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

    @Test func neighbourhoodsAreSquaresOfTheGridAndNoMoreThanWanted() {
        let corners = (0..<1200).map { PixelPoint(x: 500 + $0 % 40 * 256, y: 300 + $0 / 40 * 256) }
        let blocks = Neighbourhoods(of: 1200, at: corners, atMost: 100).blocks
        #expect((50...100).contains(blocks.count), "\(blocks.count)")
        #expect(blocks.flatMap { $0 }.sorted() == Array(0..<1200))
        for block in blocks {
            let (columns, lines) = (block.map { corners[$0].x }, block.map { corners[$0].y })
            #expect((columns.max() ?? 0) - (columns.min() ?? 0) <= 5 * 256)
            #expect((lines.max() ?? 0) - (lines.min() ?? 0) <= 5 * 256)
        }
        #expect(Neighbourhoods(of: 3, at: Array(corners.prefix(3)), atMost: 100).blocks == [[0], [1], [2]])
        #expect(Neighbourhoods(of: 5, at: [], atMost: 2).blocks == [[0, 1, 2], [3, 4]])
        // Places that no slide has.
        let ends = [PixelPoint(x: .min, y: 0), PixelPoint(x: .max, y: .max), PixelPoint(x: 0, y: 0)]
        #expect(Neighbourhoods(of: 3, at: ends, atMost: 3).blocks.flatMap { $0 }.sorted() == [0, 1, 2])
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
