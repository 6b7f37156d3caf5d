import Testing
import Torch

@Suite struct TensorTests {
    @Test func valuesShapeAndTypeComeBackAsGiven() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(tensor.shape == [2, 3])
        #expect(tensor.count == 6)
        #expect(tensor.dtype == .float32)
        #expect(tensor.device == .cpu)
        #expect(try tensor.floats() == [1, 2, 3, 4, 5, 6])
        #expect(try Tensor(int64s: [1 << 40, -1], shape: [2]).int64s() == [1 << 40, -1])
        #expect(try Tensor([], shape: [0, 4]).shape == [0, 4])
        #expect(try Tensor.full([2, 1], value: 0.5).floats() == [0.5, 0.5])
    }

    @Test func halfPrecisionBytesAreReadInTheirOwnType() throws {
        let bfloats: [UInt16] = [0x3F80, 0xC040]
        let halves: [Float16] = [1.5, -2]
        let bytes: [UInt8] = [0, 255]
        #expect(
            try bfloats.withUnsafeBytes { try Tensor(bytes: $0, dtype: .bfloat16, shape: [2]) }.floats() == [1, -3]
        )
        #expect(
            try halves.withUnsafeBytes { try Tensor(bytes: $0, dtype: .float16, shape: [2]) }.floats() == [1.5, -2]
        )
        #expect(try bytes.withUnsafeBytes { try Tensor(bytes: $0, dtype: .uint8, shape: [2]) }.int64s() == [0, 255])
    }

    @Test func aShapeThatDoesNotFitItsValuesIsRefused() {
        let error = #expect(throws: TorchError.self) { try Tensor([1, 2, 3], shape: [2, 2]) }
        #expect(error?.message == "a tensor of shape [2, 2] has 16 bytes, found 12")
    }

    @Test func aProductOfWrongShapesNamesBothShapesAndTheOperation() throws {
        let left = try Tensor.zeros([2, 3])
        let right = try Tensor.zeros([2, 4])
        let error = #expect(throws: TorchError.self) { try left.matmul(right) }
        #expect(error?.operation == "matmul(_:)")
        #expect(error?.message == "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x4)")
    }

    @Test func fractionsAreNotReadAsWholeNumbers() throws {
        let tensor = try Tensor([1.5], shape: [1])
        #expect(throws: TorchError("int64s()", "the tensor holds float32, not whole numbers")) { try tensor.int64s() }
        #expect(throws: TorchError("item()", "one element is wanted, the shape is [2]")) {
            try Tensor.zeros([2]).item()
        }
    }

    @Test func viewsSelectionsAndJoinsMoveTheRightElements() throws {
        let tensor = try Tensor([0, 1, 2, 3, 4, 5], shape: [2, 3])
        #expect(try tensor.transpose(0, 1).floats() == [0, 3, 1, 4, 2, 5])
        #expect(try tensor.reshape([3, -1]).floats() == [0, 1, 2, 3, 4, 5])
        #expect(try tensor.unsqueeze(0).permute([2, 0, 1]).shape == [3, 1, 2])
        #expect(try tensor.unsqueeze(1).squeeze(1).shape == [2, 3])
        #expect(try tensor.select(dim: 1, index: -1).floats() == [2, 5])
        #expect(try tensor.narrow(dim: 1, start: 1, length: 2).floats() == [1, 2, 4, 5])
        #expect(try tensor.indexSelect(dim: 0, [1, 0, 1]).floats() == [3, 4, 5, 0, 1, 2, 3, 4, 5])
        #expect(try tensor.gather(dim: 1, Tensor(int64s: [2, 0], shape: [2, 1])).floats() == [2, 3])
        #expect(try tensor.narrow(dim: 0, start: 0, length: 1).expand([2, -1]).floats() == [0, 1, 2, 0, 1, 2])
        let row = try Tensor([9, 9, 9], shape: [1, 3])
        #expect(try Tensor.concatenated([tensor, row], dim: 0).shape == [3, 3])
        #expect(try Tensor.stacked([row, row], dim: 1).shape == [1, 2, 3])
    }

    @Test func anIndexPastTheEndIsAnErrorNotACrash() throws {
        let tensor = try Tensor.zeros([2, 3])
        #expect(throws: TorchError.self) { try tensor.indexSelect(dim: 0, [2]) }
        #expect(throws: TorchError.self) { try tensor.select(dim: 2, index: 0) }
    }

    @Test func arithmeticBroadcastsAndTakesNumbersOnEitherSide() throws {
        let tensor = try Tensor([1, 2, 4], shape: [3])
        let two = try Tensor([2], shape: [1])
        #expect(try (tensor + two).floats() == [3, 4, 6])
        #expect(try (tensor - two).floats() == [-1, 0, 2])
        #expect(try (tensor * two).floats() == [2, 4, 8])
        #expect(try (tensor / two).floats() == [0.5, 1, 2])
        #expect(try (tensor + 1).floats() == [2, 3, 5])
        #expect(try (tensor - 1).floats() == [0, 1, 3])
        #expect(try (1 - tensor).floats() == [0, -1, -3])
        #expect(try (3 * tensor).floats() == [3, 6, 12])
        #expect(try (tensor / 2).floats() == [0.5, 1, 2])
        #expect(try (-tensor).floats() == [-1, -2, -4])
        #expect(try tensor.square().sqrt().reciprocal().floats() == [1, 0.5, 0.25])
        #expect(try tensor.clampMin(2).floats() == [2, 2, 4])
    }

    @Test func sortingIsStableAndExtremesComeWithTheirPlaces() throws {
        let tensor = try Tensor([3, 1, 3, 2, 5, 0], shape: [2, 3])
        let largest = try tensor.max(dim: 1)
        #expect(try largest.values.floats() == [3, 5])
        #expect(try largest.indices.int64s()[1] == 1)
        #expect(try tensor.max().item() == 5)
        #expect(try tensor.argsort(dim: 1, descending: true).int64s() == [0, 2, 1, 1, 0, 2])
        let smallest = try tensor.topk(1, dim: 0, largest: false)
        #expect(try smallest.values.floats() == [2, 1, 0])
        #expect(try smallest.indices.int64s() == [1, 0, 1])
        #expect(try tensor.sum(dim: 1).floats() == [7, 7])
        #expect(try tensor.mean(dim: 0, keep: true).shape == [1, 3])
        #expect(try tensor.sum().item() == 14)
    }

    @Test func masksReplaceExactlyTheirElements() throws {
        let tensor = try Tensor([1, 2, 3], shape: [3])
        let mask = try Tensor(mask: [true, false, true], shape: [3])
        #expect(try tensor.maskedFill(mask, -1e9).floats() == [-1e9, 2, -1e9])
        #expect(try Tensor.where(mask, tensor, try -tensor).floats() == [1, -2, 3])
    }

    @Test func changesInPlaceReachEveryViewOfTheMemory() throws {
        let tensor = try Tensor([1, 2], shape: [2])
        let view = try tensor.detach()
        let copy = try tensor.clone()
        try tensor.scale(by: 2)
        try tensor.accumulate(copy, times: 0.5)
        #expect(try view.floats() == [2.5, 5])
        try tensor.assign(copy)
        #expect(try view.floats() == [1, 2])
    }

    @Test func aDeviceIsReadFromItsWord() {
        #expect(Device("cpu") == .cpu)
        #expect(Device("cuda") == .cuda(0))
        #expect(Device("cuda:3") == .cuda(3))
        #expect(Device("cuda:-1") == nil)
        #expect(Device("gpu") == nil)
    }
}
