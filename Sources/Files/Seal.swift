public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The member `seal` of a JSON file: SHA-256 of the file as it was written, with that member empty. What is changed afterwards and is
/// JSON still is told by it; files of earlier versions have none.
public enum Seal {
    /// - Parameter value: makes what is written, with the seal in it.
    public static func data(_ value: (_ seal: String) -> some Encodable) throws -> Data {
        try CanonicalJSON.data(value(Digest.sha256(try CanonicalJSON.data(value("")))))
    }

    /// Whether a file is what was written, as far as it has a seal. It need not fit any version of its type.
    public static func holds(_ data: Data) -> Bool { isWhole(data) ?? true }

    /// Whether a file is what was written; nil where it has no seal.
    public static func isWhole(_ data: Data) -> Bool? { data.withUnsafeBytes { isWhole($0) } }

    /// As of data. Thousands of outcomes are looked through at the start of a command.
    public static func isWhole(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        guard let place = place(in: bytes) else { return nil }
        let rest = Digest.sha256(of: [bytes[..<place.lowerBound], bytes[place.upperBound...]])
        return rest.utf8.elementsEqual(bytes[place])
    }

    // The seal of the whole, not of something in it.
    private static let mark = Array("\n  \"seal\" : \"".utf8)

    /// Where the seal stands.
    private static func place(in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        guard let base = bytes.baseAddress else { return nil }
        var at = 0
        while let found = memchr(base + at, Int32(mark[0]), bytes.count - at) {
            let start = UnsafeRawPointer(found) - base
            let first = start + mark.count
            if first <= bytes.count, memcmp(found, mark, mark.count) == 0 {
                return first..<(bytes[first...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.endIndex)
            }
            at = start + 1
        }
        return nil
    }
}
