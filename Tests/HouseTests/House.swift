import Foundation

/// The checkout as text.
enum House {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Names of the folders in a folder.
    static func folders(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path).filter { name in
            var isFolder: ObjCBool = false
            let there = FileManager.default.fileExists(
                atPath: root.appending(path: "\(path)/\(name)").path,
                isDirectory: &isFolder
            )
            return there && isFolder.boolValue && !name.hasPrefix(".")
        }.sorted()
    }

    /// Paths of the files with an ending below a folder, but in hidden folders and what programs left.
    static func files(_ ending: String, below folder: String = "") -> [String] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        let walker = FileManager.default.enumerator(
            at: start,
            includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles]
        )
        var found: [String] = []
        let prefix = root.standardizedFileURL.path.count + 1
        for case let url as URL in walker ?? FileManager.DirectoryEnumerator() {
            if ["demo", "artefacts"].contains(url.lastPathComponent) { walker?.skipDescendants() }
            if url.pathExtension == ending { found.append(String(url.standardizedFileURL.path.dropFirst(prefix))) }
        }
        return found.sorted()
    }

    /// The modules that the Swift files below a folder import.
    static func imports(below folder: String) throws -> Set<String> {
        try files("swift", below: folder).reduce(into: []) { found, file in
            for line in try text(file).split(separator: "\n") where line.contains("import ") {
                let imported =
                    /\s*(@\w+ )*((public|package|internal|private) )?import ((struct|class|enum|func) )?(?<name>\w+).*/
                if let name = line.wholeMatch(of: imported)?.name { found.insert(String(name)) }
            }
        }
    }
}
