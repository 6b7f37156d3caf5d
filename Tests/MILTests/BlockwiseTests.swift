import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL

@Suite struct BlockwiseTests {
    /// Two whole blocks and a part.
    private let count = 2 * Blockwise.rows + 5

    @Test func poolingBlockByBlockIsPoolingTheBag() throws {
        let features = try cosineBag(count, 3)
        // Logits far apart, so that a block may have nearly all of the attention or none.
        let weight = try Tensor([40, -30, 7, -3, 2, 60], shape: [2, 3])
        let (logits, pooled) = try Blockwise.pooled(features) { (try $0.scores(weight), $0) }
        let whole = try features.scores(weight)
        #expect(try logits.floats() == whole.floats())
        #expect(agree(try pooled.floats(), try whole.softmax(dim: 1).matmul(features).floats()))
    }

    @Test func aBlocksShareIsRightWhereItsLogitsAreMasked() throws {
        let features = try cosineBag(count, 2)
        var start = 0
        let (_, pooled) = try Blockwise.pooled(features) { block in
            defer { start += block.shape[0] }
            let value: Double = start == Blockwise.rows ? 1 : STKIM.masked
            return (try Tensor.full([1, block.shape[0]], value: value), block)
        }
        let middle = try features.narrow(dim: 0, start: Blockwise.rows, length: Blockwise.rows)
        #expect(agree(try pooled.floats(), try middle.mean(dim: 0).floats()))
    }

    /// A training pass sees the bag as a whole; without masks and dropout its loss is that of the prediction.
    @Test(
        arguments: [
            #"{"kind": "mean", "dropout": 0}"#, #"{"kind": "max", "dropout": 0}"#, #"{"kind": "abmil"}"#,
            #"{"kind": "abmil", "gated": false}"#, #"{"kind": "acmil", "masked_patches": 0}"#,
            #"{"kind": "acmil", "variant": "mha", "masked_patches": 0, "dropout": 0}"#,
            #"{"kind": "clam", "variant": "mb", "dropout": 0, "bag_weight": 1}"#,
            #"{"kind": "dsmil", "hidden": 16, "dropout": 0}"#,
        ]
    )
    func aPredictionIsTheTrainingPassWithoutChance(json: String) throws {
        let config = try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
        let model = try config.model(featureWidth: 16, classes: 2, from: SineParameters(scale: 0.2))
        let features = try cosineBag(count, 16)
        let output = try withoutGrad { try model(features) }
        let loss = try model.trainingLoss(features, label: 1, draws: NoDraws())
        let wanted = try loss.terms.filter { ["bag", "max"].contains($0.name) }.map { try $0.value.item() }
        guard json.contains("dsmil") else {
            #expect(agree([try crossEntropy(output.logits, label: 1).item()], wanted))
            return
        }
        // Its two losses are means of logarithms, its prediction the logarithm of a mean: the streams are compared.
        let dsmil = try #require(model as? DSMIL)
        let pass = try dsmil.forward(features, draws: nil)
        #expect(agree(try output.attention.floats(), try pass.attention.floats()))
        let streams = try [pass.bagLogits, pass.maxLogits].map { try $0.softmax(dim: 1).floats() }
        #expect(agree(try output.logits.softmax(dim: 1).floats(), zip(streams[0], streams[1]).map { ($0 + $1) / 2 }))
    }
}
