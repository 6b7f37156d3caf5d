public import Foundation

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
    public static func isWhole(_ data: Data) -> Bool? {
        data.withUnsafeBytes { bytes in
            guard let place = place(in: bytes) else { return nil }
            let rest = Digest.sha256(of: [bytes[..<place.lowerBound], bytes[place.upperBound...]])
            return rest.utf8.elementsEqual(bytes[place])
        }
    }

    /// Where the seal stands. Thousands of outcomes are looked through at the start of a command.
    private static func place(in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        // The seal of the whole, not of something in it.
        let mark = Array("\n  \"seal\" : \"".utf8)
        let start = bytes.indices.first { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
        guard let first = start.map({ $0 + mark.count }) else { return nil }
        return first..<(bytes[first...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.endIndex)
    }
}
