import Records
import TestSupport
import Testing
import Torch

@testable import Files
@testable import MIL

private func attention() throws -> NystromAttention {
    let source = SineParameters(
        scale: 0.3,
        order: ["attn.to_qkv.weight", "attn.to_out.0.weight", "attn.to_out.0.bias", "attn.res_conv.weight"]
    )
    return try NystromAttention("attn", width: 16, heads: 8, landmarks: 8, dropout: 0.1, from: source, on: .cpu)
}

/// Reference values: the authors' module in fp32 on the same fill.
@Suite struct NystromAttentionTests {
    struct Reference: Sendable {
        var count: Int
        var firstRow: [Float]
        var lastRow: [Float]
        var attention: [Float]
    }

    @Test(arguments: [
        Reference(
            count: 5,
            firstRow: [-0.07469136, -0.2731611, -0.1056712, 0.2445075],
            lastRow: [-0.1059514, -0.2619061, -0.08275322, 0.2162659],
            attention: [0.1251788, 0.1248158, 0.1248853, 0.1251892]
        ),
        Reference(
            count: 8,
            firstRow: [-0.08180844, -0.2559147, -0.1113369, 0.2314605],
            lastRow: [-0.0694513, -0.3389907, -0.06211925, 0.2780569],
            attention: [0.1248489, 0.1249014, 0.1251867, 0.1249509, 0.1248006, 0.125128, 0.1250724]
        ),
        Reference(
            count: 14,
            firstRow: [-0.104369, -0.2822856, -0.06923062, 0.2266227],
            lastRow: [-0.06946878, -0.3269754, -0.07100731, 0.2726294],
            attention: [
                0.06246024, 0.06250209, 0.06254197, 0.06247322, 0.06247095, 0.06254379, 0.06250128, 0.0624596, 0.062515,
                0.06253399, 0.06246695, 0.06247978, 0.06254715,
            ]
        ),
    ])
    func sequencesShorterThanAsLongAsAndLongerThanTheLandmarksGiveTheAuthorsNumbers(_ reference: Reference) throws {
        let layer = try attention()
        let view = try layer.view(cosineBag(reference.count, 16))
        #expect(view.padding == (8 - reference.count % 8) % 8)
        let output = try layer(view, rows: 0..<reference.count, nil)
        #expect(output.shape == [reference.count, 16])
        let rows = try output.floats()
        #expect(agree(Array(rows.prefix(4)), reference.firstRow))
        #expect(agree(Array(rows.suffix(16).prefix(4)), reference.lastRow))
        let scores = try view.classAttention()
        #expect(scores.shape == [8, reference.count - 1])
        #expect(agree(Array(try scores.floats().prefix(reference.count - 1)), reference.attention))
        let values = try view.patchValues()
        #expect(values.shape == [8, reference.count - 1, 2])
        #expect(agree(Array(try values.floats().prefix(4)), [-0.1897469, 0.1387156, 0.09705646, 0.04041896]))
    }

    @Test func theClassTokensRowAloneEqualsItsRowAmongAll() throws {
        let layer = try attention()
        let view = try layer.view(cosineBag(45, 16))
        let all = try layer(view, rows: 0..<45, nil)
        for row in [0, 7, 20, 44] {
            let alone = try layer(view, rows: row..<(row + 1), nil)
            #expect(agree(try alone.floats(), try all.narrow(dim: 0, start: row, length: 1).floats(), 1e-6))
        }
    }

    @Test func theOutputIsDroppedInTrainingOnly() throws {
        let layer = try attention()
        let view = try layer.view(cosineBag(14, 16))
        let draws = CounterDraws(seed: 0, fold: 0, epoch: 0, step: 0)
        let trained = try layer(view, rows: 0..<14, draws).floats()
        let dropped = trained.count { $0 == 0 }
        #expect((5...45).contains(dropped), "of 224 a tenth")
        #expect(!(try layer(view, rows: 0..<14, nil).floats()).contains(0))
    }
}
