import Files
public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The TorchScript files, or the commands of configs, that the user has agreed to run, by SHA-256 (docs/decisions/014).
///
/// Both run what somebody else has written, so that a digest is asked for here first. Two programs may record at the
/// same time: each holds a lock from reading to renaming. Readers need none.
public struct TrustStore: Sendable {
    private struct Record: Codable {
        var format = 1
        /// Names by digest; the names are for people.
        var trusted: [String: String] = [:]
    }

    /// The record's file; need not exist.
    public let url: URL

    public init(at url: URL) { self.url = url }

    /// The user's own: `$WSI_TRUST_FILE`, else `wsi/trusted_encoders.json` in `$XDG_CONFIG_HOME` or `~/.config`.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        if let file = environment["WSI_TRUST_FILE"], !file.isEmpty {
            url = URL(filePath: file)
            return
        }
        url = UserFolder.url(environment: environment).appending(path: "trusted_encoders.json")
    }

    /// Of the commands of configs: `wsi/trusted_commands.json`, where the encoders' record is not named by `$WSI_TRUST_FILE`.
    public static func commands(environment: [String: String] = ProcessInfo.processInfo.environment) -> TrustStore {
        let encoders = TrustStore(environment: environment)
        if let file = environment["WSI_TRUST_FILE"], !file.isEmpty { return encoders }
        return TrustStore(at: encoders.url.deletingLastPathComponent().appending(path: "trusted_commands.json"))
    }

    /// - Throws: `StorageError` where the record is there but cannot be read.
    public func isTrusted(_ digest: String) throws -> Bool { try read().trusted[digest] != nil }

    /// Records a digest; does nothing where it is there already.
    /// - Throws: `StorageError`; the record stands as it was then.
    public func trust(digest: String, name: String) throws {
        try withLock {
            var record = try read()
            guard record.trusted[digest] == nil else { return }
            record.trusted[digest] = name
            try CanonicalJSON.write(record, to: url)
        }
    }

    private func read() throws -> Record {
        guard try RegularFile.exists(url) else { return Record() }
        let record = try CanonicalJSON.read(Record.self, from: url)
        guard record.format == 1 else {
            throw StorageError.malformed(
                path: url.path,
                reason: "format \(record.format) is not known here, 1 is; use the program that wrote it"
            )
        }
        return record
    }

    private func withLock(_ body: () throws -> Void) throws {
        try AtomicFile.createFolder(url.deletingLastPathComponent())
        // A file of its own: the record is replaced, and a lock would go with it.
        let path = url.path + ".lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError.system(path: path, call: "open", errno: errno) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw StorageError.system(path: path, call: "flock", errno: errno) }
        }
        try body()
    }
}
