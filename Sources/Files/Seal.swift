public import Foundation

/// The member `seal` of a JSON file: SHA-256 of the file as it was written, with that member empty. What is changed afterwards and is
/// JSON still is told by it; files of earlier versions have none.
public enum Seal {
    /// - Parameter value: makes what is written, with the seal in it.
    public static func data(_ value: (_ seal: String) -> some Encodable) throws -> Data {
        try CanonicalJSON.data(value(Digest.sha256(try CanonicalJSON.data(value("")))))
    }

    /// Whether a file is what was written, as far as it has a seal. It need not fit any version of its type.
    public static func holds(_ data: Data) -> Bool {
        // Of the whole, not of something in it.
        guard let mark = data.firstRange(of: Data("\n  \"seal\" : \"".utf8)) else { return true }
        let seal = data[mark.upperBound...].prefix { $0 != UInt8(ascii: "\"") }
        let rest = data[..<seal.startIndex] + data[seal.endIndex...]
        return Digest.sha256(rest).utf8.elementsEqual(seal)
    }
}
