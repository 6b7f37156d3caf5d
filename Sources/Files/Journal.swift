public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A file that only grows: one JSON value to a line. What `append` has returned for is on disk.
public enum Journal {
    /// Appends one line in a single write, so that lines of several processes stay whole, and syncs it.
    ///
    /// Where a crash has cut the last line short, the new one begins on a line of its own.
    /// - Throws: `StorageError.system`; the line may then stand there in part, which readers leave out.
    public static func append(_ value: some Encodable, to url: URL) throws {
        let folder = url.deletingLastPathComponent()
        try AtomicFile.createFolder(folder)
        let descriptor = try openForAppending(url)
        defer { close(descriptor) }
        let line = try (endsInLine(descriptor) ? "" : "\n").utf8 + CanonicalJSON.line(value) + "\n".utf8
        let wrote = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard wrote == line.count else {
            throw StorageError.system(path: url.path, call: "write", errno: wrote < 0 ? errno : ENOSPC)
        }
        guard fsync(descriptor) == 0 else { throw StorageError.system(path: url.path, call: "fsync", errno: errno) }
        try AtomicFile.sync(folder)
    }

    /// Every whole line, oldest first; none where there is no file. A line that a crash cut short is left out.
    public static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> [Value] {
        guard try RegularFile.exists(url) else { return [] }
        let data = try RegularFile.data(url)
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONDecoder().decode(type, from: $0) }
    }

    private static func openForAppending(_ url: URL) throws -> Int32 {
        if let (job, path) = JobFence.job(of: url) { return try job.openForAppending(path) }
        let descriptor = open(url.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StorageError.system(path: url.path, call: "open", errno: errno) }
        return descriptor
    }

    private static func endsInLine(_ descriptor: Int32) -> Bool {
        let size = lseek(descriptor, 0, SEEK_END)
        var byte: UInt8 = 0
        return size <= 0 || (pread(descriptor, &byte, 1, size - 1) == 1 && byte == UInt8(ascii: "\n"))
    }
}
