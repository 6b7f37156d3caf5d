import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

private let order =
    ["global_q_mm", "norm.weight", "norm.bias", "attn.to_kv.weight", "attn.to_q.weight"]
    .map { "merge.\($0)" } + ["merge.attn.to_out.0.weight", "merge.attn.to_out.0.bias"]

private func recycle() throws -> GlobalRecycle {
    var config = smallMHIM(version: 2)
    config.mergeTokens = 2
    return try GlobalRecycle(config, from: SineParameters(scale: 0.2, order: order), on: .cpu)
}

/// Reference values: the authors' module in fp32 on the same fill.
@Suite struct GlobalRecycleTests {
    @Test func theTokensAreTheAuthors() throws {
        let tokens = try recycle()(cosineBag(5, 16), NoDraws())
        let wanted: [Float] = [
            -0.01040903, 0.1887785, 0.1129289, -0.1336046, -0.1955155, 0.01393992, 0.1865426, 0.07088755, -0.1595585,
            -0.1612786, 0.07502417, 0.2096419, 0.05042166, -0.1666005, -0.1234705, 0.1138779, -0.01040831, 0.188779,
            0.1129292, -0.1336045, -0.1955156, 0.01393957, 0.1865422, 0.07088694, -0.1595592, -0.161279, 0.07502376,
            0.2096419, 0.05042192, -0.1666002, -0.1234699, 0.1138785,
        ]
        #expect(tokens.shape == [2, 16])
        #expect(agree(try tokens.floats(), wanted, 1e-6))
    }

    @Test func theQueriesMoveTowardsTheTokensAndGetNoGradient() throws {
        let recycle = try recycle()
        let before = try recycle.queries.tensor.floats()
        let tokens = try recycle(cosineBag(5, 16), NoDraws())
        try recycle.move(towards: tokens)
        let after = try recycle.queries.tensor.floats()
        #expect(agree(Array(after.prefix(3)), [0.1818402, -0.03152711, -0.198707], 1e-6))
        let wanted = zip(before, try tokens.floats()).map { Float(0.9999) * $0 + Float(1 - 0.9999) * $1 }
        #expect(agree(after, wanted, 1e-7))
        try tokens.sum().backward()
        #expect(try recycle.queries.tensor.grad == nil)
        for parameter in recycle.trainable { #expect(try parameter.tensor.grad != nil, "\(parameter.name)") }
    }

    @Test func movingTheQueriesLeavesAPassesGradientsAlone() throws {
        func gradients(moving: Bool) throws -> [[Float]] {
            let recycle = try recycle()
            let tokens = try recycle(cosineBag(5, 16), NoDraws())
            if moving { try recycle.move(towards: tokens * 1000) }
            try tokens.square().sum().backward()
            return try recycle.trainable.map { try #require(try $0.tensor.grad).floats() }
        }
        #expect(try gradients(moving: true) == gradients(moving: false))
    }

    @Test(arguments: [1, 5])
    func itHasAsManyParametersAsTheAuthors(tokens: Int) throws {
        var config = MHIMConfig()
        config.mergeTokens = tokens
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let recycle = try GlobalRecycle(config, from: fresh, on: .cpu)
        #expect(recycle.trainable.map(\.tensor.count).reduce(0, +) == 1_050_112)
        #expect(recycle.queries.tensor.count == 512 * tokens)
        let bound: Float = 0.0684653
        let values = try recycle.queries.tensor.floats()
        #expect(values.allSatisfy { abs($0) <= bound * 1.00001 })
        #expect((values.max() ?? 0) > bound * 0.98)
    }
}
