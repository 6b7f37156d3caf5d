import Batching
import Config
import Testing

@testable import Pipeline

/// The estimate of memory of the half without LibTorch knows how the other half fills batches.
@Suite struct WaitingPatchesTests {
    @Test(arguments: [[ComputeDevice.cpu], [.cuda(0)], [.cuda(0), .cuda(1), .cuda(2)]], [1, 3, 40])
    func asManyAreCountedAsMayWait(devices: [ComputeDevice], networks: Int) {
        let encoder = EncodingMemory.Encoder(input: 224, dim: 1024, weights: 0)
        let encoders = Array(repeating: encoder, count: networks)
        let memory = EncodingMemory(devices: devices, threads: 6, encoders: encoders, side: 224, readers: 1)
        let shapes = devices.map { (batch: $0.batch, lanes: $0.lanes(threads: 6)) }
        #expect(memory.waiting == Batcher.room(shapes, networks: networks))
    }
}
