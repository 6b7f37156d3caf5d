import CDeviceWatch
import Config
import Foundation
import Storage
import Testing

@testable import Encoders
@testable import Torch

/// Networks on a device that is not the CPU, as far as that can be known without one: an operator that takes a tensor of the device
/// beside one of the host, which fails on a GPU, or numbers of other types fails here too.
@Suite struct OneDeviceTests {
    @Test(arguments: NetworkReference.all, [Precision.fp32, .bf16])
    func aNetworkTakesNothingOfTheHostAndReadsNothing(reference: NetworkReference, precision: Precision) throws {
        let bench = try Workbench()
        let json = Data(reference.architecture.utf8)
        let weights = Recipe.weights(
            try JSONDecoder().decode(EncoderArchitecture.self, from: json),
            input: reference.input
        )
        let manifest = try bench.manifest(
            weights: try weights.data(),
            trusted: false,
            [
                "architecture": try JSONSerialization.jsonObject(with: json), "dim": reference.dim,
                "input": reference.input,
            ]
        )
        let network = try manifest.network(trustedBy: bench.store, precision: precision, on: .meta)
        let images = try Tensor.zeros([2, 3, reference.input, reference.input], on: .meta)
        device_watch_begin()
        let features = Result { try withoutGrad { try network.forward(images) } }
        #expect(device_watch_end() == 0)
        #expect(try features.get().shape == [2, reference.dim])
        #expect(try features.get().device == .meta)
    }
}
