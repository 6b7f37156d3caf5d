import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What the file system says of a file, which is not opened.
public struct FileFacts: Hashable, Sendable {
    public var bytes: Int
    public var isRegular: Bool
    /// Which file it is, whatever its names.
    public var device: UInt64
    public var number: UInt64
    /// When its content was last written, in nanoseconds since 1970.
    public var written: Int64
    /// When its entry last changed: by writing, by renaming, or by copying another file's times onto it.
    public var changed: Int64

    /// nil where nothing can be told of it: as a rule, it is not there. A link's facts are its target's.
    public init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        bytes = Int(facts.st_size)
        isRegular = facts.st_mode & S_IFMT == S_IFREG
        (device, number) = (UInt64(facts.st_dev), UInt64(facts.st_ino))
        func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec) }
        (written, changed) = (nanoseconds(facts.st_mtim), nanoseconds(facts.st_ctim))
    }
}
