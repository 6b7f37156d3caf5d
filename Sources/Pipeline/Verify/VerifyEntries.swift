import Files
import Foundation
import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// Everything that lies in a job's folder, by its path relative to it. Folders are walked, links are not followed.
struct VerifyEntries: Sendable {
    enum Kind: Equatable, Sendable {
        case file(bytes: Int)
        case link
        /// A pipe, socket or device.
        case other
    }

    private(set) var kinds: [String: Kind] = [:]
    /// Folders that cannot be looked into.
    private(set) var faults: [VerifyFinding] = []

    init(_ root: URL) { look(into: root.path, "") }

    /// The paths of files and links below a folder, with another's ending, sorted.
    func paths(below folder: String, ending: String) -> [String] {
        kinds.keys.filter { $0.hasPrefix(folder + "/") && $0.hasSuffix(ending) && !Self.isHidden($0) }.sorted()
    }

    static func isHidden(_ path: String) -> Bool { path.split(separator: "/").contains { $0.hasPrefix(".") } }

    private mutating func look(into folder: String, _ prefix: String) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            // Foundation wraps the system's reason.
            let code = access(folder, R_OK | X_OK) == 0 ? EIO : errno
            let failure = StorageError.system(path: folder, call: "open", errno: code)
            faults.append(VerifyFinding(failure, reading: prefix.isEmpty ? "." : String(prefix.dropLast())))
            return
        }
        for name in names {
            let (place, path) = ("\(folder)/\(name)", prefix + name)
            switch RegularFile.entry(place) {
            case .folder: look(into: place, "\(path)/")
            case .file(let bytes): kinds[path] = .file(bytes: bytes)
            case .link: kinds[path] = .link
            case .other: kinds[path] = .other
            // What is gone by now was a temporary file.
            case nil: continue
            }
        }
    }
}

/// Whether a path that a record gives lies in the job: anybody may have written the record.
struct VerifyPaths {
    private let root: String
    /// Where its links may lead to.
    private let allowed: [String]
    private var folders: [String: Bool] = [:]

    /// - Parameter following: folders outside of the job that links in it may lead into.
    init(_ root: URL, following: [URL]) {
        self.root = Self.real(root.path) ?? root.path
        allowed = [self.root] + following.compactMap { Self.real($0.path) }
    }

    /// - Parameter path: relative to the job.
    /// - Returns: why nothing may be read there; nil where it may, or where nothing is.
    mutating func fault(of path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if path.hasPrefix("/") { return "an absolute path" }
        if parts.contains("..") { return "a path that leads upwards" }
        guard !path.utf8.contains(0), !parts.contains(""), !parts.contains(".") else { return "no path of a file" }
        let leaves = "it leaves the job through a link (--follow-links FOLDER allows it)"
        let folder = parts.dropLast().joined(separator: "/")
        if !isInside(folder: folder) { return leaves }
        let place = "\(root)/\(path)"
        guard RegularFile.entry(place) == .link else { return nil }
        return Self.real(place).map(isInside) == false ? leaves : nil
    }

    private mutating func isInside(folder: String) -> Bool {
        if let known = folders[folder] { return known }
        // Of a folder that is not there, the one above it counts.
        let real = Self.real(folder.isEmpty ? root : "\(root)/\(folder)")
        let above = folder.split(separator: "/").dropLast().joined(separator: "/")
        let answer = real.map(isInside) ?? (folder.isEmpty || isInside(folder: above))
        folders[folder] = answer
        return answer
    }

    private func isInside(_ real: String) -> Bool {
        allowed.contains { real == $0 || real.hasPrefix($0 == "/" ? $0 : $0 + "/") }
    }

    private static func real(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
