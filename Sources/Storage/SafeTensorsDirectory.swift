import Foundation

/// The header of a safetensors file: what each tensor is and where its bytes lie.
struct SafeTensorsDirectory {
    struct Entry {
        var kind: StoredTensor.Kind
        var shape: [Int]
        var bytes: Range<Int>
    }

    private(set) var entries: [String: Entry] = [:]
    /// The `__metadata__` strings.
    let metadata: [String: String]
    private let body: Data

    /// - Throws: `StorageError.malformed` for a header that does not fit the file.
    init(contentsOf url: URL) throws {
        func malformed(_ reason: String) -> StorageError {
            .malformed(path: url.path, reason: "not a safetensors file: \(reason)")
        }
        let data = try RegularFile.data(url, options: .alwaysMapped)
        guard data.count >= 8 else { throw malformed("shorter than its header") }
        let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= 100_000_000, let header = Int(exactly: length), header <= data.count - 8 else {
            throw malformed("the header's length is out of range")
        }
        body = data.dropFirst(8 + header)
        let json = data.dropFirst(8).prefix(header)
        guard let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw malformed("the header is no JSON object")
        }
        guard let metadata = (object["__metadata__"] ?? [String: String]()) as? [String: String] else {
            throw malformed("__metadata__ holds something else than strings")
        }
        self.metadata = metadata
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
            guard offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= body.count, offsets[1] - offsets[0] == bytes
            else {
                throw malformed("\(name): the data lies outside the file or does not fit the shape")
            }
            entries[name] = Entry(kind: kind, shape: shape, bytes: offsets[0]..<offsets[1])
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
        guard position == body.count else { throw malformed("bytes after the last tensor") }
    }

    /// A tensor with its bytes.
    func tensor(_ entry: Entry) -> StoredTensor {
        let bytes = body[(body.startIndex + entry.bytes.lowerBound)..<(body.startIndex + entry.bytes.upperBound)]
        return StoredTensor(kind: entry.kind, shape: entry.shape, bytes: Data(bytes))
    }
}
