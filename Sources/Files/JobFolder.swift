import CFiles
public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A job's folder, out of which no link leads: a folder that was unpacked, or that others may write, may hold links to anything
/// that its user may read or write.
///
/// What lies in it is opened from a descriptor of the folder, and the kernel sees to it that the path stays below
/// (openat2(2) with RESOLVE_BENEATH); where it cannot, the path is walked folder by folder and no link is followed. A link is
/// then resolved, and the place that it leads to is opened from there by a path without links, if it is in the job or in a
/// folder that the user has named. So nothing that is exchanged meanwhile makes a difference to what is opened.
public struct JobFolder: Sendable {
    public let root: URL
    /// Real paths of folders outside of it that links may lead into.
    let following: [String]
    /// Whether the kernel is asked; for tests of what is done where it lacks the call.
    var asksKernel = true

    /// - Parameter following: folders outside of it that links may lead into.
    /// - Throws: `StorageError.system` for one of those that is not there.
    public init(_ root: URL, following: [URL] = []) throws(StorageError) {
        self.root = root
        var places: [String] = []
        for folder in following {
            guard let place = Self.realPath(folder.path) else {
                throw .system(path: folder.path, call: "look", errno: errno)
            }
            places.append(place)
        }
        self.following = places
    }

    /// - Parameter real: real paths of the folders that links may lead into.
    init(_ root: URL, real: [String]) { (self.root, following) = (root, real) }

    /// Opens a regular file for reading.
    /// - Parameter path: relative to the job.
    /// - Returns: a descriptor, which is the caller's to close, and the file's size.
    /// - Throws: `StorageError.leavesJob`, `.notRegular` for a pipe, socket or device, `.system`.
    public func open(_ path: String) throws(StorageError) -> (descriptor: Int32, bytes: Int) {
        // Without O_NONBLOCK a named pipe would wait for a writer.
        let descriptor = try descriptor(of: path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        do throws(StorageError) {
            let status = FileStatus(descriptor: descriptor)
            switch status.kind {
            case .regular(let bytes): return (descriptor, bytes)
            case .folder: throw StorageError.system(path: full(path), call: "read", errno: EISDIR)
            case .other(let kind): throw StorageError.notRegular(path: full(path), kind: kind)
            case .none(let code): throw StorageError.system(path: full(path), call: "look", errno: code)
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The whole content of a regular file.
    /// - Parameter limit: in bytes; what a program of ours wrote is far from it.
    /// - Throws: as `open`, and `StorageError.malformed` for a larger one.
    public func data(_ path: String, limit: Int = 256 << 20) throws(StorageError) -> Data {
        let (descriptor, bytes) = try open(path)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard bytes <= limit else {
            throw .malformed(path: full(path), reason: "\(bytes) bytes are too many; \(limit) are read at most")
        }
        // It may have grown since.
        let data = try StorageError.during("read", URL(filePath: full(path))) { try file.read(upToCount: limit) }
        return data ?? Data()
    }

    /// Opens a file that only grows, which is made where it is missing.
    /// - Returns: a descriptor, which is the caller's to close.
    /// - Throws: as `open`.
    func openForAppending(_ path: String) throws(StorageError) -> Int32 {
        let descriptor = try descriptor(of: path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY, mode: 0o644)
        do throws(StorageError) {
            let status = FileStatus(descriptor: descriptor)
            if case .regular = status.kind { return descriptor }
            throw StorageError.notRegular(path: full(path), kind: "no file of lines")
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Makes what is missing of a folder; an empty path is the job itself.
    /// - Throws: `StorageError.leavesJob`, `.system`.
    public func makeFolder(_ path: String) throws(StorageError) {
        try StorageError.during("mkdir", root) {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        }
        var known = try components(path)
        var missing: [String] = []
        var folder = try existing(known)
        while folder == nil, let name = known.popLast() {
            missing.insert(name, at: 0)
            folder = try existing(known)
        }
        guard var parent = folder else { throw .system(path: full(path), call: "mkdir", errno: ENOENT) }
        defer { close(parent) }
        for name in missing {
            // Another process may be making the same one.
            guard mkdirat(parent, name, 0o777) == 0 || errno == EEXIST else {
                throw .system(path: full(path), call: "mkdir", errno: errno)
            }
            let made = openat(parent, name, cfiles_place | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard made >= 0 else {
                // It was there, and yet nothing was found under its name.
                let isLink = errno == ELOOP || errno == ENOTDIR
                throw .system(
                    path: full((known + [name]).joined(separator: "/")),
                    call: isLink ? "follow this link" : "open",
                    errno: isLink ? ENOENT : errno
                )
            }
            close(parent)
            parent = made
            known.append(name)
        }
    }

    /// nil where it is missing.
    private func existing(_ names: [String]) throws(StorageError) -> Int32? {
        do throws(StorageError) {
            return try descriptor(of: names.isEmpty ? "." : names.joined(separator: "/"), cfiles_place | O_DIRECTORY)
        } catch {
            if case .system(_, _, ENOENT) = error { return nil }
            throw error
        }
    }
}
