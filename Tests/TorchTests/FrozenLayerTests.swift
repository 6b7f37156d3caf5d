import TestSupport
import Testing
import Torch

/// Half precision has no packed layers, so that it goes the way of a GPU; fp32 has them on x86-64.
@Suite struct FrozenLayerTests {
    private static let types: [(DType, Float)] = [(.float32, 1e-6), (.float16, 2e-3)]

    @Test(arguments: types)
    func aLinearLayerAgreesWithItsFormula(dtype: DType, tolerance: Float) throws {
        let input = try Tensor([1, 2, -1, 0.5, -3, 2], shape: [2, 3]).to(dtype)
        let layer = try FrozenLinear(
            weight: Tensor([1, 0, 2, -1, 0.5, 1], shape: [2, 3]).to(dtype),
            bias: Tensor([0.5, -0.25], shape: [2]).to(dtype)
        )
        #expect(try distance(layer(input).floats(), [-0.5, -1.25, 5, -0.25]) < tolerance)
        #expect(try distance(layer(input, .relu).floats(), [0, 0, 5, 0]) < tolerance)
        // x·Φ(x), from a table of the normal distribution.
        #expect(
            try distance(layer(input, .gelu).floats(), [-0.154269, -0.132062, 4.999999, -0.100324]) < tolerance * 3
        )
        let other = try Tensor([10, 20, 30, 40], shape: [2, 2]).to(dtype)
        #expect(try distance(layer(input, adding: other).floats(), [9.5, 18.75, 35, 39.75]) < tolerance * 20)
    }

    @Test(arguments: types)
    func aConvolutionAddsBeforeItsActivation(dtype: DType, tolerance: Float) throws {
        // A 3 × 3 sum over one channel, every second place of a 4 × 4 picture.
        let input = try Tensor((0..<16).map { Float($0) }, shape: [1, 1, 4, 4]).to(dtype)
        let layer = try FrozenConvolution(
            weight: Tensor([Float](repeating: 1, count: 9), shape: [1, 1, 3, 3]).to(dtype),
            bias: Tensor([-20], shape: [1]).to(dtype),
            stride: 2,
            padding: 1
        )
        #expect(try distance(layer(input, .none).floats(), [-10, 4, 31, 70]) < tolerance * 50)
        #expect(try distance(layer(input, .relu).floats(), [0, 4, 31, 70]) < tolerance * 50)
        let other = try Tensor([5, -2, -30, 1], shape: [1, 1, 2, 2]).to(dtype)
        #expect(try distance(layer(input, .relu, adding: other).floats(), [0, 2, 1, 71]) < tolerance * 50)
    }

    @Test(arguments: types)
    func groupsOfAConvolutionSeeTheirOwnChannels(dtype: DType, tolerance: Float) throws {
        // Two channels, of which one is summed over 3 × 3 places and one doubled.
        let input = try Tensor((0..<18).map { Float($0) }, shape: [1, 2, 3, 3]).to(dtype)
        let doubled: [Float] = [0, 0, 0, 0, 2, 0, 0, 0, 0]
        let layer = try FrozenConvolution(
            weight: Tensor([Float](repeating: 1, count: 9) + doubled, shape: [2, 1, 3, 3]).to(dtype),
            bias: Tensor([0, 1], shape: [2]).to(dtype),
            stride: 2,
            padding: 1,
            groups: 2
        )
        #expect(try distance(layer(input, .none).floats(), [8, 12, 20, 24, 19, 23, 31, 35]) < tolerance * 50)
    }

    @Test func whatIsAddedToScoresMovesAttention() throws {
        // Equal scores; ln 3 is added to the second.
        let queries = try Tensor([1], shape: [1, 1, 1, 1])
        let keys = try Tensor([2, 2], shape: [1, 1, 2, 1])
        let values = try Tensor([8, 16], shape: [1, 1, 2, 1])
        let bias = try Tensor([0, 1.0986123], shape: [1, 1, 1, 2])
        #expect(try distance(queries.attention(keys: keys, values: values, bias: bias).floats(), [14]) < 1e-5)
    }

    @Test func attentionIsAWeightedMeanOfValues() throws {
        // Scores 0 and ln 3 · √1: weights 1/4 and 3/4.
        let queries = try Tensor([1], shape: [1, 1, 1, 1])
        let keys = try Tensor([0, 1.0986123], shape: [1, 1, 2, 1])
        let values = try Tensor([8, 16], shape: [1, 1, 2, 1])
        #expect(try distance(queries.attention(keys: keys, values: values).floats(), [14]) < 1e-5)
    }

    @Test func theLargestOfEachWindowIsKept() throws {
        let input = try Tensor((0..<16).map { Float($0) }, shape: [1, 1, 4, 4])
        #expect(try input.maxPool2d(3, stride: 2, padding: 1).floats() == [5, 7, 13, 15])
    }
}
