import Files
public import Foundation
public import Records

/// Outcomes as files, each with a seal: its fingerprint is compared and its outputs have digests, but its figures and facts would
/// be believed whatever became of them.
extension Outcome {
    private struct Sealed: Encodable {
        var outcome: Outcome
        var seal: String

        enum CodingKeys: String, CodingKey { case seal }

        func encode(to encoder: any Encoder) throws {
            try outcome.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(seal, forKey: .seal)
        }
    }

    private struct Seal: Decodable {
        /// nil in outcomes of earlier versions.
        var seal: String?
    }

    /// Publishes it with its seal, the SHA-256 of the file without the seal's line.
    /// - Throws: `StorageError`; nothing is left behind then.
    public func write(to url: URL) throws {
        let seal = Digest.sha256(try CanonicalJSON.data(self))
        try AtomicFile.write(try CanonicalJSON.data(Sealed(outcome: self, seal: seal)), to: url)
    }

    /// - Throws: `StorageError`: `.malformed` where it is not what was written.
    public static func read(_ url: URL) throws -> Outcome {
        try decode(TextLimit.data(url, upTo: TextLimit.program, wayOut: "no file of this program is that long"), url)
    }

    /// As `read`, of a file that may be missing or damaged: nil then.
    /// - Throws: `StorageError` where the file is there and the machine does not give it: that is no missing file.
    static func readUndamaged(_ url: URL) throws(StorageError) -> Outcome? {
        let data: Data
        do { data = try RegularFile.data(url) } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        return try? decode(data, url)
    }

    private static func decode(_ data: Data, _ url: URL) throws -> Outcome {
        let outcome = try CanonicalJSON.decode(Outcome.self, made: data, url)
        guard let seal = try CanonicalJSON.decode(Seal.self, made: data, url).seal else { return outcome }
        let line = Data("  \"seal\" : \"\(seal)\",\n".utf8)
        guard let place = data.firstRange(of: line),
            Digest.sha256(data[..<place.lowerBound] + data[place.upperBound...]) == seal
        else { throw StorageError.malformed(path: url.path, reason: "it was changed after it was written") }
        return outcome
    }
}
