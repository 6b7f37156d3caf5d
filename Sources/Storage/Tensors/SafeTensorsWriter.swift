import Files
public import Foundation

/// Writes a safetensors file a tensor at a time, so that weights of gigabytes need the memory of one of their tensors.
public enum SafeTensorsWriter {
    /// - Parameters:
    ///   - entries: what will be written, by name.
    ///   - tensor: gives each when its turn comes, by name and in the order of names.
    /// - Throws: what `tensor` throws; `StorageError`, also for a tensor of another kind or shape than was said. There is no
    ///   file then.
    public static func write(
        _ entries: [String: WeightsFile.Entry],
        to url: URL,
        _ tensor: (String) throws -> StoredTensor
    ) throws {
        let names = entries.keys.sorted()
        var body = 0
        var header: [String: Place] = [:]
        for name in names {
            guard let entry = entries[name] else { continue }
            let count = entry.shape.reduce(entry.kind.width, *)
            header[name] = Place(dtype: entry.kind.rawValue, shape: entry.shape, data_offsets: [body, body + count])
            body += count
        }
        var line = try CanonicalJSON.line(header)
        while line.count % 8 != 0 { line.append(0x20) }
        let length = withUnsafeBytes(of: UInt64(line.count).littleEndian) { Data($0) }
        try AtomicFile.publish(to: url) { temporary in
            guard FileManager.default.createFile(atPath: temporary.path, contents: length + line) else {
                throw StorageError.system(path: temporary.path, call: "open", errno: errno)
            }
            let file = try StorageError.during("open", temporary) { try FileHandle(forWritingTo: temporary) }
            try StorageError.during("seek", temporary) { _ = try file.seekToEnd() }
            for name in names {
                let found = try tensor(name)
                guard found.kind == entries[name]?.kind, found.shape == entries[name]?.shape else {
                    throw StorageError.malformed(path: url.path, reason: "\(name) is not what was announced")
                }
                try StorageError.during("write", temporary) { try file.write(contentsOf: found.bytes) }
            }
            try StorageError.during("close", temporary) { try file.close() }
        }
    }

    private struct Place: Encodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }
}
