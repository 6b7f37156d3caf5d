import CFiles
public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A folder that is held open while thousands of its files are looked at, so that the system need not walk a path to each.
///
/// It gives what a plain file gives at once, and says nothing of any other: `RegularFile` finds out what that is.
public final class OpenFolder: Sendable {
    /// Bytes from which on a file is not read here.
    static let small = 64 << 10

    private let descriptor: Int32

    /// nil where it cannot be opened, or where what is read in it is held to a fence.
    public init?(_ folder: URL) {
        guard JobFence.job(of: folder, reading: true) == nil else { return nil }
        descriptor = open(folder.path, cfiles_place | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// What a path from here stands for; links are followed, and a path from the root is itself.
    /// - Parameter path: a text, or its letters with a zero behind them.
    public func kind(of path: UnsafePointer<CChar>) -> RegularFile.Kind { FileStatus(path, in: descriptor).kind }

    /// Lets `body` look at the whole content of a small file, which is gone with the call.
    /// - Returns: what `body` does; nil where the file is larger, no regular one, not there, or not given in one piece.
    public func content<Result>(
        of name: String,
        _ body: (UnsafeRawBufferPointer) throws -> Result?
    ) rethrows -> Result? {
        // Without O_NONBLOCK a named pipe would wait for a writer.
        let file = openat(descriptor, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard case .regular(let bytes) = FileStatus(descriptor: file).kind, bytes < Self.small else { return nil }
        return try withUnsafeTemporaryAllocation(byteCount: Self.small, alignment: 1) { buffer in
            // It may have grown since.
            guard read(file, buffer.baseAddress, buffer.count) == bytes else { return nil }
            return try body(UnsafeRawBufferPointer(rebasing: buffer[..<bytes]))
        }
    }
}
