import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

/// A model that attends to, and calls the second class by, the first feature alone.
private struct FirstFeature: ParameterSource {
    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        func isOneOf(_ ends: String...) -> Bool { ends.contains { name.hasSuffix($0) } }
        var values = [Float](repeating: 0, count: shape.reduce(1, *))
        if isOneOf("fc1.weight", "feature.0.weight", "attention_net.0.weight", "b_classifier.v.1.weight") {
            for row in 0..<shape[0] { values[row * shape[1] + row] = 1 }
        } else if isOneOf("attention_V.0.weight", "attention_a.0.weight", "attention.attention.0.weight") {
            values[0] = 2
        } else if isOneOf("attention_weights.weight", "attention_c.weight", "attention.attention.2.weight") {
            for row in 0..<shape[0] { values[row * shape[1]] = 3 }
        } else if isOneOf("b_classifier.q.0.weight", "b_classifier.q.2.weight", "classifiers.1.weight") {
            values[0] = name.hasSuffix("classifiers.1.weight") ? 4 : 1
        } else if isOneOf("classifier.fc.weight", "classifiers.weight", "predictor.weight", "i_classifier.0.weight") {
            values[shape[1]] = 4
        } else if isOneOf("b_classifier.fcc.weight") {
            values[(shape[1] + 1) * shape[2]] = 4
        }
        return values
    }
}

/// Six patches of sixty decide: each map that a model is offered with has them in front.
///
/// Not `transmil`, `wikg`, `rrt`, `acmil` with `mha`, and `mhim` on other hosts than `abmil`: there instances are made of several patches,
/// or what is pooled is normalised, and no parameters are known by which a patch decides alone.
@Suite struct KnownPatchTests {
    struct Known: CustomTestStringConvertible, Sendable {
        var json: String
        /// Maps that tell of one patch for each output; nil is attention.
        var ofOne: [Explanation?] = []
        /// Maps that cannot tell.
        var none: [Explanation?] = []

        var testDescription: String { json }
    }

    private static let models = [
        Known(json: #"{"kind": "abmil", "hidden": 6, "attention_hidden": 4, "gated": false}"#),
        Known(json: #"{"kind": "abmil", "hidden": 6, "attention_hidden": 4}"#),
        Known(json: #"{"kind": "acmil", "hidden": 6, "attention_hidden": 4, "branches": 3}"#),
        Known(json: #"{"kind": "clam", "hidden": 6, "attention_hidden": 4}"#),
        Known(json: #"{"kind": "clam", "variant": "mb", "hidden": 6, "attention_hidden": 4}"#),
        Known(json: #"{"kind": "mhim", "hidden": 6, "attention_hidden": 4, "attention_activation": "tanh"}"#),
        // Its attention is even.
        Known(json: #"{"kind": "mean", "hidden": 6}"#, none: [nil]),
        // Each class has one patch, also the class of which no patch says anything.
        Known(json: #"{"kind": "max", "hidden": 6}"#, ofOne: [.contribution, .occlusion], none: [nil]),
        // Its pseudo-bags are others where a patch is missing.
        Known(
            json: #"{"kind": "dtfd", "hidden": 6, "attention_hidden": 4, "distillation": "afs"}"#,
            none: [.occlusion]
        ),
        Known(json: #"{"kind": "dsmil", "hidden": 6, "attention_hidden": 4, "mean": "logits"}"#, ofOne: [.critical]),
    ]

    @Test(arguments: models) func patchesThatDecideComeFirst(known: Known) throws {
        let config = try JSONDecoder().decode(ModelConfig.self, from: Data(known.json.utf8))
        let model = try ExplanationTests.model(known.json, outputs: 2, from: FirstFeature())
        var values = try ExplanationTests.bag(60).floats()
        for row in 0..<60 { values[row * 6] = row % 10 == 3 ? 1 + Float(row) / 100 : 0 }
        let bag = try Tensor(values, shape: [60, 6])
        let explanations = Explanation.allCases.filter { config.refusal(of: $0) == nil }
        let offered: [Explanation?] = [nil] + explanations.map { Optional($0) }
        for map in offered where !known.none.contains(map) {
            let found = try self.map(map, of: model, bag)
            let ranked = found.indices.sorted { found[$0] > found[$1] }
            #expect(ranked[0] % 10 == 3 && found[ranked[0]] > found[ranked[1]], "\(String(describing: map)) \(found)")
            guard !known.ofOne.contains(map) else { continue }
            let (least, most) = (found[ranked[5]], found[ranked[6]])
            let first = Set(ranked.prefix(6))
            #expect(first == [3, 13, 23, 33, 43, 53], "\(String(describing: map)) \(ranked)")
            #expect(least > most && least > 0, "\(String(describing: map)) \(least) \(most)")
        }
    }

    /// Of each patch what it brings to the second class; nil: the one map.
    private func map(_ explanation: Explanation?, of model: any MILModel, _ bag: Tensor) throws -> [Float] {
        guard let explanation else {
            let output = try withoutGrad { try model(bag) }
            let rows = try output.rows().floats()
            return (0..<60).map { patch in output.main.reduce(0) { $0 + rows[$1 * 60 + patch] } }
        }
        guard explanation.isOfOutputs else {
            let margin = Margin(output: 1, weights: [-1, 1])
            return try ExplanationTests.explainer(model, bag, margin)(explanation)[0].values
        }
        let told = try withoutGrad {
            if explanation == .critical { return try #require(model as? DSMIL).criticalContributions(bag) }
            return try #require(model as? any LinearlyPooled).contributions(bag)
        }
        return Array(try told.values.floats().suffix(60))
    }
}
