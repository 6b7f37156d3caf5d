import Foundation

/// What `torch.save` writes: a pickle that says what there is, and the numbers beside it, in a zip archive or, before PyTorch
/// 1.6, behind it.
struct TorchArchive {
    private enum Source {
        case zip(ZipDirectory)
        case legacy(LegacyTorchFile)
    }

    private let source: Source
    /// What the pickle holds.
    let value: PickledValue

    /// - Parameters:
    ///   - data: the file, best mapped.
    ///   - longest: in bytes; the pickle of something longer is not read.
    init(_ data: Data, _ content: PickleReader.Content, longest: Int) throws(PickleReader.Refusal) {
        if LegacyTorchFile.begins(data) {
            let file = try LegacyTorchFile(data, content, longest: longest)
            (source, value) = (.legacy(file), file.value)
            return
        }
        guard let archive = ZipDirectory(data) else {
            throw PickleReader.Refusal(reason: "it is no zip archive; save it with torch.save")
        }
        guard let pickle = try Self.entry("data.pkl", of: archive) else {
            throw PickleReader.Refusal(reason: "data.pkl is missing")
        }
        guard pickle.count <= longest else {
            throw PickleReader.Refusal(reason: "its pickle has \(pickle.count) bytes")
        }
        if let order = try Self.entry("byteorder", of: archive), order != Data("little".utf8) {
            throw PickleReader.Refusal(reason: "its numbers are not little-endian")
        }
        var reader = PickleReader(pickle, content)
        (source, value) = (.zip(archive), try reader.value())
    }

    /// The numbers that a tensor is a window on, which it fits.
    func storage(of tensor: PickledTensor) throws(PickleReader.Refusal) -> Data {
        let found =
            switch source {
            case .zip(let archive): try Self.entry("data/\(tensor.key)", of: archive)
            case .legacy(let file): file.storage(tensor.key)
            }
        guard let storage = found else { throw PickleReader.Refusal(reason: "the numbers are missing") }
        guard tensor.fits(elements: storage.count / tensor.kind.width) else {
            throw PickleReader.Refusal(reason: "its shape \(tensor.shape) reaches beyond its numbers")
        }
        return storage
    }

    /// The bytes of an entry in the archive's one folder; nil where there is none.
    private static func entry(_ name: String, of archive: ZipDirectory) throws(PickleReader.Refusal) -> Data? {
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
