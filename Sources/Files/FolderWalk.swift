public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What lies in a folder that a user has named, and in its subfolders: the one way in which slides, features and annotations
/// are found. Links to files and folders are followed, each folder is looked into once, and nothing is passed over in
/// silence. Hidden files and folders are none of the user's.
public struct FolderWalk: Sendable {
    /// Those with a wanted extension, in the order of their paths. What cannot be opened is among them: a pipe, a link that
    /// leads nowhere, a file without the right to read it. Each file is named once, also where links lead to it too.
    public private(set) var files: [URL] = []
    /// Folders that cannot be looked into, and links that lead nowhere and may have been to folders.
    public private(set) var failures: [StorageError] = []
    /// How many files of other types there are, by their extension in lower case; an empty one stands for none.
    public private(set) var others: [String: Int] = [:]

    private var seenFolders: Set<FileStatus.Identity> = []
    private var seenFiles: Set<Seen> = []
    private let extensions: Set<String>
    private let companionsOf: Set<String>
    private let isWanted: @Sendable (URL) -> Bool
    private let wholeFolders: Set<String>

    /// One file under one name: a link of another name is another slide.
    private struct Seen: Hashable {
        var file: FileStatus.Identity
        var name: String
    }

    /// - Parameters:
    ///   - root: a folder, or a link to one.
    ///   - extensions: the wanted ones, in lower case.
    ///   - companionsOf: extensions of files beside which a folder of the same name belongs to them, such as `mrxs`.
    ///   - wholeFolders: extensions of folders that count as one file of another type and are not looked into.
    ///   - isWanted: what stands in a file whose name ends with no word: such formats are told by that.
    public init(
        _ root: URL,
        extensions: Set<String>,
        companionsOf: Set<String> = [],
        wholeFolders: Set<String> = [],
        isWanted: @escaping @Sendable (URL) -> Bool = { _ in false }
    ) {
        (self.extensions, self.companionsOf) = (extensions, companionsOf)
        (self.wholeFolders, self.isWanted) = (wholeFolders, isWanted)
        _ = isNew(FileStatus(root.path).identity)
        look(into: root)
        files.sort { $0.path < $1.path }
    }

    /// `3 .czi, 1 .vsi, 2 without extension`; nil where everything was.
    public var othersText: String? { othersText { _ in nil } }

    /// The same with what is known of some types: `3 .vsi (Olympus VSI, not readable)`.
    public func othersText(note: (String) -> String?) -> String? {
        guard !others.isEmpty else { return nil }
        let most = others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let words = most.prefix(8).map { ending, count in
            "\(count) \(ending.isEmpty ? "without extension" : ".\(ending)")\(note(ending).map { " (\($0))" } ?? "")"
        }
        return words.joined(separator: ", ") + (most.count > 8 ? ", …" : "")
    }

    private mutating func isNew(_ folder: FileStatus.Identity) -> Bool { seenFolders.insert(folder).inserted }

    private mutating func look(into folder: URL) {
        let names: [String]
        do {
            names = try StorageError.during("open", folder) {
                try FileManager.default.contentsOfDirectory(atPath: folder.path)
            }
        } catch {
            failures.append(error)
            return
        }
        let visible = names.filter { !$0.hasPrefix(".") }.sorted()
        let companions = companions(of: visible)
        var links: [(URL, FileStatus.Identity)] = []
        for name in visible {
            let url = folder.appending(path: name)
            let facts = FileStatus(url.path)
            guard facts.kind == .folder else {
                take(url, facts)
                continue
            }
            if companions.contains(name) { continue }
            if wholeFolders.contains(url.pathExtension.lowercased()) {
                others[url.pathExtension.lowercased(), default: 0] += 1
                continue
            }
            // Real folders come first, so that files have the paths that people know.
            if Self.isLink(url) {
                links.append((url, facts.identity))
            } else if isNew(facts.identity) {
                look(into: url)
            }
        }
        for (url, identity) in links where isNew(identity) { look(into: url) }
    }

    private mutating func take(_ url: URL, _ facts: FileStatus) {
        let ending = url.pathExtension.lowercased()
        if case .none(let code) = facts.kind {
            if extensions.contains(ending) { return files.append(url) }
            // Without an ending it may well have been a folder of thousands of slides.
            if ending.isEmpty || !ending.allSatisfy(\.isLetter) {
                let call = Self.isLink(url) ? "follow this link" : "look"
                return failures.append(.system(path: url.path, call: call, errno: code))
            }
        }
        let tellsNothing = ending.isEmpty || !ending.allSatisfy(\.isLetter)
        guard extensions.contains(ending) || tellsNothing && isWanted(url) else {
            return others[ending, default: 0] += 1
        }
        if seenFiles.insert(Seen(file: facts.identity, name: url.lastPathComponent)).inserted { files.append(url) }
    }

    private func companions(of names: [String]) -> Set<String> {
        guard !companionsOf.isEmpty else { return [] }
        return Set(
            names.compactMap { name in
                let url = URL(filePath: name)
                return companionsOf.contains(url.pathExtension.lowercased())
                    ? url.deletingPathExtension().lastPathComponent : nil
            }
        )
    }

    private static func isLink(_ url: URL) -> Bool {
        var facts = stat()
        return lstat(url.path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
    }
}

extension FolderWalk {
    /// The names in one folder, in no order; none where there is no such folder.
    /// - Throws: `StorageError.system` where the folder is there and cannot be looked into: that is no empty folder.
    public static func names(in folder: URL) throws(StorageError) -> [String] {
        try names(in: folder) { _ in true }
    }

    /// Those that are wanted by their letters: of thousands that are not, no texts are made.
    /// - Throws: as of all.
    public static func names(
        in folder: URL,
        where isWanted: (UnsafeRawBufferPointer) -> Bool
    ) throws(StorageError) -> [String] {
        guard let stream = opendir(folder.path) else {
            if RegularFile.isMissing(errno) { return [] }
            throw .system(path: folder.path, call: "open", errno: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            // The end and a fault look alike but for this.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { place in
                place.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { text -> String? in
                    let letters = UnsafeRawBufferPointer(start: text, count: strlen(text))
                    return isWanted(letters) ? String(decoding: letters, as: UTF8.self) : nil
                }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .system(path: folder.path, call: "read", errno: errno) }
        return names
    }
}
