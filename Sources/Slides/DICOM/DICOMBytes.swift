import Files
import Foundation

/// The bytes of a file, through a window that goes along with its parser.
struct DICOMBytes {
    let file: OpenFile
    private var window: [UInt8] = []
    private var start = 0

    init(_ file: OpenFile) { self.file = file }

    var count: Int { file.count }

    /// - Throws: `SlideFault` where the file ends before; `StorageError` where the disk does not give them.
    mutating func bytes(_ count: Int, at offset: Int) throws -> [UInt8] {
        guard offset >= 0, count >= 0, count <= file.count, offset <= file.count - count else { throw Self.truncated }
        if count > Self.windowSize {
            let bytes = try file.read(count, at: offset)
            guard bytes.count == count else { throw Self.truncated }
            return [UInt8](bytes)
        }
        try see(count, at: offset)
        return Array(window[(offset - start)..<(offset - start + count)])
    }

    /// Little endian, of 1 to 8 bytes.
    mutating func number(_ count: Int, at offset: Int) throws -> UInt64 {
        try see(count, at: offset)
        var value: UInt64 = 0
        for index in stride(from: offset - start + count - 1, through: offset - start, by: -1) {
            value = value << 8 | UInt64(window[index])
        }
        return value
    }

    private mutating func see(_ count: Int, at offset: Int) throws {
        if offset >= start, offset - start <= window.count - count { return }
        guard offset >= 0, offset <= file.count - count else { throw Self.truncated }
        window = [UInt8](try file.read(min(Self.windowSize, file.count - offset), at: offset))
        start = offset
        guard window.count >= count else { throw Self.truncated }
    }

    static let truncated = SlideFault(text: "the file ends within its header")
    private static let windowSize = 32 << 10
}
