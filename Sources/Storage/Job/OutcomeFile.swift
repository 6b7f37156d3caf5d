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

    /// Of the member that the seal is.
    static var sealKey: String { Sealed.CodingKeys.seal.stringValue }

    /// Publishes it with its seal.
    /// - Throws: `StorageError`; nothing is left behind then.
    public func write(to url: URL) throws {
        try AtomicFile.write(try Seal.data { Sealed(outcome: self, seal: $0) }, to: url)
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
        let isWhole = Seal.isWhole(data)
        if isWhole == true, let outcome = OutcomeText.outcome(data) { return outcome }
        let outcome = try CanonicalJSON.decode(Outcome.self, made: data, url)
        guard isWhole != false else {
            throw StorageError.malformed(path: url.path, reason: "it was changed after it was written")
        }
        return outcome
    }
}

/// The outcomes of a stage, of which thousands are read.
public struct OutcomeFolder: Sendable {
    public let url: URL
    private let folder: OpenFolder?
    private let parameters = CommonTable()

    public init(_ url: URL) { (self.url, folder) = (url, OpenFolder(url)) }

    /// - Parameter name: of a file.
    /// - Throws: as `Outcome.read`.
    public func outcome(named name: String) throws -> Outcome {
        let plain = folder?.content(of: name) { bytes in
            Seal.isWhole(bytes) == true ? OutcomeText.outcome(bytes, parameters) : nil
        }
        return try plain ?? Outcome.read(url.appending(path: name))
    }
}
