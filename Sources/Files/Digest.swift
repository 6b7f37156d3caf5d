import Crypto
public import Foundation

/// SHA-256 as lower-case hexadecimal.
public enum Digest {
    public static func sha256(_ data: Data) -> String { hex(SHA256.hash(data: data)) }

    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String { sha256(of: [bytes[...]]) }

    /// Of pieces, one after another.
    static func sha256(of pieces: [Slice<UnsafeRawBufferPointer>]) -> String {
        var hash = SHA256()
        for piece in pieces { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece)) }
        return hex(hash.finalize())
    }

    /// Of a whole file, read in 4 MiB pieces; read anew once where the machine fails.
    public static func sha256(fileAt url: URL) throws -> String {
        try StorageError.retrying { try sha256(of: OpenFile(url)) }
    }

    /// Bytes of the largest file whose quick digest is that of every byte.
    public static let wholeUpTo = 6 << 20

    /// Quick digest of a slide or another large file (docs/decisions/009): SHA-256 over its size, its first and last MiB
    /// and 64 blocks of 64 KiB at fixed relative positions. Files up to 6 MiB are hashed whole. Read anew once where the
    /// machine fails.
    public static func quick(fileAt url: URL) throws -> String {
        try StorageError.retrying { try quick(of: OpenFile(url)) }
    }

    static func quick(of file: some ByteSource) throws -> String {
        let size = file.count
        guard size > wholeUpTo else { return try sha256(of: file) }
        var hash = SHA256()
        hash.update(data: Data("wsi-quick-1 \(size)\n".utf8))
        let mebibyte = 1 << 20
        let block = 64 << 10
        let step = (size - 2 * mebibyte - block) / 63
        let blocks = (0..<64).map { (mebibyte + $0 * step, block) }
        for (offset, count) in [(0, mebibyte)] + blocks + [(size - mebibyte, mebibyte)] {
            let piece = try file.read(count, at: offset)
            guard piece.count == count else {
                throw StorageError.malformed(path: file.path, reason: "the file shrank while it was read")
            }
            hash.update(data: piece)
        }
        return hex(hash.finalize())
    }

    private static func sha256(of file: some ByteSource) throws -> String {
        var hash = SHA256()
        var offset = 0
        // A buffer is cleared before it is filled, so none is much larger than what is left; a look past the end ends it.
        func wanted(_ offset: Int) -> Int { max(64 << 10, min(1 << 20, file.count - offset)) }
        while case let piece = try file.read(wanted(offset), at: offset), !piece.isEmpty {
            hash.update(data: piece)
            offset += piece.count
        }
        return hex(hash.finalize())
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hex(_ digest: SHA256.Digest) -> String {
        String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { letters in
            digest.withUnsafeBytes { bytes in
                for (place, byte) in bytes.enumerated() {
                    letters[2 * place] = digits[Int(byte >> 4)]
                    letters[2 * place + 1] = digits[Int(byte & 15)]
                }
            }
            return 2 * SHA256.byteCount
        }
    }
}
