public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Publication by rename (docs/decisions/009): a final name appears only when its content is complete and on disk.
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
        try naming(url) { temporary in
            let result = try body(temporary)
            try sync(temporary)
            try move(temporary, to: url)
            return result
        }
    }

    /// Lets `body` fill a new folder, then gives it its name in place of what stood there. Between the two steps of that there
    /// is nothing under the name.
    public static func publishFolder<Result>(to url: URL, _ body: (URL) throws -> Result) throws -> Result {
        try discarding(beside: url) { old in
            try naming(url) { temporary in
                try createFolder(temporary)
                let result = try body(temporary)
                guard rename(url.path, old.path) == 0 || errno == ENOENT else {
                    throw StorageError.system(path: url.path, call: "rename", errno: errno)
                }
                do { try move(temporary, to: url) } catch {
                    _ = rename(old.path, url.path)
                    throw error
                }
                return result
            }
        }
    }

    /// Lets `body` make something under a temporary name and move it to its final one, then syncs the folder. Where it fails
    /// nothing is left behind.
    private static func naming<Result>(_ url: URL, _ body: (URL) throws -> Result) throws -> Result {
        let folder = url.deletingLastPathComponent()
        try createFolder(folder)
        let temporary = temporary(beside: url)
        do {
            let result = try body(temporary)
            Temporaries.end(temporary)
            try sync(folder)
            return result
        } catch {
            discard(temporary)
            throw error
        }
    }

    private static func move(_ temporary: URL, to url: URL) throws {
        guard rename(temporary.path, url.path) == 0 else {
            throw StorageError.system(path: url.path, call: "rename", errno: errno)
        }
    }

    /// Lets `body` make a file beside `url` that is gone afterwards.
    public static func discarding<Result>(beside url: URL, _ body: (URL) throws -> Result) throws -> Result {
        let temporary = temporary(beside: url)
        defer { discard(temporary) }
        return try body(temporary)
    }

    /// A name of our own in the same folder, to be given up by `discard` or a rename and `Temporaries.end`.
    public static func temporary(beside url: URL) -> URL { Temporaries.begin(in: url.deletingLastPathComponent()) }

    /// Removes what has no final name. Where a signal is ending the process, the work that failed for it goes no further.
    public static func discard(_ temporary: URL) {
        Temporaries.discard(temporary)
        Temporaries.holdIfClosed()
    }

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
