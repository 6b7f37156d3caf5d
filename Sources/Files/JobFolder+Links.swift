import CFiles
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// How a path of a job becomes a descriptor.
extension JobFolder {
    /// - Parameters:
    ///   - path: relative to the job; `.` is the job itself.
    ///   - mode: of a file that is made.
    /// - Throws: `StorageError.leavesJob`, `.system`.
    func descriptor(of path: String, _ flags: Int32, mode: mode_t = 0) throws(StorageError) -> Int32 {
        let names = try components(path)
        let opened = try beneath(root.path, names, flags, mode, follows: true)
        if opened >= 0 { return opened }
        guard opened == -EXDEV || opened == -ELOOP else {
            throw .system(path: full(path), call: "open", errno: -opened)
        }
        // A link with an absolute target, one that leads out, or one that nobody could follow but we.
        let (folder, rest) = try place(of: names, isMade: flags & O_CREAT != 0)
        let reached = try beneath(folder, rest, flags, mode, follows: false)
        if reached >= 0 { return reached }
        // What was no link a moment ago is one now.
        if reached == -ELOOP || reached == -EXDEV { throw refusal(of: names) }
        throw .system(path: full(path), call: "open", errno: -reached)
    }

    /// The names that a path goes through; none for the job itself.
    func components(_ path: String) throws(StorageError) -> [String] {
        let names = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.filter { $0 != "." }
        guard !path.utf8.starts(with: "/".utf8), !path.utf8.contains(0), !names.contains("..") else {
            throw .leavesJob(path: path, job: root.path)
        }
        return names
    }

    func full(_ path: String) -> String { path.isEmpty ? root.path : "\(root.path)/\(path)" }

    /// Without links, with everything that there is.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// A descriptor, or a negative errno.
    private func beneath(_ folder: String, _ names: [String], _ flags: Int32, _ mode: mode_t, follows: Bool)
        throws(StorageError) -> Int32
    {
        // The folder itself is the user's word, and may be a link.
        let start = Glibc.open(folder, cfiles_place | O_DIRECTORY | O_CLOEXEC)
        guard start >= 0 else { throw .system(path: folder, call: "open", errno: errno) }
        defer { close(start) }
        if asksKernel {
            let path = names.isEmpty ? "." : names.joined(separator: "/")
            let opened = cfiles_open_beneath(start, path, flags | O_CLOEXEC, mode, follows)
            // A sandbox that does not know the call forbids it.
            if opened != -ENOSYS, opened != -EPERM { return opened }
        }
        return Self.walk(from: start, names, flags, mode)
    }

    /// Folder by folder; -ELOOP at the first link.
    private static func walk(from start: Int32, _ names: [String], _ flags: Int32, _ mode: mode_t) -> Int32 {
        guard let last = names.last else {
            let opened = openat(start, ".", flags | O_CLOEXEC)
            return opened >= 0 ? opened : -errno
        }
        var folder = dup(start)
        guard folder >= 0 else { return -errno }
        defer { close(folder) }
        for name in names.dropLast() {
            let next = openat(folder, name, cfiles_place | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { return linkOr(errno, name, in: folder) }
            close(folder)
            folder = next
        }
        let opened = openat(folder, last, flags | O_NOFOLLOW | O_CLOEXEC, mode)
        return opened >= 0 ? opened : linkOr(errno, last, in: folder)
    }

    /// For a folder that is wanted and is a link the kernel says that it is none.
    private static func linkOr(_ code: Int32, _ name: String, in folder: Int32) -> Int32 {
        var facts = stat()
        let isLink =
            fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && facts.st_mode & S_IFMT == S_IFLNK
        return isLink ? -ELOOP : -code
    }

    /// Where a path with links really is: the folder that allows it, and the way from there.
    private func place(of names: [String], isMade: Bool) throws(StorageError) -> (folder: String, names: [String]) {
        let path = names.joined(separator: "/")
        var real = Self.realPath(full(path))
        if real == nil, errno == ENOENT, isMade, let name = names.last {
            real = Self.realPath(full(names.dropLast().joined(separator: "/"))).map { "\($0)/\(name)" }
        }
        guard let real else {
            let code = errno
            throw culprit(of: names) ?? .system(path: full(path), call: "open", errno: code)
        }
        for folder in [Self.realPath(root.path)].compactMap(\.self) + following {
            if let rest = Self.below(folder, real) { return (folder, rest) }
        }
        throw refusal(of: names)
    }

    /// The names that lead from one real path to another one; nil where it is not below.
    private static func below(_ folder: String, _ path: String) -> [String]? {
        let base = folder.utf8.elementsEqual("/".utf8) ? "/" : folder + "/"
        if path.utf8.elementsEqual(folder.utf8) { return [] }
        guard path.utf8.starts(with: base.utf8) else { return nil }
        return path.utf8.dropFirst(base.utf8.count).split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    private func refusal(of names: [String]) -> StorageError {
        culprit(of: names) ?? .leavesJob(path: names.joined(separator: "/"), job: root.path)
    }

    /// The first link of a path that leads where it may not, or nowhere; nil where there is none.
    private func culprit(of names: [String]) -> StorageError? {
        let allowed = [Self.realPath(root.path)].compactMap(\.self) + following
        for count in names.indices.map({ $0 + 1 }) {
            let path = names.prefix(count).joined(separator: "/")
            var facts = stat()
            guard lstat(full(path), &facts) == 0, facts.st_mode & S_IFMT == S_IFLNK else { continue }
            guard let real = Self.realPath(full(path)) else {
                return .system(path: full(path), call: "follow this link", errno: errno)
            }
            if !allowed.contains(where: { Self.below($0, real) != nil }) {
                return .leavesJob(path: path, job: root.path)
            }
        }
        return nil
    }
}
