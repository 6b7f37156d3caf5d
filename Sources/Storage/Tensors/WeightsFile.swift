import Files
public import Foundation

/// The named tensors of a file of weights that somebody else wrote: safetensors, or a dictionary of `torch.save`. Their bytes are
/// read when they are asked for, and nothing in the file is executed.
///
/// Not Sendable: it has a place in the file.
public final class WeightsFile {
    /// What a tensor is, without its bytes.
    public struct Entry: Equatable, Sendable {
        public var kind: StoredTensor.Kind
        public var shape: [Int]

        public init(kind: StoredTensor.Kind, shape: [Int]) { (self.kind, self.shape) = (kind, shape) }
    }

    /// Those of dictionaries inside of dictionaries are called `outer.inner`.
    public let entries: [String: Entry]
    private let read: (String) throws -> StoredTensor

    /// 64 MB: that of a large model has about one hundred kilobytes.
    private static let longestPickle = 1 << 26

    /// - Throws: `StorageError` for a file that is neither, or that is damaged.
    public convenience init(contentsOf url: URL) throws {
        // What it is called may be wrong.
        let kind = try WeightsKind(RegularFile.data(url, options: .alwaysMapped))
        if kind == .safetensors || (url.pathExtension == "safetensors" && ![.pickle, .torchScript].contains(kind)) {
            try self.init(safetensors: url)
        } else {
            try self.init(torch: url)
        }
    }

    /// The files that an index of shards names (`model.safetensors.index.json`), which lie beside it.
    /// - Throws: `StorageError`, also where a tensor is not in the file that should have it.
    public convenience init(index url: URL) throws {
        struct Index: Decodable { var weight_map: [String: String] }
        let text = try TextLimit.data(url, upTo: TextLimit.person, wayOut: "is this an index of shards?")
        let map = try ForeignJSON(text, url).decode(Index.self).weight_map
        let folder = url.absoluteURL.deletingLastPathComponent()
        let names = Set(map.values).sorted()
        if let name = names.first(where: { $0.contains("/") }) {
            throw StorageError.malformed(path: url.path, reason: "'\(name)' is no name of a file beside it")
        }
        let missing = try names.filter { try !RegularFile.exists(folder.appending(path: $0)) }
        if let first = missing.first {
            let others = missing.count > 1 ? " and \(missing.count - 1) more are" : " is"
            throw StorageError.malformed(
                path: url.path,
                reason: "of the \(names.count) shards that it names, \(first)\(others) not there; download all of them"
            )
        }
        var shards: [String: WeightsFile] = [:]
        for name in names {
            shards[name] = try WeightsFile(contentsOf: folder.appending(path: name))
        }
        var entries: [String: Entry] = [:]
        var places: [String: WeightsFile] = [:]
        for (name, file) in map {
            guard let shard = shards[file], let entry = shard.entries[name] else {
                throw StorageError.malformed(path: url.path, reason: "\(name) is not in \(file), which should have it")
            }
            (entries[name], places[name]) = (entry, shard)
        }
        self.init(entries) { name in
            guard let shard = places[name] else { throw Self.absent(name, url) }
            return try shard.tensor(name)
        }
    }

    private init(_ entries: [String: Entry], _ read: @escaping (String) throws -> StoredTensor) {
        (self.entries, self.read) = (entries, read)
    }

    private convenience init(safetensors url: URL) throws {
        let directory = try SafeTensorsDirectory(contentsOf: url)
        self.init(directory.entries.mapValues { Entry(kind: $0.kind, shape: $0.shape) }) { name in
            guard let entry = directory.entries[name] else { throw Self.absent(name, url) }
            return try directory.tensor(entry)
        }
    }

    private convenience init(torch url: URL) throws {
        func refused(_ reason: String) -> StorageError {
            .malformed(path: url.path, reason: "no weights of torch.save: \(reason)")
        }
        let data = try RegularFile.data(url, options: .alwaysMapped)
        let kind = WeightsKind(data)
        switch kind {
        case .pickle: break
        case .torchScript:
            throw StorageError.malformed(
                path: url.path,
                reason: "this is TorchScript, which is used as it is; write an encoder.json beside it "
                    + "(docs/guides/own-encoder.md)"
            )
        case .exported, .foreign, .safetensors:
            throw StorageError.malformed(path: url.path, reason: kind.refusal ?? "")
        case .unknown:
            if data.starts(with: [0x50, 0x4B, 3, 4]), ZipDirectory(data) == nil {
                throw refused("its zip archive ends early, after \(data.count) bytes; download it again")
            }
            if ZipDirectory(data) == nil { throw refused("it is neither a zip archive nor a pickle") }
        }
        let archive: TorchArchive
        var tensors: [String: PickledTensor] = [:]
        do {
            archive = try TorchArchive(data, .weights, longest: Self.longestPickle)
            try archive.value.collect("", into: &tensors)
        } catch { throw refused(error.reason) }
        guard !tensors.isEmpty else { throw refused("it holds no tensors by name") }
        let found = tensors
        // Before anyone counts with their shapes.
        for (name, tensor) in found {
            do throws(PickleReader.Refusal) { _ = try archive.storage(of: tensor) } catch {
                throw refused("\(name): \(error.reason)")
            }
        }
        self.init(found.mapValues { Entry(kind: $0.kind, shape: $0.shape) }) { name in
            guard let tensor = found[name] else { throw Self.absent(name, url) }
            let storage: Data
            do throws(PickleReader.Refusal) { storage = try archive.storage(of: tensor) } catch {
                throw refused("\(name): \(error.reason)")
            }
            return tensor.content(of: storage)
        }
    }

    private static func absent(_ name: String, _ url: URL) -> StorageError {
        .malformed(path: url.path, reason: "\(name) is missing")
    }

    /// A tensor with its bytes.
    public func tensor(_ name: String) throws -> StoredTensor { try read(name) }
}

extension PickledValue {
    /// Gathers the tensors of dictionaries under their names.
    fileprivate func collect(_ path: String, into tensors: inout [String: PickledTensor]) throws(PickleReader.Refusal) {
        switch self {
        case .tensor(let tensor):
            guard tensors.updateValue(tensor, forKey: path) == nil else {
                throw PickleReader.Refusal(reason: "two of its tensors are called \(path)")
            }
        case .dictionary(let pairs):
            for pair in pairs {
                guard case .text(let key) = pair.key else { continue }
                try pair.value.collect(path.isEmpty ? key : "\(path).\(key)", into: &tensors)
            }
        default: break
        }
    }
}
