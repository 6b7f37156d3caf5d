import TestSupport
import Testing
import Torch

/// What a GPU computes, asked for on the CPU: LibTorch's own operators instead of the loops.
@Suite struct PlainOperatorTests {
    private func waves(_ count: Int, _ pace: Double) -> [Float] {
        (0..<count).map { Float(((Double($0) * pace).truncatingRemainder(dividingBy: 1)) * 2 - 1) }
    }

    @Test(arguments: [[1, 1], [1, 3], [2, 2], [7, 5], [100, 1003]], [DType.float32, .bfloat16])
    func dropoutChoosesTheSameElements(shape: [Int], dtype: DType) throws {
        let ones = try Tensor.full(shape, value: 1, dtype: dtype)
        for (share, key) in [(0.25, UInt64(11)), (0.5, .max), (1 / 65536.0, 0), (0.999, 0x8000_0000_0000_0001)] {
            let dropout = Dropout(share: share, key: key)
            let plain = try withPlainOperators { try ones.dropout(dropout) }
            #expect(plain.dtype == dtype && plain.shape == shape)
            #expect(try plain.floats() == ones.dropout(dropout).floats(), "\(share) \(key)")
        }
    }

    @Test func theSwitchIsTheThreadsAndEndsWithItsBody() async throws {
        let x = try Tensor(waves(64 * 96, 0.618), shape: [64, 96])
        let layer = try Linear("l", inputs: 96, outputs: 32, weight: waves(32 * 96, 0.414), bias: nil)
        let loops = try x.dense(layer, .gelu).floats()
        let plain = try withPlainOperators { try x.dense(layer, .gelu).floats() }
        // Sums in another order differ in their last digits: the other way was really taken.
        #expect(loops != plain)
        #expect(distance(loops, plain) < 1e-4)
        #expect(try x.dense(layer, .gelu).floats() == loops)
        #expect(throws: TorchError.self) { try withPlainOperators { try x.matmul(x) } }
        #expect(try x.dense(layer, .gelu).floats() == loops)
    }
}
