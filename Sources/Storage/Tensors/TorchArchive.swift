import Foundation

/// The zip archive that `torch.save` writes: a pickle that says what there is, and the numbers beside it.
struct TorchArchive {
    private let archive: ZipDirectory

    /// - Parameter data: the file, best mapped.
    init(_ data: Data) throws(PickleReader.Refusal) {
        guard let archive = ZipDirectory(data) else {
            throw PickleReader.Refusal(reason: "it is no zip archive; save it again with PyTorch 1.6 or later")
        }
        self.archive = archive
    }

    /// What the pickle holds.
    /// - Parameter longest: in bytes; the pickle of something longer is not read.
    func value(_ content: PickleReader.Content, longest: Int) throws(PickleReader.Refusal) -> PickledValue {
        guard let pickle = try entry("data.pkl") else { throw PickleReader.Refusal(reason: "data.pkl is missing") }
        guard pickle.count <= longest else {
            throw PickleReader.Refusal(reason: "its pickle has \(pickle.count) bytes")
        }
        if let order = try entry("byteorder"), order != Data("little".utf8) {
            throw PickleReader.Refusal(reason: "its numbers are not little-endian")
        }
        var reader = PickleReader(pickle, content)
        return try reader.value()
    }

    /// The numbers that a tensor is a window on, which it fits.
    func storage(of tensor: PickledTensor) throws(PickleReader.Refusal) -> Data {
        guard let storage = try entry("data/\(tensor.key)") else {
            throw PickleReader.Refusal(reason: "the numbers are missing")
        }
        guard tensor.fits(elements: storage.count / tensor.kind.width) else {
            throw PickleReader.Refusal(reason: "its shape \(tensor.shape) reaches beyond its numbers")
        }
        return storage
    }

    /// The bytes of an entry in the archive's one folder; nil where there is none.
    private func entry(_ name: String) throws(PickleReader.Refusal) -> Data? {
        let found = archive.entries.filter {
            $0.name.hasSuffix("/\(name)") && $0.name.split(separator: "/").count >= 2
        }
        guard let entry = found.first else { return nil }
        guard found.count == 1, let content = archive.content(of: entry) else {
            throw PickleReader.Refusal(reason: "\(name) is damaged")
        }
        return content
    }
}
