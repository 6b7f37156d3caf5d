import Foundation
import Records
import TestSupport
import Testing

@testable import MIL
@testable import Torch

/// What a GPU does to a training, as far as it can be made without one.
@Suite struct DeviceFailureTests {
    @Test(arguments: [
        ("CUDA out of memory. Tried to allocate 2.00 GiB", ErrorCode.io),
        ("CUDA error: unspecified launch failure", .io),
        ("CUDA error: no kernel image is available for execution on the device", .usage),
        ("CUDA error: invalid configuration argument", .torch), ("a shape is wrong", .torch), ("bad_alloc", .io),
    ]) func anErrorOfLibTorchHasTheCodeOfItsCause(_ message: String, _ code: ErrorCode) {
        let failure = Failure(computing: TorchError("backward()", message), subject: "cuda:1")
        #expect((failure.code, failure.subject) == (code, "cuda:1"))
        #expect(failure.message.contains("backward(): \(message)"))
    }

    /// Bags that stay lie in the memory of the device.
    @Test func bagsTakeNoMoreOfAGPUThanIsFreeThere() throws {
        let scratch = try Scratch()
        let fake = try FakeDriver(in: scratch.folder)
        func bytes(_ given: Int, _ device: Device, folds: Int = 1) -> Int {
            DeviceMemory.forBags(given, on: device, folds: folds) { () throws(TorchError) in
                try CUDADriver(library: fake.library.path, management: fake.management.path)
            }
        }
        #expect(bytes(4 << 30, .cuda(0)) == 4 << 30 && bytes(1 << 40, .cpu) == 1 << 40)
        #expect(bytes(1 << 40, .cuda(0)) == 19_500_000_000 && bytes(1 << 40, .cuda(0), folds: 3) == 6_500_000_000)
        #expect(bytes(8 << 30, .cuda(1)) == 4_500_000_000)
        // Of one that the driver does not know, what is given counts.
        #expect(bytes(8 << 30, .cuda(2)) == 8 << 30)
    }
}
