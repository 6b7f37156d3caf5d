import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import MIL

@Suite struct ABMILTests {
    /// Reference values: MHIM's plain ABMIL, fp32, on the same fill. Its layers all have biases, its attention no gate; we
    /// have no such model, but the parts it would be made of.
    @Test func thePartsMakeMHIMsPlainABMIL() throws {
        let source = SineParameters(
            scale: 0.2,
            order: ["feature.0", "attention.0", "attention.2", "classifier"].flatMap { ["\($0).weight", "\($0).bias"] }
        )
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            try source.xavierLinear(name, inputs: inputs, outputs: outputs, on: .cpu)
        }
        let embedding = InstanceEmbedding(try linear("feature.0", 6, 16))
        let attention = GatedAttention(
            hidden: try linear("attention.0", 16, 128),
            gate: nil,
            weights: try linear("attention.2", 128, 1)
        )
        let instances = try embedding(cosineBag(9, 6), nil)
        let shares = try attention(instances, nil).softmax(dim: 1)
        let wanted: [Float] = [
            0.10325, 0.1130869, 0.121961, 0.1218389, 0.1160578, 0.1078675, 0.1015735, 0.1025409, 0.1118234,
        ]
        #expect(agree(try shares.floats(), wanted, 1e-6))
        let logits = try linear("classifier", 16, 2)(shares.matmul(instances))
        #expect(agree(try logits.floats(), [-0.02618983, 0.2966933], 1e-6))
    }

    @Test(arguments: [true, false])
    func theOrderOfInstancesMovesAttentionAndNothingElse(gated: Bool) throws {
        var config = ABMILConfig()
        (config.hidden, config.attentionHidden, config.gated) = (5, 4, gated)
        let model = try ABMIL(config, featureWidth: 6, classes: 2, from: SineParameters())
        let bag = try cosineBag(7, 6)
        let order = [4, 0, 6, 2, 5, 1, 3]
        let (plain, moved) = (try model(bag), try model(bag.indexSelect(dim: 0, order)))
        #expect(agree(try plain.logits.floats(), try moved.logits.floats(), 1e-6))
        let expected = try plain.attention.indexSelect(dim: 1, order).floats()
        #expect(agree(try moved.attention.floats(), expected, 1e-6))
        #expect(plain.names == ["attention"])
    }
}
