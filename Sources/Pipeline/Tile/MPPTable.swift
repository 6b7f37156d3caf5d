import Files
import Foundation
import Records
import Storage

/// µm per pixel of single slides, from a table with columns `wsi` (a file's name or path) or `slide_id`, and `mpp`.
struct MPPTable {
    private(set) var values: [SlideID: Double] = [:]
    /// Rows that match no slide; nil where all do. A laboratory's table may well have more slides than a cohort.
    private(set) var note: String?

    struct RowProblem: Error {
        var what: String
    }

    /// - Throws: `StorageError` with all that is wrong in the table.
    init(contentsOf url: URL, for entries: [SlideEntry]) throws {
        let table = try Table(contentsOf: url)
        try table.require(columns: ["mpp"])
        guard let column = ["slide_id", "wsi", "path", "slide"].first(where: table.columns.contains) else {
            throw StorageError.table(path: url.path, problems: ["line 1: a column slide_id or wsi is wanted"])
        }
        let finder = Finder(entries, folder: url.deletingLastPathComponent(), namesFiles: column != "slide_id")
        var problems: [String] = []
        var lines: [String: (line: Int, mpp: Double)] = [:]
        var unknown: [NamedRow] = []
        for row in table.rows {
            guard !row[column].isEmpty else {
                problems.append("line \(row.line): \(column) is empty")
                continue
            }
            do throws(RowProblem) {
                guard let value = try Self.value(row) else {
                    throw RowProblem(what: "line \(row.line): mpp is empty; leave the line out, or give µm per pixel")
                }
                let slide = finder.slide(row[column])
                let name = slide?.text ?? row[column]
                if let other = lines.updateValue((row.line, value), forKey: name) {
                    let end = other.mpp == value ? "" : " with another value, \(other.mpp)"
                    problems.append("line \(row.line): slide '\(name)' is already on line \(other.line)\(end)")
                    continue
                }
                if let slide { values[slide] = value } else { unknown.append(NamedRow(name: name, line: row.line)) }
            } catch { problems.append(error.what) }
        }
        guard problems.isEmpty else { throw StorageError.table(path: url.path, problems: problems.capped) }
        guard !unknown.isEmpty else { return }
        let hint = NameHint.text(unknown.map(\.name), slides: entries.map(\.id).filter { values[$0] == nil })
        note =
            "\(url.lastPathComponent): \(unknown.count) of \(table.rows.count) rows match no slide: "
            + NamedRow.text(unknown) + (hint.map { "; \($0)" } ?? "")
    }

    /// nil where the cell is empty.
    static func value(_ row: Table.Row) throws(RowProblem) -> Double? {
        guard !row["mpp"].isEmpty else { return nil }
        guard let value = Double(row["mpp"]), value.isFinite, value > 0 else {
            throw RowProblem(what: "line \(row.line): mpp \(SlideID.shown(row["mpp"])) is no positive number")
        }
        return value
    }

    /// A file's name is not its slide's id where a list has given it one.
    private struct Finder {
        private let ids: SlideNames
        private let byPath: [String: SlideID]
        /// nil where several slides have files of this name.
        private let byFile: [String: SlideID?]
        private let folder: URL
        private let namesFiles: Bool

        init(_ entries: [SlideEntry], folder: URL, namesFiles: Bool) {
            ids = SlideNames(entries.map(\.id))
            byPath = Dictionary(entries.map { ($0.path, $0.id) }, uniquingKeysWith: { first, _ in first })
            byFile = Dictionary(
                entries.map { (URL(filePath: $0.path).lastPathComponent, .some($0.id)) },
                uniquingKeysWith: { _, _ in nil }
            )
            (self.folder, self.namesFiles) = (folder, namesFiles)
        }

        func slide(_ word: String) -> SlideID? {
            let file = URL(filePath: word, relativeTo: folder).standardizedFileURL
            let found = byPath[file.path] ?? byFile[file.lastPathComponent] ?? nil
            if namesFiles, let found { return found }
            return ids.slide(named: word) ?? (namesFiles ? ids.slide(named: file.lastPathComponent) : nil)
        }
    }
}
