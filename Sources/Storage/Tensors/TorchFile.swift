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
        let archive: TorchArchive
        do {
            let data = try RegularFile.data(url, options: .alwaysMapped)
            archive = try TorchArchive(data, .tensor, longest: Self.longestPickle)
        } catch let refusal as PickleReader.Refusal { throw refused(refusal.reason) }
        guard let tensor = Self.tensor(in: archive.value) else {
            throw refused(Self.description(of: archive.value))
        }
        do { storage = try archive.storage(of: tensor) } catch { throw refused(error.reason) }
        (shape, self.tensor) = (tensor.shape, tensor)
    }

    /// The numbers as fp32, row-major.
    func floats() -> [Float] { tensor.content(of: storage).floats ?? [] }

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
