public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The door to files that users name: what is no regular file is refused before it is opened, because opening a named pipe
/// waits for a writer, and a device may never end.
public enum RegularFile {
    /// What a name stands for; links are followed.
    public enum Kind: Equatable, Sendable {
        case regular(bytes: Int)
        case folder
        /// A pipe, socket or device, in words.
        case other(String)
        /// Nothing that can be looked at; why, as `errno` has it. ENOENT where a link leads nowhere.
        case none(errno: Int32)
    }

    public static func kind(of path: String) -> Kind { FileStatus(path).kind }

    /// What stands under a name itself; no link is followed.
    public enum Entry: Equatable, Sendable {
        case file(bytes: Int)
        case folder
        case link
        /// A pipe, socket or device.
        case other
    }

    /// nil where nothing can be told of it: as a rule, it is not there.
    public static func entry(_ path: String) -> Entry? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        switch facts.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file(bytes: Int(facts.st_size))
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// Whether two names are one file; links are followed.
    public static func areSame(_ path: String, _ other: String) -> Bool {
        let (facts, others) = (FileStatus(path), FileStatus(other))
        if case .none = facts.kind { return path.utf8.elementsEqual(other.utf8) }
        return facts.identity == others.identity
    }

    /// Lets pass what is missing, or a folder: the call that opens it says so in its own words.
    /// - Throws: `StorageError.notRegular` for a named pipe, a socket or a device.
    public static func check(_ url: URL) throws(StorageError) {
        if case .other(let kind) = kind(of: url.path) { throw .notRegular(path: url.path, kind: kind) }
    }

    /// The whole content; read anew once where the machine fails.
    /// - Throws: `StorageError.system` with the system's reason, `.notRegular`.
    public static func data(_ url: URL, options: Data.ReadingOptions = []) throws(StorageError) -> Data {
        if !options.isEmpty {
            if let (job, path) = JobFence.job(of: url, reading: true) { return try job.data(path) }
            try check(url)
            return try StorageError.during("open", url) { try Data(contentsOf: url, options: options) }
        }
        do { return try whole(url) } catch  where error.code.isOfMachine { return try whole(url) }
    }

    private static func whole(_ url: URL) throws(StorageError) -> Data {
        // No larger than what a program of ours would have written there.
        if let (job, path) = JobFence.job(of: url, reading: true) { return try job.data(path) }
        guard kind(of: url.path) != .folder else { throw .system(path: url.path, call: "open", errno: EISDIR) }
        let file = try OpenFile(url)
        var content = try file.read(file.count, at: 0)
        // A file may be longer than it says, or have grown.
        while case let more = try file.read(OpenFile.look, at: content.count), !more.isEmpty { content += more }
        return content
    }

    /// In bytes.
    /// - Throws: `StorageError.system` where there is no such file, or the system does not tell; `.notRegular`.
    public static func size(_ url: URL) throws(StorageError) -> Int {
        switch kind(of: url.path) {
        case .regular(let bytes): return bytes
        case .folder: throw .system(path: url.path, call: "look", errno: EISDIR)
        case .other(let kind): throw .notRegular(path: url.path, kind: kind)
        case .none(let code): throw .system(path: url.path, call: "look", errno: code)
        }
    }

    /// Whether there is something under a name. What cannot be looked at is not missing.
    /// - Throws: `StorageError.system` where the system does not tell.
    public static func exists(_ url: URL) throws(StorageError) -> Bool {
        guard case .none(let code) = kind(of: url.path) else { return true }
        guard isMissing(code) else { throw .system(path: url.path, call: "look", errno: code) }
        return false
    }

    /// Whether a failed look at a name means that nothing is there.
    static func isMissing(_ code: Int32) -> Bool { [ENOENT, ENOTDIR].contains(code) }
}

/// What `stat` says of a path.
struct FileStatus {
    /// Tells a file or folder from every other one of this machine, whatever its names.
    struct Identity: Hashable {
        var device: UInt64
        var number: UInt64
    }

    let kind: RegularFile.Kind
    let identity: Identity

    init(_ path: String) { self.init(path, in: AT_FDCWD) }

    /// - Parameter folder: a descriptor of where a relative path begins.
    init(_ path: UnsafePointer<CChar>, in folder: Int32) { self.init { fstatat(folder, path, &$0, 0) } }

    /// Of what is open, whatever its names lead to by now.
    init(descriptor: Int32) { self.init { fstat(descriptor, &$0) } }

    private init(_ look: (inout stat) -> Int32) {
        var facts = stat()
        guard look(&facts) == 0 else {
            (kind, identity) = (.none(errno: errno), Identity(device: 0, number: 0))
            return
        }
        identity = Identity(device: UInt64(facts.st_dev), number: UInt64(facts.st_ino))
        kind =
            switch facts.st_mode & S_IFMT {
            case S_IFREG: .regular(bytes: Int(facts.st_size))
            case S_IFDIR: .folder
            case S_IFIFO: .other("a named pipe")
            case S_IFSOCK: .other("a socket")
            case S_IFCHR, S_IFBLK: .other("a device")
            default: .other("something else than a file")
            }
    }
}
