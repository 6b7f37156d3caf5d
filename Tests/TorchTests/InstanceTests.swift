import TestSupport
import Testing
import Torch

/// Deterministic numbers in about [−1, 1].
private func numbers(_ count: Int, _ seed: Int) -> [Float] {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) * 0x1p-23 - 1
    }
}

private func parameter(_ shape: [Int], _ seed: Int, scale: Float = 1) throws -> Parameter {
    try Parameter("p\(seed)", numbers(shape.reduce(1, *), seed).map { $0 * scale }, shape: shape)
}

private func linear(_ inputs: Int, _ outputs: Int, _ seed: Int, bias: Bool = true) throws -> Linear {
    let scale = 1 / Float(inputs).squareRoot()
    return try Linear(
        "l\(seed)",
        inputs: inputs,
        outputs: outputs,
        weight: numbers(inputs * outputs, seed).map { $0 * scale },
        bias: bias ? numbers(outputs, seed + 1) : nil
    )
}

/// The values of `body` and the gradients of Σ value · (fixed weights) in every parameter.
private func valuesAndGradients(_ parameters: [Tensor], _ body: () throws -> Tensor) throws -> [[Float]] {
    parameters.forEach { $0.dropGrad() }
    let output = try body()
    let weights = try Tensor(numbers(output.count, 99), shape: output.shape)
    try (output.to(.float32) * weights).sum().backward()
    return [try output.floats()] + (try parameters.map { try #require(try $0.grad).floats() })
}

/// The largest difference as a share of the largest magnitude, value and gradients each.
private func worst(_ found: [[Float]], _ wanted: [[Float]]) -> Float {
    zip(found, wanted).map { found, wanted in
        distance(found, wanted) / max(1e-3, wanted.map(abs).max() ?? 1)
    }.max() ?? .infinity
}

/// The operators over instances against the same formulas of plain operators and LibTorch's own gradients.
@Suite struct InstanceTests {
    static let sizes = [(1, 1, 1), (3, 5, 7), (130, 33, 70), (517, 64, 129)]

    @Test(arguments: sizes, [Tensor.Activation.none, .relu, .gelu, .tanh, .sigmoid])
    func aDenseLayerIsItsPlainFormula(size: (Int, Int, Int), activation: Tensor.Activation) throws {
        let (count, inputs, outputs) = size
        for (bias, dropout) in [(true, nil), (false, Dropout(share: 0.25, key: 7))] {
            let x = try parameter([count, inputs], 1)
            let layer = try linear(inputs, outputs, 2, bias: bias)
            let operands = [x.tensor] + layer.parameters.map(\.tensor)
            let found = try valuesAndGradients(operands) { try x.tensor.dense(layer, activation, dropout: dropout) }
            let wanted = try valuesAndGradients(operands) {
                try plain(layer(x.tensor), activation, dropout)
            }
            #expect(worst(found, wanted) < 1e-5, "bias \(bias)")
        }
    }

    private func plain(_ x: Tensor, _ activation: Tensor.Activation, _ dropout: Dropout?) throws -> Tensor {
        let active =
            switch activation {
            case .none: x
            case .relu: try x.relu()
            case .gelu: try x.gelu()
            case .tanh: try x.tanh()
            case .sigmoid: try x.sigmoid()
            }
        guard let dropout else { return active }
        return try active * Tensor.full(active.shape, value: 1).dropout(dropout)
    }

    @Test(arguments: sizes, [1, 2, 5])
    func attentionLogitsAreTheirPlainFormula(size: (Int, Int, Int), branches: Int) throws {
        let (count, width, hidden) = size
        for (activation, gated, bias) in [
            (Tensor.Activation.tanh, true, true), (.tanh, false, true), (.relu, false, false),
        ] {
            let x = try parameter([count, width], 1)
            let layer = try linear(width, hidden, 2, bias: bias)
            let gate = gated ? try linear(width, hidden, 4, bias: bias) : nil
            let rows = try linear(hidden, branches, 6, bias: bias)
            let operands =
                [x.tensor] + (layer.parameters + (gate?.parameters ?? []) + rows.parameters).map(\.tensor)
            let found = try valuesAndGradients(operands) {
                try x.tensor.attentionLogits(layer, activation, gate: gate, branches: rows)
            }
            let wanted = try valuesAndGradients(operands) {
                var inner = try layer(x.tensor)
                inner = try activation == .tanh ? inner.tanh() : inner.relu()
                if let gate { inner = try inner * gate(x.tensor).sigmoid() }
                return try rows(inner).transpose(0, 1)
            }
            #expect(worst(found, wanted) < 1e-5, "\(activation) gated \(gated)")
        }
    }

    @Test(arguments: sizes)
    func poolingAndScoresAreTheirPlainFormulas(size: (Int, Int, Int)) throws {
        let (count, width, _) = size
        for rows in [1, 3, 9] {
            let x = try parameter([count, width], 1)
            let logits = try parameter([rows, count], 2, scale: 3)
            var found = try valuesAndGradients([x.tensor, logits.tensor]) { try x.tensor.pooled(by: logits.tensor) }
            var wanted = try valuesAndGradients([x.tensor, logits.tensor]) {
                try logits.tensor.softmax(dim: 1).matmul(x.tensor)
            }
            #expect(worst(found, wanted) < 1e-5)
            let weight = try parameter([rows, width], 3)
            let bias = try parameter([rows], 4)
            let operands = [x.tensor, weight.tensor, bias.tensor]
            found = try valuesAndGradients(operands) { try x.tensor.scores(weight.tensor, bias.tensor) }
            wanted = try valuesAndGradients(operands) {
                try weight.tensor.matmul(x.tensor.transpose(0, 1)) + bias.tensor.unsqueeze(1)
            }
            #expect(worst(found, wanted) < 1e-5)
        }
    }

    /// bf16 keeps eight bits: a product's operands and its result are each off by up to 2⁻⁹, and with them a gradient
    /// that went through three of them by a few times that.
    @Test func bfloat16InstancesGiveNearlyTheSameAndFP32Gradients() throws {
        let layer = try linear(96, 64, 2)
        let (attention, gate, rows) = (try linear(64, 32, 4), try linear(64, 32, 6), try linear(32, 3, 8))
        let operands = [layer, attention, gate, rows].flatMap(\.parameters).map(\.tensor)
        func pass(_ x: Tensor) throws -> [[Float]] {
            try valuesAndGradients(operands) {
                let instances = try x.dense(layer, .gelu)
                #expect(instances.dtype == x.dtype)
                let logits = try instances.attentionLogits(attention, .tanh, gate: gate, branches: rows)
                #expect(logits.dtype == .float32)
                return try instances.pooled(by: logits)
            }
        }
        let x = try Tensor(numbers(300 * 96, 1), shape: [300, 96])
        let found = try pass(x.to(.bfloat16))
        #expect(worst(found, try pass(x)) < 0.02)
        #expect(try operands.allSatisfy { try $0.grad?.dtype == .float32 })
        // Two of its steps in a row are not fp32's: the type was really used.
        #expect(worst(found, try pass(x)) > 1e-5)
    }

    @Test func withoutGradTheValuesAreTheSame() throws {
        let (layer, rows) = (try linear(33, 20, 2), try linear(20, 2, 4))
        let x = try Tensor(numbers(70 * 33, 1), shape: [70, 33])
        func pass() throws -> [Float] {
            let instances = try x.dense(layer, .gelu, dropout: Dropout(share: 0.5, key: 3))
            let logits = try instances.attentionLogits(layer: rows)
            return try instances.pooled(by: logits).floats() + logits.floats()
        }
        #expect(try withoutGrad(pass) == pass())
    }

    @Test func dropoutKeepsItsShareAndItsMeanAndFollowsItsKeyAlone() throws {
        let ones = try Tensor.full([100, 1003], value: 1)
        let kept = try ones.dropout(Dropout(share: 0.25, key: 11)).floats()
        #expect(Set(kept) == [0, Float(4) / 3])
        let share = Double(kept.count { $0 == 0 }) / Double(kept.count)
        #expect(abs(share - 0.25) < 0.005)
        #expect(try ones.dropout(Dropout(share: 0.25, key: 11)).floats() == kept)
        #expect(try ones.dropout(Dropout(share: 0.25, key: 12)).floats() != kept)
        #expect(try ones.dropout(Dropout(share: 0, key: 11)).floats() == ones.floats())
        #expect(throws: TorchError.self) { try ones.dropout(Dropout(share: 1, key: 11)) }
    }

    /// The bits are SplitMix64's, whose first draw under key 0 is 0xE220A8397B1DCDAF.
    @Test func dropoutReadsSixteenBitsAnElementFromTheLowest() throws {
        let shares = [0xCDAF, 0x7B1D, 0xA839, 0xE220].map { (Double($0) + 1) / 65536 }
        for (element, share) in shares.enumerated() {
            let row = try Tensor.full([1, 4], value: 1)
            #expect(try row.dropout(Dropout(share: share, key: 0)).floats()[element] == 0)
            #expect(try row.dropout(Dropout(share: share - 1.0 / 65536, key: 0)).floats()[element] > 0)
        }
    }

    @Test func aFusedDropoutIsTheOneOfItsKey() throws {
        // Width 5: rows begin inside a draw.
        let x = try Tensor(numbers(6 * 3, 1), shape: [6, 3])
        let layer = try linear(3, 5, 2)
        let dropout = Dropout(share: 0.4, key: 21)
        let fused = try x.dense(layer, .none, dropout: dropout).floats()
        #expect(distance(fused, try layer(x).dropout(dropout).floats()) < 1e-6)
    }

    @Test func aLayersGradientMayBeUsedByTwo() throws {
        // What a gradient is written over must not be what another still reads.
        let layer = try linear(4, 4, 2)
        let x = try parameter([5, 4], 1)
        let operands = [x.tensor] + layer.parameters.map(\.tensor)
        let found = try valuesAndGradients(operands) {
            try x.tensor.dense(layer, .relu) + x.tensor.dense(layer, .tanh) + x.tensor
        }
        let wanted = try valuesAndGradients(operands) {
            try layer(x.tensor).relu() + layer(x.tensor).tanh() + x.tensor
        }
        #expect(worst(found, wanted) < 1e-5)
    }

    @Test func shapesThatDoNotFitAreRefused() throws {
        let x = try Tensor(numbers(6, 1), shape: [2, 3])
        #expect(throws: TorchError.self) { try x.dense(linear(4, 2, 2), .relu) }
        #expect(throws: TorchError.self) { try x.pooled(by: Tensor.zeros([2, 3])) }
        #expect(throws: TorchError.self) { try x.scores(Tensor.zeros([2, 2])) }
        #expect(throws: TorchError.self) {
            try x.attentionLogits(linear(3, 4, 2), .tanh, gate: linear(3, 5, 4), branches: linear(4, 1, 6))
        }
        #expect(throws: TorchError.self) {
            try x.attentionLogits(linear(3, 4, 2), .gelu, gate: nil, branches: linear(4, 1, 6))
        }
    }
}

extension Tensor {
    /// Attention straight from a layer that maps to branches.
    fileprivate func attentionLogits(layer: Linear) throws -> Tensor {
        try scores(layer.weight.tensor, layer.bias?.tensor)
    }
}
