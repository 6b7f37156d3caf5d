public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

extension Temporaries {
    /// Removes what dead processes of this host left below `folder`. What belongs to other hosts, to other containers or to
    /// a process that still runs is not touched; links to folders are not followed.
    /// - Parameter deadline: no folder is looked into after it; the next command finds the rest.
    public static func sweep(_ folder: URL, until deadline: ContinuousClock.Instant? = nil) {
        sweep(folder.path, isDeep: true, deadline) { _ in true }
    }

    /// The same in this folder alone, and only what is this user's: for folders that others write into too.
    public static func sweepFiles(in folder: URL) {
        let user = geteuid()
        sweep(folder.path, isDeep: false, nil) { $0.st_uid == user }
    }

    private static func sweep(
        _ folder: String,
        isDeep: Bool,
        _ deadline: ContinuousClock.Instant?,
        _ mayRemove: (stat) -> Bool
    ) {
        var waiting = [folder]
        while let folder = waiting.popLast() {
            if let deadline, ContinuousClock.now > deadline { return }
            for (name, isFolder) in entries(of: folder) {
                let path = "\(folder)/\(name)"
                if name.hasPrefix(mark), name.hasSuffix(suffix) {
                    var facts = stat()
                    guard lstat(path, &facts) == 0, mayRemove(facts) else { continue }
                    if isLeft(name, written: Double(facts.st_mtim.tv_sec)) { remove(path) }
                } else if isDeep, isFolder, !isWholeDeepZoom(path) {
                    waiting.append(path)
                }
            }
        }
    }

    /// Whether a name is that of a dead process of this host.
    static func isLeft(_ name: String, written: Double) -> Bool {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
        let words = name.dropFirst(prefix.count).dropLast(suffix.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        // Before 0.2 a name said the process alone.
        if words.count == 2, let process = pid_t(words[0]), process > 0 {
            return ProcessTag.isDead(process, start: nil)
        }
        guard words.count == 5, let tag = ProcessTag(words.dropLast()) else { return false }
        return tag.isDead(written: written)
    }

    /// Thousands of tiles, which came here in one step with their folder.
    private static func isWholeDeepZoom(_ path: String) -> Bool {
        path.hasSuffix("_files") && access(path.dropLast("_files".count) + ".dzi", F_OK) == 0
    }

    /// The names that a sweep looks at: folders, and what begins as temporaries do. None of a folder that cannot be read.
    private static func entries(of folder: String) -> [(name: String, isFolder: Bool)] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var found: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(stream) {
            let kind = Int(entry.pointee.d_type)
            let isFolder = kind == DT_DIR
            let isDotted = entry.pointee.d_name.0 == CChar(UInt8(ascii: "."))
            guard isFolder || isDotted || kind == DT_UNKNOWN else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != "..", isFolder || kind == DT_UNKNOWN || name.hasPrefix(mark) else { continue }
            found.append((name, isFolder || (kind == DT_UNKNOWN && Self.isFolder("\(folder)/\(name)"))))
        }
        return found
    }

    /// Where the file system does not say it with the name.
    private static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }
}
