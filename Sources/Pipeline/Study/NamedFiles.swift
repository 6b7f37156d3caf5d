import Files
import Foundation
import Records
import Storage

/// Files that other programs have named by slide, such as features or annotations, and the slides that they belong to.
struct NamedFiles {
    /// By name, without the file's own ending.
    private let files: [String: [URL]]
    /// What of the folder was passed over, and why.
    private(set) var notes: [String] = []
    /// Folders that cannot be looked into, and links that lead nowhere.
    let failures: [StorageError]

    /// Searches a folder with its subfolders.
    /// - Parameter endings: the wanted ones, in lower case.
    init(in folder: URL, endings: some Sequence<String>) {
        let walk = FolderWalk(folder, extensions: Set(endings))
        files = Dictionary(grouping: walk.files.map(\.standardizedFileURL)) {
            $0.deletingPathExtension().lastPathComponent
        }
        failures = walk.failures
        if let others = walk.othersText { notes.append("\(folder.path): not considered: \(others)") }
    }

    /// One file with several slides in it.
    init(names: [String], of file: URL) {
        files = Dictionary(names.map { ($0, [file]) }, uniquingKeysWith: { first, _ in first })
        failures = []
    }

    var isEmpty: Bool { files.isEmpty }

    /// The names that can be ids of slides.
    var slides: [SlideID] { files.keys.compactMap { try? SlideID($0) } }

    struct Matched {
        /// Sorted by path; several where a slide has more than one file.
        var files: [SlideID: [URL]] = [:]
        /// Files of no known slide, by the ids that their names are.
        var strangers: [SlideID: [URL]] = [:]
        /// Files whose names cannot be ids.
        var unsafe: [String] = []
    }

    /// - Parameter slides: those that are known.
    func matched(to slides: some Sequence<SlideID>) -> Matched {
        let known = SlideNames(slides)
        var matched = Matched()
        for (name, urls) in files {
            if let slide = known.slide(named: name) {
                matched.files[slide, default: []] += urls
            } else if let stranger = try? SlideID(name) {
                matched.strangers[stranger, default: []] += urls
            } else {
                matched.unsafe.append(name)
            }
        }
        for slide in matched.files.keys { matched.files[slide]?.sort { $0.path < $1.path } }
        for slide in matched.strangers.keys { matched.strangers[slide]?.sort { $0.path < $1.path } }
        return matched
    }
}
