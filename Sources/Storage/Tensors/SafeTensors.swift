import Files
public import Foundation

/// A named array of a safetensors file.
public struct StoredTensor: Equatable, Sendable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case float64 = "F64"
        case float32 = "F32"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case int64 = "I64"
        case int32 = "I32"
        case int16 = "I16"
        case int8 = "I8"
        case uint8 = "U8"
        case bool = "BOOL"

        /// Whether elements are floating-point numbers.
        public var isFloating: Bool {
            switch self {
            case .float64, .float32, .float16, .bfloat16: true
            case .int64, .int32, .int16, .int8, .uint8, .bool: false
            }
        }

        /// Bytes of one element.
        public var width: Int {
            switch self {
            case .float64, .int64: 8
            case .float32, .int32: 4
            case .float16, .bfloat16, .int16: 2
            case .int8, .uint8, .bool: 1
            }
        }
    }

    public var kind: Kind
    public var shape: [Int]
    /// Little-endian, row-major.
    public var bytes: Data

    public init(kind: Kind, shape: [Int], bytes: Data) {
        self.kind = kind
        self.shape = shape
        self.bytes = bytes
    }

    public init(shape: [Int], floats: [Float]) {
        self.init(kind: .float32, shape: shape, bytes: floats.withUnsafeBytes { Data($0) })
    }

    /// The values as fp32; nil for kinds that are no floating point.
    public var floats: [Float]? {
        switch kind {
        case .float32: array(of: Float.self)
        case .float64: floats { (number: Double) in Float(number) }
        case .float16: floats { (number: Float16) in Float(number) }
        case .bfloat16: floats { (number: UInt16) in Float(bitPattern: UInt32(number) << 16) }
        default: nil
        }
    }

    /// In one pass: a bag's numbers lie in memory once as they are stored, and once as fp32.
    private func floats<Element: BitwiseCopyable>(_ number: (Element) -> Float) -> [Float] {
        bytes.withUnsafeBytes { stored in
            let width = MemoryLayout<Element>.stride
            let count = stored.count / width
            return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                for place in 0..<count {
                    buffer[place] = number(stored.loadUnaligned(fromByteOffset: place * width, as: Element.self))
                }
                filled = count
            }
        }
    }

    /// The bytes as elements of a type with the kind's width.
    public func array<Element: BitwiseCopyable>(of type: Element.Type) -> [Element] {
        let count = bytes.count / MemoryLayout<Element>.stride
        return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer)) / MemoryLayout<Element>.stride
        }
    }
}

/// The safetensors format (8-byte header length, JSON header, raw tensors): data only, nothing in it is executed.
public struct SafeTensors: Equatable, Sendable {
    public var tensors: [String: StoredTensor]
    /// The `__metadata__` strings.
    public var metadata: [String: String]

    public init(tensors: [String: StoredTensor], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    private struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// Reads a file: offsets inside it, shapes that fit their bytes, no overlap, no gap.
    /// - Parameter isWanted: which tensors' bytes are read; the others are only checked.
    public init(contentsOf url: URL, where isWanted: (String) -> Bool = { _ in true }) throws {
        let directory = try SafeTensorsDirectory(contentsOf: url)
        metadata = directory.metadata
        tensors = try Dictionary(
            uniqueKeysWithValues: directory.entries.filter { isWanted($0.key) }.map { ($0, try directory.tensor($1)) }
        )
    }

    /// The file's bytes: tensors sorted by name, header padded with blanks to a multiple of 8.
    public func data() throws -> Data {
        struct Header: Encodable {
            var entries: [String: Entry]
            var metadata: [String: String]

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: NamedKey.self)
                if !metadata.isEmpty { try container.encode(metadata, forKey: NamedKey("__metadata__")) }
                for (name, entry) in entries { try container.encode(entry, forKey: NamedKey(name)) }
            }
        }
        var entries: [String: Entry] = [:]
        var body = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let start = body.count
            body.append(tensor.bytes)
            entries[name] = Entry(dtype: tensor.kind.rawValue, shape: tensor.shape, data_offsets: [start, body.count])
        }
        var header = try CanonicalJSON.line(Header(entries: entries, metadata: metadata))
        while header.count % 8 != 0 { header.append(0x20) }
        var length = UInt64(header.count).littleEndian
        return withUnsafeBytes(of: &length) { Data($0) } + header + body
    }

    public func write(to url: URL) throws { try AtomicFile.write(try data(), to: url) }
}
