import TestSupport
import Testing
import Torch

/// A history of one's own, and what it is made of.
@Suite struct RecordedTests {
    @Test func aGradientWorkedOutInPartsIsThatOfTheWhole() throws {
        let weight = try Parameter("w", [2, -1], shape: [2]).tensor
        let inputs = try [[3, 4], [1, 2], [0, 5]].map { try Tensor($0, shape: [2]) }
        func whole() throws -> Tensor { try Tensor.stacked(inputs.map { try ($0 * weight).sum() }, dim: 0) }
        try (whole().square().sum() * 0.5).backward()
        let wanted = try #require(try weight.grad).floats()
        weight.dropGrad()
        let values = try withoutGrad { try whole() }
        let recorded = try values.recorded(on: weight) { gradient in
            for (place, input) in inputs.enumerated() {
                let part = try gradient.select(dim: 0, index: place)
                try withGrad { try (input * weight).sum() * part }.backward()
            }
        }
        #expect(recorded.requiresGrad && !values.requiresGrad)
        #expect(try recorded.floats() == values.floats())
        try (recorded.square().sum() * 0.5).backward()
        #expect(try #require(try weight.grad).floats() == wanted)
    }

    @Test func whatGoesWrongOnTheWayBackIsToldInItsWords() throws {
        struct Refusal: Error, CustomStringConvertible { let description = "the block is lost" }
        let weight = try Parameter("w", [2], shape: [1]).tensor
        let recorded = try weight.detach().recorded(on: weight) { _ in throw Refusal() }
        let error = try #require(throws: TorchError.self) { try recorded.sum().backward() }
        #expect(error.message.contains("the block is lost"))
        let shapes = try weight.detach().recorded(on: weight) { _ = try $0.matmul(Tensor.zeros([3, 3])) }
        #expect(throws: TorchError.self) { try shapes.sum().backward() }
        // Recording is as it was.
        #expect(try (weight * 2).requiresGrad)
    }

    @Test func whatIsHeldForTheWayBackIsFreed() throws {
        final class Held {}
        weak var held: Held?
        let weight = try Parameter("w", [2], shape: [1]).tensor
        func recorded(_ body: (Tensor) throws -> Void) throws {
            let kept = Held()
            held = kept
            try body(weight.detach().recorded(on: weight) { _ in _ = kept })
        }
        // Never used.
        try recorded { _ in #expect(held != nil) }
        #expect(held == nil)
        // Used up, while the values live on.
        var values: Tensor?
        try recorded { tensor in
            try tensor.sum().backward()
            values = tensor
        }
        #expect(held == nil)
        #expect(try values?.floats() == [2])
        // Nothing is recorded.
        try withoutGrad { try recorded { #expect(!$0.requiresGrad) } }
        #expect(held == nil)
    }

    @Test func rowsAreAddedWhereTheyBelongAlsoSeveralTimes() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
        let rows = try Tensor([10, 20, 30, 40, 50, 60], shape: [3, 2])
        try tensor.accumulate(rows: rows, at: Tensor(indices: [2, 0, 2]))
        #expect(try tensor.floats() == [31, 42, 3, 4, 65, 86])
        #expect(throws: TorchError.self) { try tensor.accumulate(rows: rows, at: Tensor(indices: [3, 0, 0])) }
    }

    @Test(arguments: [4, 12, 1000]) func aDropoutByPartsIsThatOfTheWhole(part: Int) throws {
        let ones = try Tensor.full([1, 2050], value: 1)
        let dropout = Dropout(share: 0.3, key: .max - 5)
        let parts = try stride(from: 0, to: 2050, by: part).map { start in
            try ones.narrow(dim: 1, start: start, length: min(part, 2050 - start)).dropout(dropout.from(element: start))
        }
        #expect(try Tensor.concatenated(parts, dim: 1).floats() == ones.dropout(dropout).floats())
    }
}
