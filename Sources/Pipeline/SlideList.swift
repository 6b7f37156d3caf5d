public import Foundation
public import Records
import Storage

/// A slide of a cohort before it is opened.
public struct SlideEntry: Codable, Equatable, Sendable {
    public var id: SlideID
    /// Absolute.
    public var path: String
    /// µm per pixel from a list or `--mpp-csv`.
    public var mpp: Double?

    public init(id: SlideID, path: String, mpp: Double? = nil) {
        self.id = id
        self.path = path
        self.mpp = mpp
    }
}

/// The slides that a command works on, sorted by id.
public enum SlideList {
    /// Extensions that a folder is searched for; a file named on the command line may have any.
    public static let extensions: Set<String> = [
        "svs", "tif", "tiff", "ndpi", "mrxs", "scn", "bif", "svslide", "vms", "vmu", "dcm",
    ]

    /// - Parameter paths: slide files, or folders that are searched with their subfolders.
    /// - Throws: `Failure` for a missing path, a folder without slides, two slides of one name (usage) or an unsafe name.
    public static func find(paths: [String]) throws -> [SlideEntry] {
        var files: [URL] = []
        for path in paths {
            let url = URL(filePath: path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
                throw Failure(.notFound, path, "there is no such file or folder")
            }
            guard isFolder.boolValue else {
                files.append(url)
                continue
            }
            let found = slides(in: url)
            guard !found.isEmpty else {
                throw Failure(
                    .notFound,
                    path,
                    "no slide in this folder; looked for \(extensions.sorted().joined(separator: ", "))"
                )
            }
            files += found
        }
        return try unique(files.map { try SlideEntry(id: id(of: $0), path: $0.standardizedFileURL.path) })
    }

    /// Reads a slide list: column `wsi` (also `path` or `slide`; relative to the list), optional `slide_id` and `mpp`.
    public static func read(list: URL) throws -> [SlideEntry] {
        let table = try Table(contentsOf: list)
        guard let column = ["wsi", "path", "slide"].first(where: table.columns.contains) else {
            throw StorageError.table(
                path: list.path,
                problems: [
                    "line 1: a column wsi, path or slide is wanted; found \(table.columns.joined(separator: ", "))"
                ]
            )
        }
        var problems: [String] = []
        var entries: [SlideEntry] = []
        var lines: [String: Int] = [:]
        for row in table.rows {
            let url = URL(filePath: row[column], relativeTo: list.deletingLastPathComponent()).standardizedFileURL
            if row[column].isEmpty || !isFile(url) {
                problems.append("line \(row.line): no such slide '\(row[column])'")
                continue
            }
            let id = row["slide_id"].isEmpty ? try Self.id(of: url) : try SlideID(row["slide_id"])
            if let line = lines.updateValue(row.line, forKey: id.collisionKey) {
                problems.append("line \(row.line): slide '\(id)' is already on line \(line)")
                continue
            }
            do {
                entries.append(SlideEntry(id: id, path: url.path, mpp: try mpp(row)))
            } catch { problems.append(error.what) }
        }
        guard problems.isEmpty else { throw StorageError.table(path: list.path, problems: problems) }
        guard !entries.isEmpty else { throw StorageError.table(path: list.path, problems: ["the list has no slide"]) }
        return entries.sorted { $0.id < $1.id }
    }

    /// Fills in µm per pixel from a table with columns `wsi` (file name) or `slide_id`, and `mpp`.
    public static func merge(mppTable url: URL, into entries: [SlideEntry]) throws -> [SlideEntry] {
        let table = try Table(contentsOf: url)
        try table.require(columns: ["mpp"])
        guard let column = ["slide_id", "wsi", "path", "slide"].first(where: table.columns.contains) else {
            throw StorageError.table(path: url.path, problems: ["line 1: a column slide_id or wsi is wanted"])
        }
        var problems: [String] = []
        var known: [String: Double] = [:]
        for row in table.rows {
            guard !row[column].isEmpty else {
                problems.append("line \(row.line): \(column) is empty")
                continue
            }
            do {
                guard let value = try mpp(row) else { continue }
                let name =
                    column == "slide_id"
                    ? row[column] : URL(filePath: row[column]).deletingPathExtension().lastPathComponent
                if known.updateValue(value, forKey: name) != nil {
                    problems.append("line \(row.line): slide '\(name)' occurs twice")
                }
            } catch { problems.append(error.what) }
        }
        guard problems.isEmpty else { throw StorageError.table(path: url.path, problems: problems) }
        return entries.map { entry in
            var entry = entry
            entry.mpp = known[entry.id.text] ?? entry.mpp
            return entry
        }
    }

    private struct RowProblem: Error {
        var what: String
    }

    private static func mpp(_ row: Table.Row) throws(RowProblem) -> Double? {
        guard !row["mpp"].isEmpty else { return nil }
        guard let value = Double(row["mpp"]), value.isFinite, value > 0 else {
            throw RowProblem(what: "line \(row.line): mpp '\(row["mpp"])' is no positive number")
        }
        return value
    }

    private static func id(of url: URL) throws -> SlideID { try SlideID(url.deletingPathExtension().lastPathComponent) }

    private static func slides(in folder: URL) -> [URL] {
        let walker = FileManager.default.enumerator(
            at: folder,
            includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles]
        )
        return (walker?.compactMap { $0 as? URL } ?? [])
            .filter { extensions.contains($0.pathExtension.lowercased()) && isFile($0) }
    }

    /// A folder may well be called `old.svs`.
    private static func isFile(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    private static func unique(_ entries: [SlideEntry]) throws -> [SlideEntry] {
        var seen: [String: SlideEntry] = [:]
        var clashes: [(SlideEntry, SlideEntry)] = []
        for entry in entries {
            // Two paths may differ in their bytes alone, é in one and e with an accent in the other; texts compare equal then.
            if let other = seen.updateValue(entry, forKey: entry.id.collisionKey),
                !other.path.utf8.elementsEqual(entry.path.utf8)
            {
                clashes.append((other, entry))
            }
        }
        guard let (first, second) = clashes.first else { return seen.values.sorted { $0.id < $1.id } }
        let more = clashes.count > 1 ? " (and \(clashes.count - 1) more such)" : ""
        throw Failure(
            .usage,
            second.id.text,
            "two slides have this id: \(first.path) and \(second.path)\(more); "
                + "give a list with a slide_id column as --list"
        )
    }
}
