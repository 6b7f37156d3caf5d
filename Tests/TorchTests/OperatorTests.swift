import TestSupport
import Testing
import Torch

/// The expected numbers are torch 2.13.0's own (Python, CPU, fp32): `torch.nn.functional` on the inputs shown.
@Suite struct OperatorTests {
    private let rows = [1, 2, 4, -1, 0, 0.5] as [Float]

    @Test func activationsAgreeWithPyTorch() throws {
        let values = try Tensor([-1.5, -0.1, 0, 0.7, 2], shape: [5])
        let gelu: [Float] = [-0.100210861, -0.0460172184, 0, 0.530625463, 1.954499722]
        let silu: [Float] = [-0.273638278, -0.0475020818, 0, 0.467731416, 1.761594057]
        #expect(try distance(values.gelu().floats(), gelu) < 1e-6)
        #expect(try distance(values.silu().floats(), silu) < 1e-6)
        #expect(try distance((values * values.sigmoid()).floats(), silu) < 1e-6)
        #expect(try values.relu().floats() == [0, 0, 0, 0.7, 2])
        #expect(try distance(values.leakyRelu().floats(), [-0.015, -0.001, 0, 0.7, 2]) < 1e-6)
        #expect(try distance(values.exp().log().floats(), values.floats()) < 1e-6)
        #expect(try distance(values.tanh().floats(), [-0.905148254, -0.0996679946, 0, 0.604367777, 0.96402758]) < 1e-6)
    }

    @Test func layerNormAgreesWithPyTorch() throws {
        let normalised = try Tensor(rows, shape: [2, 3]).layerNorm(
            [3],
            weight: Tensor([1, 2, 0.5], shape: [3]),
            bias: Tensor([0, 0.1, -0.1], shape: [3]),
            epsilon: 1e-6
        )
        let expected: [Float] = [-1.06904447, -0.434522182, 0.568152905, -1.336304545, 0.634521782, 0.434521765]
        #expect(try distance(normalised.floats(), expected) < 1e-6)
    }

    @Test func convolutionsAgreeWithPyTorch() throws {
        let planes = try Tensor((0..<18).map(Float.init), shape: [1, 2, 3, 3])
        let kernels = try Tensor([1, -1, 0.5, 2, 0, 1, 1, 0], shape: [2, 1, 2, 2])
        let bias = try Tensor([0.5, -0.5], shape: [2])
        let expected: [Float] = [2.5, 5, 9, 11.5, 16.5, 19, -0.5, -0.5, 8.5, 9.5, 21.5, 23.5, 27.5, 29.5, 15.5, 16.5]
        let convolved = try planes.conv2d(kernels, bias, padding: (1, 0), groups: 2)
        #expect(convolved.shape == [1, 2, 4, 2])
        #expect(try convolved.floats() == expected)

        let line = try Tensor((0..<6).map(Float.init), shape: [1, 1, 6])
        let taps = try Tensor([1, 0, -1, 0.5, 0.5, 0.5], shape: [2, 1, 3])
        #expect(try line.conv1d(taps, stride: 2, padding: 1).floats() == [-1, -2, -2, 0.5, 3, 6])
    }

    @Test func lossAndSimilarityAgreeWithPyTorch() throws {
        let tensor = try Tensor(rows, shape: [2, 3])
        let loss = try tensor.crossEntropy(
            Tensor(int64s: [2, 0], shape: [2]),
            weight: Tensor([0.2, 1, 3], shape: [3])
        )
        #expect(try abs(loss.item() - 0.290738821) < 1e-6)
        let other = try Tensor([1, 0, 1, 0, 0, 0], shape: [2, 3])
        #expect(try distance(tensor.cosineSimilarity(other, dim: 1).floats(), [0.771516681, 0]) < 1e-6)
        #expect(try distance(tensor.softmax(dim: 1).log().floats(), tensor.logSoftmax(dim: 1).floats()) < 1e-6)
    }

    @Test func productsAgreeWithArithmeticByHand() throws {
        let left = try Tensor([1, 2, 3, 4], shape: [2, 2])
        let right = try Tensor([0, 1, 1, 1], shape: [2, 2])
        #expect(try left.matmul(right).floats() == [2, 3, 4, 7])
        #expect(try left.linear(right, Tensor([10, 20], shape: [2])).floats() == [12, 23, 14, 27])
        #expect(try left.unsqueeze(0).bmm(right.unsqueeze(0)).floats() == [2, 3, 4, 7])
    }

    @Test func matrixProductsThroughOneDNNKeepTheirPrecision() throws {
        // 1 + 2^-12 is lost in bf16 and in TF32.
        let value = 1 + Float(1) / 4096
        try LibTorch.preferOneDNN()
        let product = try Tensor.full([128, 64], value: Double(value)).linear(
            Tensor.full([32, 64], value: Double(value))
        )
        #expect(try distance(product.floats(), Array(repeating: 64 * value * value, count: 128 * 32)) < 1e-3)
    }

    @Test func theLibraryTellsItsVersion() throws {
        #expect(LibTorch.version.hasPrefix("2."))
        #expect(throws: TorchError.self) { try LibTorch.setThreads(0) }
    }
}
