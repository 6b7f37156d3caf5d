public import Foundation
import SwiftCSV

/// A CSV table with a header line; cells are text.
public struct Table: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        /// Line in the file that the row begins on, counted from 1; the header is line 1.
        public let line: Int
        public let cells: [String: String]

        public subscript(_ column: String) -> String { cells[column] ?? "" }
    }

    public let path: String
    public let columns: [String]
    public let rows: [Row]

    /// Reads comma-, semicolon- or tab-separated text; a byte-order mark and blanks around cells are dropped.
    /// Lines without any text are left out.
    /// - Parameter names: the names of the columns of a table whose first line is already a row, from that line's cells;
    ///   nil where it is a header.
    /// - Throws: `StorageError` for a missing file, text that is not UTF-8, an empty table, a repeated column, or lines
    ///   with more or fewer cells than the header.
    public init(contentsOf url: URL, names: ([String]) throws -> [String]? = { _ in nil }) throws {
        let data = try RegularFile.data(url)
        guard var text = String(data: data, encoding: .utf8) else {
            throw StorageError.table(path: url.path, problems: ["not UTF-8 text"])
        }
        if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
        try self.init(text: text, path: url.path, names: names)
    }

    public init(text: String, path: String, names: ([String]) throws -> [String]? = { _ in nil }) throws {
        func refused(_ problems: [String]) -> StorageError { .table(path: path, problems: problems) }
        // With a break after the last line too, the parser gives every line all of its cells.
        let text = text.replacing("\r\n", with: "\n") + "\n"
        var lines: [(number: Int, cells: [String])] = []
        var next = 1
        do {
            let csv = try CSV<Enumerated>(
                string: text,
                delimiter: .guessed(string: text),
                loadColumns: false,
                rowLimit: 0
            )
            try csv.enumerateAsArray(rowLimit: nil) { cells in
                lines.append((next, cells.map { $0.trimmingCharacters(in: .whitespaces) }))
                next += 1 + cells.reduce(0) { $0 + $1.count { "\n\r".contains($0) } }
            }
        } catch {
            throw refused(["line \(next): quotation marks are wanted around a whole cell, and doubled inside it"])
        }
        if let last = lines.last, !text.count(where: { $0 == "\"" }).isMultiple(of: 2) {
            throw refused(["line \(last.number): a quotation mark is never closed"])
        }
        let filled = lines.filter { line in line.cells.contains { !$0.isEmpty } }
        guard let header = filled.first else { throw refused(["the table is empty"]) }
        guard header.number == 1 else { throw refused(["line 1: the names of the columns are missing"]) }
        let given = try names(header.cells)
        columns = given ?? header.cells
        for (index, name) in columns.enumerated() where columns[..<index].contains(name) {
            throw refused(["line 1: column '\(name)' occurs twice"])
        }
        let width = columns.count
        let ragged = filled.filter { $0.cells.count != width }
        guard ragged.isEmpty else {
            throw refused(ragged.map { "line \($0.number): \($0.cells.count) cells, but \(width) columns" })
        }
        self.path = path
        rows = filled.dropFirst(given == nil ? 1 : 0).map { [columns] line in
            Row(line: line.number, cells: Dictionary(uniqueKeysWithValues: zip(columns, line.cells)))
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
        let scalars = value.unicodeScalars
        if let first = scalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(value) == nil {
            value = "'" + value
        }
        // By scalars, because "\r\n" is one Character.
        guard scalars.contains(where: ",\"\n\r;\t".unicodeScalars.contains) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }
}
