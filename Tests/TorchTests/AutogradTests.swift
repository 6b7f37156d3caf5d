import TestSupport
import Testing
import Torch

@Suite struct AutogradTests {
    @Test func aGradientIsTheDerivativeWorkedOutByHand() throws {
        // f = Σ (x·w)² with x = (3, 4): df/dw = 2·x²·w.
        let weight = try Parameter("w", [2, -1], shape: [2]).tensor
        let input = try Tensor([3, 4], shape: [2])
        #expect(try weight.grad == nil)
        try (input * weight).square().sum().backward()
        #expect(try weight.grad?.floats() == [36, -32])
        #expect(try input.grad == nil)
    }

    @Test func gradientsAddUpUntilTheyAreDropped() throws {
        let weight = try Parameter("w", [1], shape: [1]).tensor
        for _ in 0..<2 { try (weight * 3).sum().backward() }
        #expect(try weight.grad?.floats() == [6])
        weight.dropGrad()
        #expect(try weight.grad == nil)
    }

    @Test func crossEntropyPullsTowardsTheTarget() throws {
        // d loss / d logits = softmax − one-hot.
        let logits = try Parameter("logits", [0, 0], shape: [1, 2]).tensor
        try logits.crossEntropy(Tensor(int64s: [1], shape: [1])).backward()
        #expect(try logits.grad?.floats() == [0.5, -0.5])
    }

    @Test func nothingIsRecordedWithoutGrad() throws {
        let weight = try Parameter("w", [1], shape: [1]).tensor
        let constant = try withoutGrad { try weight * 2 }
        #expect(!constant.requiresGrad)
        #expect(try (weight * 2).requiresGrad)
        #expect(throws: TorchError.self) { try constant.backward() }
    }

    @Test func recordingIsOnAgainAfterAnError() throws {
        let weight = try Parameter("w", [1], shape: [1]).tensor
        #expect(throws: TorchError.self) { try withoutGrad { try weight.matmul(Tensor.zeros([3, 3])) } }
        #expect(try (weight * 2).requiresGrad)
    }

    @Test func detachingStopsTheGradient() throws {
        let weight = try Parameter("w", [2], shape: [1]).tensor
        try (weight * weight.detach()).sum().backward()
        #expect(try weight.grad?.floats() == [2])
    }

    @Test func aParameterIsNotChangedInPlaceWhileRecording() throws {
        let weight = try Parameter("w", [2], shape: [1]).tensor
        #expect(throws: TorchError.self) { try weight.scale(by: 0.5) }
        try withoutGrad { try weight.scale(by: 0.5) }
        #expect(try weight.floats() == [1])
    }

    @Test func layersNameTheirParametersAsPyTorchDoes() throws {
        let linear = try Linear("head", inputs: 2, outputs: 1, weight: [1, 2], bias: [0.5])
        let norm = try LayerNorm("norm", width: 2)
        #expect(
            (linear.parameters + norm.parameters).map(\.name) == [
                "head.weight", "head.bias", "norm.weight", "norm.bias",
            ]
        )
        let input = try Tensor([1, 3], shape: [1, 2])
        #expect(try linear(input).floats() == [7.5])
        #expect(try distance(norm(input).floats(), [-1, 1]) < 1e-4)
        try linear(norm(input)).sum().backward()
        #expect(try linear.bias?.tensor.grad?.floats() == [1])
    }
}
