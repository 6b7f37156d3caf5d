public import Foundation
import Records

/// A CSV table with a header line; cells are text.
public struct Table: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        /// Line in the file that the row begins on, counted from 1; the header is line 1.
        public let line: Int
        fileprivate let place: TableText.Line
        fileprivate let body: Body

        /// Empty where there is no such column.
        public subscript(_ column: String) -> String { body.places[column].map { body.text.cell($0, of: place) } ?? "" }

        /// By column.
        public var cells: [String: String] { body.places.mapValues { body.text.cell($0, of: place) } }

        public static func == (one: Row, other: Row) -> Bool { one.line == other.line && one.cells == other.cells }
    }

    /// What all rows share.
    fileprivate final class Body: Sendable {
        let text: TableText
        /// Of the columns, in their order.
        let places: [String: Int]

        init(_ text: TableText, _ places: [String: Int]) { (self.text, self.places) = (text, places) }
    }

    public let path: String
    public let columns: [String]
    public let rows: [Row]

    /// Of one kind of problem; a table of a million lines may be wrong in each.
    private static let mostProblems = 1000

    /// Reads comma-, semicolon- or tab-separated text; a byte-order mark and blanks around cells are dropped.
    /// Lines without any text are left out, and two or more lines before the header that begin with `#`.
    /// - Parameter names: the names of the columns of a table whose first line is already a row, from that line's cells;
    ///   nil where it is a header.
    /// - Throws: `StorageError` for a missing file, text that is not UTF-8, more than 32 MB, an empty table, a repeated column,
    ///   or lines with more or fewer cells than the header.
    public init(contentsOf url: URL, names: ([String]) throws -> [String]? = { _ in nil }) throws {
        try self.init(contentsOf: url, upTo: TextLimit.person, names: names)
    }

    /// A table that a program has written, of any length.
    public init(made url: URL) throws { try self.init(contentsOf: url, upTo: TextLimit.program) { _ in nil } }

    private init(contentsOf url: URL, upTo limit: Int, names: ([String]) throws -> [String]?) throws {
        func refused(_ problem: String) -> StorageError { .table(path: url.path, problems: [problem]) }
        let data: Data
        do {
            data = try TextLimit.data(url, upTo: limit, wayOut: "is this the table that was meant?")
        } catch StorageError.malformed(_, let reason) { throw refused(reason) }
        let text: Data
        do { text = try ForeignText.table(data) } catch { throw refused(error.reason) }
        if let place = text.firstIndex(of: 0) {
            let line = UTF8Text.line(of: place - text.startIndex, in: text)
            throw refused("line \(line): a NUL character; this is no text")
        }
        try self.init(text, path: url.path, names: names)
    }

    public init(text: String, path: String, names: ([String]) throws -> [String]? = { _ in nil }) throws {
        try self.init(Data(text.utf8), path: path, names: names)
    }

    private init(_ data: Data, path: String, names: ([String]) throws -> [String]?) throws {
        func refused(_ problems: [String]) -> StorageError { .table(path: path, problems: problems) }
        let text: TableText
        do { text = try TableText(data) } catch { throw refused(["line \(error.line): \(error.reason)"]) }
        // cBioPortal's tables begin with lines of remarks about the columns.
        let remarks = text.lines.prefix { text.cell(0, of: $0).hasPrefix("#") }.count
        let lines = text.lines.dropFirst(remarks > 1 ? remarks : 0)
        guard let header = lines.first else { throw refused(["the table is empty"]) }
        guard header.number == 1 || remarks > 1 else { throw refused(["line 1: the names of the columns are missing"]) }
        let cells = text.cells(of: header)
        let given = try names(cells)
        columns = given ?? cells
        var places: [String: Int] = [:]
        for (index, name) in columns.enumerated() where places.updateValue(index, forKey: name) != nil {
            throw refused(["line 1: column '\(ShownText.line(name, limit: 60))' occurs twice"])
        }
        let width = columns.count
        let ragged = lines.lazy.filter { $0.width != width }
        guard ragged.isEmpty else {
            let shown = ragged.prefix(Self.mostProblems).map {
                "line \($0.number): \($0.width) cells, but \(width) columns"
            }
            let rest = ragged.count - shown.count
            throw refused(shown + (rest > 0 ? ["\(rest) more such lines"] : []))
        }
        self.path = path
        let body = Body(text, places)
        rows = lines.dropFirst(given == nil ? 1 : 0).map { Row(line: $0.number, place: $0, body: body) }
    }

    /// - Throws: `StorageError.table` naming every wanted column that is not there.
    public func require(columns wanted: [String]) throws {
        let missing = wanted.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            throw StorageError.table(
                path: path,
                problems: [
                    "line 1: missing column \(missing.joined(separator: ", ")); found \(columns.listed)"
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

extension [String] {
    /// Names of columns for a message; the first twenty of more.
    public var listed: String { prefix(20).joined(separator: ", ") + (count > 20 ? ", … (\(count) in all)" : "") }
}
