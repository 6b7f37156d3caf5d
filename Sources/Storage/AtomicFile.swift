public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Publication by rename (design decision 9): a final name appears only when its content is complete and on disk.
public enum AtomicFile {
    /// Writes `data` under `url`: temporary file beside it, fsync, rename, fsync of the folder.
    /// - Throws: `StorageError.system`; nothing is left behind then.
    public static func write(_ data: Data, to url: URL) throws {
        try publish(to: url) { temporary in
            let descriptor = try openForWriting(temporary)
            defer { close(descriptor) }
            try data.withUnsafeBytes { try writeAll($0, to: descriptor, path: temporary.path) }
        }
    }

    public static func write(_ text: String, to url: URL) throws { try write(Data(text.utf8), to: url) }

    /// Lets `body` make the file under a temporary name in the same folder, then syncs and renames it.
    public static func publish<Result>(to url: URL, _ body: (URL) throws -> Result) throws -> Result {
        let folder = url.deletingLastPathComponent()
        try createFolder(folder)
        let temporary = temporary(beside: url)
        do {
            let result = try body(temporary)
            try sync(temporary)
            guard rename(temporary.path, url.path) == 0 else {
                throw StorageError.system(path: url.path, call: "rename", errno: errno)
            }
            try sync(folder)
            return result
        } catch {
            unlink(temporary.path)
            throw error
        }
    }

    /// A name of our own in the same folder. Its length is independent of the final name's: a 200-byte id plus a suffix
    /// must stay under NAME_MAX.
    static func temporary(beside url: URL) -> URL {
        url.deletingLastPathComponent().appending(path: "\(prefix)\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp")
    }

    /// Removes temporary files below `folder` that processes of this host left when they were killed.
    public static func sweep(_ folder: URL) {
        guard let walker = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return }
        for case let url as URL in walker where url.lastPathComponent.hasPrefix(prefix) && url.pathExtension == "tmp" {
            let words = url.lastPathComponent.dropFirst(prefix.count).split(separator: "-")
            guard let word = words.first, let process = pid_t(word), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            unlink(url.path)
        }
    }

    /// Begins every temporary name; the host is in it because a process number means nothing on another one.
    private static let prefix: String = {
        var name = utsname()
        guard uname(&name) == 0 else { return ".wsi-unknown-" }
        let host = withUnsafeBytes(of: &name.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return ".wsi-\(host.filter { $0.isLetter || $0.isNumber }.prefix(32))-"
    }()

    public static func createFolder(_ folder: URL) throws {
        if let (job, path) = JobFence.job(of: folder) { return try job.makeFolder(path) }
        try StorageError.during("mkdir", folder) {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    /// Writes every byte or throws; short writes and EINTR are continued.
    public static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
        var done = 0
        while done < bytes.count {
            let wrote = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            if wrote < 0 {
                if errno == EINTR { continue }
                throw StorageError.system(path: path, call: "write", errno: errno)
            }
            done += wrote
        }
    }

    private static func openForWriting(_ url: URL) throws -> Int32 {
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StorageError.system(path: url.path, call: "open", errno: errno) }
        return descriptor
    }

    static func sync(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError.system(path: url.path, call: "open", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StorageError.system(path: url.path, call: "fsync", errno: errno) }
    }
}
