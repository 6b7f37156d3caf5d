import TestSupport
import Testing
import Torch

#if canImport(Glibc)
    import Glibc
#endif

/// A linear layer of three inputs and two classes, and a parameter that no loss reaches.
private struct Net {
    let linear: Linear
    let unused: Parameter
    let inputs: Tensor
    let targets: Tensor

    init() throws {
        linear = try Linear("fc", inputs: 3, outputs: 2, weight: [0.5, -1, 2, 1.5, 0.25, -0.75], bias: [0.1, -0.2])
        unused = try Parameter("unused", [3], shape: [1])
        inputs = try Tensor([1, 2, 3, -1, 0.5, 0.25, 0, 1, -2, 2, -1, 1], shape: [4, 3])
        targets = try Tensor(int64s: [0, 1, 1, 0], shape: [4])
    }

    var parameters: [Parameter] { linear.parameters + [unused] }
    var values: [Float] { get throws { try parameters.flatMap { try $0.tensor.floats() } } }

    @discardableResult
    func train(_ optimiser: Adam, steps: Int) throws -> [Float] {
        try (0..<steps).map { _ in
            optimiser.dropGrads()
            let loss = try linear(inputs).tanh().crossEntropy(targets)
            try loss.backward()
            try optimiser.step()
            return try loss.item()
        }
    }
}

@Suite struct AdamTests {
    // Five steps of torch.optim.AdamW and Adam (torch 2.13.0, Python, CPU, not fused; lr 0.1, weight_decay 0.05) on the
    // loss of `Net`, cross_entropy(tanh(linear(x)), t).
    @Test func adamWTakesPyTorchsSteps() throws {
        let net = try Net()
        let losses = try net.train(
            AdamW(net.parameters, learningRate: 0.1, settings: .init(weightDecay: 0.05)),
            steps: 5
        )
        #expect(distance(losses, [0.508650243, 0.456403792, 0.42168799, 0.387731403, 0.34863764]) < 1e-6)
        let expected: [Float] = [
            0.942870021, -1.429124832, 1.499200106, 0.970241308, 0.214266643, -1.189392328, -0.357086599, -0.667791367,
            3,
        ]
        #expect(try distance(net.values, expected) < 1e-6)
    }

    @Test func adamTakesPyTorchsSteps() throws {
        let net = try Net()
        let losses = try net.train(
            Adam(net.parameters, learningRate: 0.1, settings: .init(weightDecay: 0.05)),
            steps: 5
        )
        #expect(distance(losses, [0.508650243, 0.456461489, 0.42591983, 0.400658488, 0.371192098]) < 1e-6)
        let expected: [Float] = [
            0.919258535, -0.973341823, 1.507031322, 0.999905765, 0.146860868, -1.119931817, -0.35469532, -0.564127088,
            3,
        ]
        #expect(try distance(net.values, expected) < 1e-6)
    }

    /// Those that have made as many steps go together.
    @Test func aParameterIsMovedAsIfItWereAlone() throws {
        func parameters() throws -> [Parameter] {
            try ["first", "late", "same"].map { try Parameter($0, [1, -2, 0.5], shape: [3]) }
        }
        let (together, alone) = (try parameters(), try parameters())
        let settings = Adam.Settings(weightDecay: 0.05)
        let one = try AdamW(together, learningRate: 0.1, settings: settings)
        let each = try alone.map { try AdamW([$0], learningRate: 0.1, settings: settings) }
        for step in 0..<4 {
            one.dropGrads()
            each.forEach { $0.dropGrads() }
            for parameter in together + alone where step > 1 || parameter.name != "late" {
                try (parameter.tensor * parameter.tensor).sum().backward()
            }
            try one.step()
            try each.forEach { try $0.step() }
        }
        #expect(try together.map { try $0.tensor.floats() } == alone.map { try $0.tensor.floats() })
        #expect(try together[0].tensor.floats() != together[1].tensor.floats())
    }

    @Test func aParameterWithoutGradientIsLeftAloneEntirely() throws {
        let net = try Net()
        let optimiser = try AdamW(net.parameters, learningRate: 0.1, settings: .init(weightDecay: 0.5))
        try net.train(optimiser, steps: 3)
        #expect(try net.unused.tensor.floats() == [3])
        #expect(
            try optimiser.state().keys.sorted() == [
                "fc.bias.first_moment", "fc.bias.second_moment", "fc.bias.step",
                "fc.weight.first_moment", "fc.weight.second_moment", "fc.weight.step",
            ]
        )
    }

    @Test func aRestoredOptimiserTakesTheSameNextStep() throws {
        let settings = Adam.Settings(weightDecay: 0.05)
        let net = try Net()
        let optimiser = try AdamW(net.parameters, learningRate: 0.1, settings: settings)
        try net.train(optimiser, steps: 3)

        let resumed = try Net()
        try withoutGrad {
            for (target, source) in zip(resumed.parameters, net.parameters) { try target.tensor.assign(source.tensor) }
        }
        let second = try AdamW(resumed.parameters, learningRate: 0.1, settings: settings)
        try second.restore(try optimiser.state())
        #expect(try optimiser.state()["fc.bias.step"]?.item() == 3)

        try net.train(optimiser, steps: 1)
        try resumed.train(second, steps: 1)
        #expect(try net.values == resumed.values)
    }

    @Test func aStateThatDoesNotFitIsRefusedByName() throws {
        let net = try Net()
        let optimiser = try AdamW(net.parameters, learningRate: 0.1)
        try net.train(optimiser, steps: 1)
        var state = try optimiser.state()
        state["fc.bias.step"] = nil
        #expect(throws: TorchError("restore(_:)", "fc.bias.step is missing")) { try optimiser.restore(state) }
        state = try optimiser.state()
        state["fc.bias.first_moment"] = try Tensor.zeros([3])
        #expect(throws: TorchError("restore(_:)", "fc.bias.first_moment is [3]; [2] is wanted")) {
            try optimiser.restore(state)
        }
        #expect(throws: TorchError("restore(_:)", "head.step belongs to no parameter")) {
            try optimiser.restore(["head.step": Tensor.zeros([])])
        }
        #expect(throws: TorchError("Adam", "two parameters are named unused")) {
            try Adam([net.unused, net.unused], learningRate: 1)
        }
    }

    @Test func tenThousandStepsLeaveNoMemoryBehind() async {
        // In a process of its own: the other tests allocate too.
        await #expect(processExitsWith: .success) {
            try LibTorch.setThreads(1)
            let net = try Net()
            let optimiser = try AdamW(net.parameters, learningRate: 1e-3)
            try net.train(optimiser, steps: 1000)
            let before = residentBytes()
            try net.train(optimiser, steps: 10_000)
            let grown = residentBytes() - before
            // One leaked tensor a step would be over 3 MB.
            #expect(before > 0)
            #expect(grown < 2 << 20)
        }
    }
}

/// Resident memory of this process; 0 where the system does not tell.
private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(getpagesize())
}
