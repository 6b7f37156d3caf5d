import Files
import Foundation

/// An open safetensors file: what each tensor is and where its bytes lie. These are read when they are asked for.
///
/// Not Sendable: it has a place in the file.
final class SafeTensorsDirectory {
    struct Entry {
        var kind: StoredTensor.Kind
        var shape: [Int]
        var bytes: Range<Int>
    }

    let entries: [String: Entry]
    /// The `__metadata__` strings.
    let metadata: [String: String]
    let url: URL
    private let file: FileHandle
    /// Where the tensors begin, and the bytes they have.
    private let start: Int
    private let size: Int

    private static let longestHeader = 100_000_000

    /// Whether bytes begin as such a file does: with the length of a header, and an object.
    static func begins(_ data: Data) -> Bool {
        guard data.count > 8 else { return false }
        let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return length <= longestHeader && data[data.startIndex + 8] == UInt8(ascii: "{")
    }

    /// - Throws: `StorageError.malformed` for a header that does not fit the file.
    init(contentsOf url: URL) throws {
        func malformed(_ reason: String) -> StorageError {
            .malformed(path: url.path, reason: "not a safetensors file: \(reason)")
        }
        self.url = url
        try RegularFile.check(url)
        let file = try StorageError.during("open", url) { try FileHandle(forReadingFrom: url) }
        self.file = file
        let count = try StorageError.during("open", url) { Int(try file.seekToEnd()) }
        let head = try Self.read(0..<min(count, ForeignWeights.look), of: file, url)
        if let foreign = ForeignWeights(head, count: count) { throw malformed(foreign.refusal) }
        guard count >= 8 else { throw malformed("shorter than its header") }
        let length = try Self.read(0..<8, of: file, url).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Self.longestHeader, let header = Int(exactly: length) else {
            throw malformed("the header's length is out of range")
        }
        guard header <= count - 8 else {
            throw malformed("it ends inside of its header, after \(count) bytes; download it again")
        }
        (start, size) = (8 + header, count - 8 - header)
        let json = try Self.read(8..<8 + header, of: file, url)
        guard let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw malformed("the header is no JSON object")
        }
        guard let metadata = (object["__metadata__"] ?? [String: String]()) as? [String: String] else {
            throw malformed("__metadata__ holds something else than strings")
        }
        self.metadata = metadata
        var entries: [String: Entry] = [:]
        for (name, value) in object where name != "__metadata__" {
            guard let fields = value as? [String: Any], let word = fields["dtype"] as? String,
                let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int],
                offsets.count == 2
            else { throw malformed("\(name): dtype, shape or data_offsets is missing") }
            guard let kind = StoredTensor.Kind(rawValue: word) else {
                throw malformed("\(name): dtype \(word) is not supported")
            }
            var bytes = kind.width
            for side in shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
                guard side >= 0, !overflow else { throw malformed("\(name): the shape is out of range") }
                bytes = product
            }
            guard offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] - offsets[0] == bytes else {
                throw malformed("\(name): the data lies outside the file or does not fit the shape")
            }
            entries[name] = Entry(kind: kind, shape: shape, bytes: offsets[0]..<offsets[1])
        }
        if let end = entries.values.map(\.bytes.upperBound).max(), end > size {
            throw malformed("\(size) of the \(end) bytes of its tensors are there; download it again")
        }
        var position = 0
        let inOrder = entries.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound) < (
                $1.value.bytes.lowerBound, $1.value.bytes.upperBound
            )
        }
        for (name, entry) in inOrder {
            guard entry.bytes.lowerBound == position else {
                throw malformed("\(name): the data overlaps or leaves a gap")
            }
            position = entry.bytes.upperBound
        }
        guard position == size else { throw malformed("bytes after the last tensor") }
        self.entries = entries
    }

    /// A tensor with its bytes.
    func tensor(_ entry: Entry) throws -> StoredTensor {
        let place = start + entry.bytes.lowerBound..<start + entry.bytes.upperBound
        return StoredTensor(kind: entry.kind, shape: entry.shape, bytes: try Self.read(place, of: file, url))
    }

    private static func read(_ place: Range<Int>, of file: FileHandle, _ url: URL) throws -> Data {
        guard !place.isEmpty else { return Data() }
        let bytes = try StorageError.during("read", url) {
            try file.seek(toOffset: UInt64(place.lowerBound))
            return try file.read(upToCount: place.count) ?? Data()
        }
        guard bytes.count == place.count else {
            throw StorageError.malformed(path: url.path, reason: "the file became shorter while it was read")
        }
        return bytes
    }
}
