import Foundation

/// Where a tensor of a `torch.save` archive lies: a window on one of its storages.
struct PickledTensor: Equatable {
    var kind: StoredTensor.Kind
    /// Name of the storage: the archive's entry `data/<key>`.
    var key: String
    /// In elements, as are the strides.
    var offset: Int
    var shape: [Int]
    var strides: [Int]

    /// Whether every element lies inside a storage of so many, and the number of them can be counted.
    func fits(elements: Int) -> Bool {
        guard shape.count <= 4, offset >= 0, offset <= elements, zip(shape, strides).allSatisfy({ $0 >= 0 && $1 >= 0 })
        else { return false }
        if shape.contains(0) { return true }
        var (last, count) = (offset, 1)
        for (side, stride) in zip(shape, strides) {
            let (reach, overflow) = (side - 1).multipliedReportingOverflow(by: stride)
            let (place, beyond) = last.addingReportingOverflow(reach)
            let (product, tooMany) = count.multipliedReportingOverflow(by: side)
            guard !overflow, !beyond, !tooMany else { return false }
            (last, count) = (place, product)
        }
        // A stride of 0 repeats an element: a small file could claim any size.
        return last < elements && count <= elements
    }

    /// The elements, row-major.
    /// - Parameter storage: one that the tensor fits.
    func content(of storage: Data) -> StoredTensor {
        guard !shape.contains(0) else { return StoredTensor(kind: kind, shape: shape, bytes: Data()) }
        let count = shape.reduce(1, *)
        let start = storage.startIndex
        if isContiguous {
            let first = start + offset * kind.width
            return StoredTensor(kind: kind, shape: shape, bytes: storage[first..<(first + count * kind.width)])
        }
        var bytes = Data(capacity: count * kind.width)
        var index = [Int](repeating: 0, count: shape.count)
        for _ in 0..<count {
            let place = start + zip(index, strides).reduce(offset) { $0 + $1.0 * $1.1 } * kind.width
            bytes.append(storage[place..<(place + kind.width)])
            var axis = shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
                axis -= 1
            }
        }
        return StoredTensor(kind: kind, shape: shape, bytes: bytes)
    }

    private var isContiguous: Bool {
        var wanted = 1
        for (side, stride) in zip(shape, strides).reversed() {
            if side != 1, stride != wanted { return false }
            wanted *= side
        }
        return true
    }
}
