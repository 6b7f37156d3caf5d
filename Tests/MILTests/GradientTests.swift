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

    /// With two steps the rule is Simpson's; with any number it is exact for powers up to that, and the nodes of half as many are its own.
    @Test func nodesAreNestedAndExactForPowers() {
        let four = ClenshawCurtis(steps: 4).nodes
        let weights = [1.0 / 30, 4.0 / 15, 2.0 / 5, 4.0 / 15, 1.0 / 30]
        let simpson = ClenshawCurtis(steps: 2).nodes
        #expect(zip(four, weights).allSatisfy { abs($0.weight - $1) < 1e-15 })
        #expect(abs(four[1].place - 0.1464466094067262) < 1e-15)
        #expect(zip(simpson, [1.0 / 6, 2.0 / 3, 1.0 / 6]).allSatisfy { abs($0.weight - $1) < 1e-15 })
        for steps in [2, 8, 16, 32, 64, 128] {
            let (nodes, finer) = (ClenshawCurtis(steps: steps).nodes, ClenshawCurtis(steps: 2 * steps).nodes)
            #expect(nodes.count == steps + 1 && abs(nodes.reduce(0) { $0 + $1.weight } - 1) < 1e-12, "\(steps)")
            let power = nodes.reduce(0) { $0 + $1.weight * pow($1.place, Double(steps)) }
            #expect(abs(power * Double(steps + 1) - 1) < 1e-10, "\(steps)")
            #expect(zip(nodes, nodes.dropFirst()).allSatisfy { $0.place < $1.place })
            #expect(nodes.enumerated().allSatisfy { abs($1.place - finer[2 * $0].place) < 1e-15 }, "\(steps)")
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
        #expect([9, 17, 33, 65, 129].contains(try #require(facts.nodes)))
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
