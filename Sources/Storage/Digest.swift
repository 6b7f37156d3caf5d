import Crypto
public import Foundation

/// SHA-256 as lower-case hexadecimal.
public enum Digest {
    public static func sha256(_ data: Data) -> String { hex(SHA256.hash(data: data)) }

    /// Of a whole file, read in 4 MiB pieces.
    public static func sha256(fileAt url: URL) throws -> String {
        let handle = try open(url)
        defer { try? handle.close() }
        var hash = SHA256()
        while let piece = try read(handle, 4 << 20, url) { hash.update(data: piece) }
        return hex(hash.finalize())
    }

    /// Quick digest of a slide or another large file (design decision 9): SHA-256 over its size, its first and last MiB
    /// and 64 blocks of 64 KiB at fixed relative positions. Files up to 6 MiB are hashed whole.
    public static func quick(fileAt url: URL) throws -> String {
        let handle = try open(url)
        defer { try? handle.close() }
        let size = try StorageError.during("seek", url) { try handle.seekToEnd() }
        guard size > 6 << 20 else { return try sha256(fileAt: url) }
        var hash = SHA256()
        hash.update(data: Data("wsi-quick-1 \(size)\n".utf8))
        let mebibyte: UInt64 = 1 << 20
        let block: UInt64 = 64 << 10
        let step = (size - 2 * mebibyte - block) / 63
        let blocks = (0..<64).map { (mebibyte + UInt64($0) * step, Int(block)) }
        for (offset, count) in [(0, Int(mebibyte))] + blocks + [(size - mebibyte, Int(mebibyte))] {
            try StorageError.during("seek", url) { try handle.seek(toOffset: offset) }
            guard let piece = try read(handle, count, url), piece.count == count else {
                throw StorageError.malformed(path: url.path, reason: "the file shrank while it was read")
            }
            hash.update(data: piece)
        }
        return hex(hash.finalize())
    }

    private static func open(_ url: URL) throws -> FileHandle {
        if let (job, path) = JobFence.job(of: url, reading: true) {
            return FileHandle(fileDescriptor: try job.open(path).descriptor, closeOnDealloc: true)
        }
        try RegularFile.check(url)
        return try StorageError.during("open", url) { try FileHandle(forReadingFrom: url) }
    }

    private static func read(_ handle: FileHandle, _ count: Int, _ url: URL) throws -> Data? {
        let piece = try StorageError.during("read", url) { try handle.read(upToCount: count) }
        return piece?.isEmpty == true ? nil : piece
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
