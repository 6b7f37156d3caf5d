import Files
import Foundation

/// A `.pt` file of `torch.save` with one tensor of floating-point numbers, such as CLAM's `pt_files/ID.pt`: a plain tensor, a
/// parameter, or a dictionary with the tensor under a usual name. Nothing in the file is executed.
struct TorchFile {
    let shape: [Int]
    private let tensor: PickledTensor
    private let storage: Data

    /// Names under which other tools keep features in a dictionary.
    private static let usualKeys = ["features", "feats", "embeddings"]
    /// The pickle of a plain tensor has less than a kilobyte; only its numbers are large, and they lie elsewhere.
    private static let longestPickle = 1 << 20

    /// Reads what the file says of its tensor; its numbers follow with `floats()`.
    /// - Throws: `StorageError.malformed` with what was found instead of a tensor.
    init(contentsOf url: URL) throws {
        func refused(_ reason: String) -> StorageError {
            .malformed(path: url.path, reason: "no plain tensor of torch.save: \(reason)")
        }
        let data = try RegularFile.data(url, options: .alwaysMapped)
        guard let archive = ZipDirectory(data) else {
            throw refused("it is no zip archive; save it again with PyTorch 1.6 or later")
        }
        func content(_ name: String) throws -> Data? {
            let found = archive.entries.filter {
                $0.name.hasSuffix("/\(name)") && $0.name.split(separator: "/").count >= 2
            }
            guard let entry = found.first else { return nil }
            guard found.count == 1, let content = archive.content(of: entry) else {
                throw refused("\(name) is damaged")
            }
            return content
        }
        guard let pickle = try content("data.pkl") else { throw refused("data.pkl is missing") }
        guard pickle.count <= Self.longestPickle else { throw refused("its pickle has \(pickle.count) bytes") }
        if let order = try content("byteorder"), order != Data("little".utf8) {
            throw refused("its numbers are not little-endian")
        }
        var reader = PickleReader(pickle)
        let value: PickledValue
        do { value = try reader.value() } catch { throw refused(error.reason) }
        guard let tensor = Self.tensor(in: value) else { throw refused(Self.description(of: value)) }
        guard let storage = try content("data/\(tensor.key)") else { throw refused("the numbers are missing") }
        guard tensor.fits(elements: storage.count / tensor.kind.width) else {
            throw refused("its shape \(tensor.shape) reaches beyond its numbers")
        }
        (shape, self.tensor, self.storage) = (tensor.shape, tensor, storage)
    }

    /// The numbers as fp32, row-major.
    func floats() -> [Float] {
        guard !shape.contains(0) else { return [] }
        let count = shape.reduce(1, *)
        if tensor.isContiguous {
            let start = storage.startIndex + tensor.offset * tensor.kind.width
            return values(storage[start..<(start + count * tensor.kind.width)])
        }
        let all = values(storage)
        var index = [Int](repeating: 0, count: shape.count)
        return (0..<count).map { _ in
            let value = all[zip(index, tensor.strides).reduce(tensor.offset) { $0 + $1.0 * $1.1 }]
            var axis = shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
                axis -= 1
            }
            return value
        }
    }

    private func values(_ bytes: Data) -> [Float] {
        StoredTensor(kind: tensor.kind, shape: [bytes.count / tensor.kind.width], bytes: bytes).floats ?? []
    }

    private static func tensor(in value: PickledValue) -> PickledTensor? {
        switch value {
        case .tensor(let tensor): return tensor
        case .dictionary(let pairs):
            let tensors = pairs.compactMap { pair -> (key: PickledValue, tensor: PickledTensor)? in
                if case .tensor(let tensor) = pair.value { (pair.key, tensor) } else { nil }
            }
            let named = usualKeys.lazy.compactMap { name in tensors.first { $0.key == .text(name) } }.first
            return named?.tensor ?? (tensors.count == 1 ? tensors.first?.tensor : nil)
        default: return nil
        }
    }

    private static func description(of value: PickledValue) -> String {
        switch value {
        case .otherTensor: "its tensor holds whole numbers; floating-point numbers are wanted"
        case .dictionary(let pairs):
            "it is a dictionary of \(pairs.count) entries, none of them called \(usualKeys.joined(separator: " or "))"
        default: "it holds something else than a tensor"
        }
    }
}

extension PickledTensor {
    /// Whether every element lies inside a storage of so many, and the number of them can be counted.
    fileprivate func fits(elements: Int) -> Bool {
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

    fileprivate var isContiguous: Bool {
        var wanted = 1
        for (side, stride) in zip(shape, strides).reversed() {
            if side != 1, stride != wanted { return false }
            wanted *= side
        }
        return true
    }
}
