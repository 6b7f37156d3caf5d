import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import MIL

/// The parameters of another source, of which a model's first layer has no bias.
private struct WithoutFirstBias: ParameterSource {
    let source = SineParameters(scale: 0.3)

    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        let values = try source.values(name, shape: shape, first)
        return ["attention_net.0.bias", "feature.0.bias"].contains(where: name.hasSuffix)
            ? values.map { _ in 0 } : values
    }
}

/// Explanations that tell what they lack.
@Suite struct GradientTests {
    private static let attending = [
        #"{"kind": "abmil", "hidden": 16}"#, #"{"kind": "abmil", "hidden": 16, "gated": false}"#,
        #"{"kind": "acmil", "hidden": 16, "branches": 3}"#, #"{"kind": "clam", "hidden": 16}"#,
        #"{"kind": "clam", "variant": "mb", "hidden": 16}"#, #"{"kind": "mhim", "hidden": 16, "attention_hidden": 8}"#,
    ]

    /// Numbers of Abramowitz and Stegun, table 25.4, and what the rule is exact for.
    @Test func nodesAreThoseOfLegendre() {
        let five = GaussLegendre(5).nodes
        let places = [-0.906179845938664, -0.538469310105683, 0, 0.538469310105683, 0.906179845938664]
        let weights = [0.236926885056189, 0.478628670499366, 0.568888888888889, 0.478628670499366, 0.236926885056189]
        for (node, (place, weight)) in zip(five, zip(places, weights)) {
            #expect(abs(2 * node.place - 1 - place) < 1e-12 && abs(2 * node.weight - weight) < 1e-12)
        }
        for count in [1, 2, 8, 16, 32, 64, 128] {
            let nodes = GaussLegendre(count).nodes
            #expect(abs(nodes.reduce(0) { $0 + $1.weight } - 1) < 1e-12, "\(count)")
            let power = nodes.reduce(0) { $0 + $1.weight * pow($1.place, Double(2 * count - 1)) }
            #expect(abs(power * Double(2 * count) - 1) < 1e-10, "\(count)")
            #expect(zip(nodes, nodes.dropFirst()).allSatisfy { $0.place < $1.place })
        }
    }

    @Test(arguments: attending + [#"{"kind": "mean", "hidden": 16}"#])
    func integratedGradientsMakeTheDifferenceOfBothAnswers(json: String) throws {
        let (model, bag) = (try ExplanationTests.model(json), try ExplanationTests.bag(50))
        let explain = ExplanationTests.explainer(model, bag)
        let recording = model.parameters.map(\.tensor.requiresGrad)
        let row = try explain(.ig)[0]
        let (facts, mean) = (try #require(row.facts), try #require(explain.trainingMean))
        let start = try ExplanationTests.answer(model, Tensor(mean, shape: [1, 6]))
        let wanted = try ExplanationTests.answer(model, bag) - start
        let (whole, residual) = (try #require(facts.whole), try #require(facts.residual))
        #expect(abs(whole - wanted) < 1e-5, "\(whole) \(wanted)")
        let sum = row.values.reduce(0) { $0 + Double($1) }
        #expect(abs(sum + residual - wanted) < 1e-5)
        #expect(try #require(facts.nodes) <= 128)
        // ReLU's edges leave what no number of nodes takes away; it stays small.
        #expect(abs(sum - wanted) <= 0.05 * max(abs(wanted), 0.1), "\(sum) \(wanted) \(facts)")
        // Nothing stays behind in the model.
        #expect(model.parameters.map(\.tensor.requiresGrad) == recording && recording.contains(true))
        #expect(try model.parameters.allSatisfy { try $0.tensor.grad == nil })
    }

    @Test(arguments: attending)
    func relevanceIsTheContributionsWhereNoBiasKeepsAny(json: String) throws {
        let bag = try ExplanationTests.bag(40)
        let model = try ExplanationTests.model(json, from: WithoutFirstBias())
        let row = try ExplanationTests.explainer(model, bag)(.lrp)[0]
        let linear = try #require(model as? any LinearlyPooled)
        let told = try withoutGrad { try linear.contributions(bag) }
        let values = try told.values.floats()
        let margin = ExplanationTests.margin
        let parts = (0..<40).map { place in Float(margin((0..<3).map { Double(values[$0 * 40 + place]) })) }
        #expect(agree(row.values, parts, 1e-4), "\(row.values.prefix(3)) \(parts.prefix(3))")
        let facts = try #require(row.facts)
        let (bias, whole) = (try #require(row.bias), try #require(facts.whole))
        #expect(abs(bias + whole - (try ExplanationTests.answer(model, bag))) < 1e-5)
        #expect(abs(try #require(facts.residual)) < 1e-4)
    }

    @Test func theFirstLayersBiasIsTheResidualOfRelevance() throws {
        let (model, bag) = (
            try ExplanationTests.model(#"{"kind": "clam", "hidden": 16}"#), try ExplanationTests.bag(40)
        )
        let row = try ExplanationTests.explainer(model, bag)(.lrp)[0]
        let facts = try #require(row.facts)
        let (bias, whole, residual) = (try #require(row.bias), try #require(facts.whole), try #require(facts.residual))
        #expect(abs(bias + whole - (try ExplanationTests.answer(model, bag))) < 1e-5)
        #expect(abs(row.values.reduce(residual) { $0 + Double($1) } - whole) < 1e-5 && abs(residual) > 1e-4)
    }

    @Test(arguments: [Explanation.ig, .lrp, .single], attending)
    func blocksOfAnySizeSayTheSame(explanation: Explanation, json: String) throws {
        let (model, bag) = (try ExplanationTests.model(json), try ExplanationTests.bag(50))
        let whole = try ExplanationTests.explainer(model, bag)(explanation)[0]
        for block in [7, 49] {
            let parts = try ExplanationTests.explainer(model, bag, block: block)(explanation)[0]
            #expect(agree(parts.values, whole.values), "\(block)")
            #expect(parts.facts?.nodes == whole.facts?.nodes)
        }
    }
}
