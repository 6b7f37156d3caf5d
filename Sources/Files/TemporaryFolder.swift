public import Foundation
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// A folder of this process in the folder for temporary files, `TMPDIR` or /tmp, that no other user can look into.
public struct TemporaryFolder: Sendable {
    public let url: URL

    /// Where such folders are made. A relative `TMPDIR` counts from the current folder.
    public static var parent: URL {
        let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        return URL(filePath: wanted.isEmpty ? "/tmp" : wanted, directoryHint: .isDirectory).standardizedFileURL
    }

    /// - Throws: `Failure`, with the way out.
    public init() throws {
        url = Temporaries.begin(in: Self.parent)
        guard mkdir(url.path, 0o700) == 0 else {
            let code = errno
            Temporaries.end(url)
            throw Self.failure("mkdir", code)
        }
    }

    public func remove() { Temporaries.discard(url) }

    /// Removes what dead processes of this user left there.
    public static func sweep() { Temporaries.sweepFiles(in: parent) }

    /// Makes a folder with a file in it, so that a full or missing disk is said before any work.
    /// - Throws: `Failure`.
    public static func check() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        do {
            try AtomicFile.write(Data(count: 65_536), to: folder.url.appending(path: "try"))
        } catch StorageError.system(_, let call, let code) { throw failure(call, code) }
    }

    private static func failure(_ call: String, _ code: Int32) -> Failure {
        let way =
            code == ENOSPC || code == EDQUOT
            ? "make room there, or set TMPDIR to another folder" : "set TMPDIR to a folder that you may write to"
        return Failure(
            ErrorCode(errno: code),
            parent.path,
            "no temporary files can be made there (\(call): \(String(cString: strerror(code)))); \(way)"
        )
    }
}
