public import Foundation
import SwiftCSV

/// A CSV table with a header line; cells are text.
public struct Table: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        /// Line in the file, counted from 1; the header is line 1. Exact as long as no cell holds a line break.
        public let line: Int
        public let cells: [String: String]

        public subscript(_ column: String) -> String { cells[column] ?? "" }
    }

    public let path: String
    public let columns: [String]
    public let rows: [Row]

    /// Reads comma-, semicolon- or tab-separated text; a byte-order mark and blanks around cells are dropped.
    /// - Throws: `StorageError` for a missing file, text that is not UTF-8, an empty table or a repeated column.
    public init(contentsOf url: URL) throws {
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw StorageError.system(path: url.path, call: "open", errno: ENOENT)
        }
        guard var text = String(data: data, encoding: .utf8) else {
            throw StorageError.table(path: url.path, problems: ["not UTF-8 text"])
        }
        if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
        try self.init(text: text, path: url.path)
    }

    public init(text: String, path: String) throws {
        let parsed: CSV<Enumerated>
        do {
            let unix = text.replacing("\r\n", with: "\n")
            parsed = try CSV<Enumerated>(string: unix, loadColumns: false)
        } catch {
            throw StorageError.table(path: path, problems: ["not a CSV table: \(error)"])
        }
        let columns = parsed.header.map { $0.trimmingCharacters(in: .whitespaces) }
        guard !columns.isEmpty, columns != [""] else {
            throw StorageError.table(path: path, problems: ["the table is empty"])
        }
        guard Set(columns).count == columns.count else {
            throw StorageError.table(path: path, problems: ["line 1: a column name occurs twice"])
        }
        self.path = path
        self.columns = columns
        rows = parsed.rows.enumerated().compactMap { index, cells in
            let trimmed = cells.map { $0.trimmingCharacters(in: .whitespaces) }
            guard trimmed.contains(where: { !$0.isEmpty }) else { return nil }
            return Row(
                line: index + 2,
                cells: Dictionary(zip(columns, trimmed), uniquingKeysWith: { first, _ in first })
            )
        }
    }

    /// - Throws: `StorageError.table` naming every wanted column that is not there.
    public func require(columns wanted: [String]) throws {
        let missing = wanted.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            throw StorageError.table(
                path: path,
                problems: [
                    "line 1: missing column \(missing.joined(separator: ", ")); found \(columns.joined(separator: ", "))"
                ]
            )
        }
    }

    /// CSV text with quoting where needed; a cell that a spreadsheet would run as a formula gets a leading quote mark.
    public static func text(header: [String], rows: some Sequence<[String]>) -> String {
        var text = header.map(cell).joined(separator: ",") + "\n"
        for row in rows { text += row.map(cell).joined(separator: ",") + "\n" }
        return text
    }

    private static func cell(_ value: String) -> String {
        var value = value
        if let first = value.first, "=+-@".contains(first), Double(value) == nil { value = "'" + value }
        guard value.contains(where: { ",\"\n\r;\t".contains($0) }) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }
}
