import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

/// Streaming makes tokens again instead of holding them; what comes out is the whole pass's.
@Suite struct StreamedTransformerTests {
    // Squares that are full and not, sequences with and without padding in front, blocks of several groups and of one.
    @Test(arguments: [(50, 7), (64, 16), (9, 4), (200, 33), (127, 500)])
    func TransMILsStreamedPassIsItsWholePass(count: Int, block: Int) throws {
        var config = TransMILConfig()
        (config.hidden, config.landmarks) = (16, 8)
        let model = try TransMIL(config, featureWidth: 6, classes: 2, from: SineParameters(scale: 0.2))
        let bag = try cosineBag(count, 6)
        let (whole, streamed) = try withoutGrad {
            (try model.forward(bag, draws: nil), try model.streamed(bag, block: block))
        }
        #expect(agree(try streamed.logits.floats(), try whole.logits.floats()))
        #expect(agree(try streamed.attention.floats(), try whole.attention.floats()))
    }

    @Test(arguments: [(50, 7, 1), (64, 16, 2), (9, 4, 1), (200, 33, 2), (3, 100, 1)])
    func theHostsStreamedPassIsItsWholePass(count: Int, block: Int, layer: Int) throws {
        var config = MHIMConfig(host: .transmil, version: 1)
        (config.hidden, config.landmarks, config.attentionLayer) = (16, 8, layer)
        let source = SineParameters(scale: 0.2)
        let host = try TransformerHost(config, featureWidth: 6, classes: 2, from: source, on: .cpu)
        let bag = try cosineBag(count, 6)
        let (whole, streamed) = try withoutGrad { (try host.whole(bag), try host.streamed(bag, block: block)) }
        #expect(agree(try streamed.logits.floats(), try whole.logits.floats()))
        #expect(agree(try streamed.attention.floats(), try whole.attention.floats()))
    }
}
