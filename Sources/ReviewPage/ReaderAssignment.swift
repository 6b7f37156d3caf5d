import Files
public import Foundation
public import Records
import Slides
import Storage

/// Who is to read which slides, from a table with the columns `slide_id` or `case_id`, and `reader`: a line may have several
/// readers, separated by semicolons, and a slide several lines.
public struct ReaderAssignment: Equatable, Sendable {
    /// Those with a slide of the job, sorted.
    public let readers: [String]
    /// Lines that match nothing of the job, and slides that nobody is to read.
    public let notes: [String]
    private let bySlide: [SlideID: Set<String>]
    private let byCase: [String: Set<String>]

    /// - Parameter slides: of the job, with their cases where these are known.
    /// - Throws: `StorageError` (exit 2) with all that is wrong in the table, by its lines.
    public init(contentsOf url: URL, slides: [(id: SlideID, caseID: String?)]) throws {
        let table = try Table(contentsOf: url)
        try table.require(columns: ["reader"])
        let columns = ["slide_id", "case_id"].filter(table.columns.contains)
        guard !columns.isEmpty else {
            throw StorageError.table(path: url.path, problems: ["line 1: a column slide_id or case_id is wanted"])
        }
        let names = Names(slides)
        var (bySlide, byCase): ([SlideID: Set<String>], [String: Set<String>]) = ([:], [:])
        var (problems, strangers): ([String], [String]) = ([], [])
        for row in table.rows {
            let readers = Set(row["reader"].split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) })
                .subtracting([""])
            if readers.isEmpty { problems.append("line \(row.line): reader is empty") }
            for name in readers.sorted() where !Self.isName(name) {
                problems.append("line \(row.line): a reader's name of 1 to 100 characters is wanted")
            }
            guard let column = columns.first(where: { !row[$0].isEmpty }) else {
                problems.append("line \(row.line): \(columns.joined(separator: " and ")) empty")
                continue
            }
            if column == "slide_id", let slide = names.slide(row[column]) {
                bySlide[slide, default: []].formUnion(readers)
            } else if column == "case_id", names.cases.contains(row[column]) {
                byCase[row[column], default: []].formUnion(readers)
            } else {
                strangers.append("'\(row[column])' (line \(row.line))")
            }
        }
        guard problems.isEmpty else { throw StorageError.table(path: url.path, problems: problems) }
        (self.bySlide, self.byCase) = (bySlide, byCase)
        readers = Set(bySlide.values.joined()).union(byCase.values.joined()).sorted()
        let unread = slides.filter { bySlide[$0.id] == nil && $0.caseID.flatMap { byCase[$0] } == nil }
        let what = columns.map { $0 == "slide_id" ? "slide" : "case" }.joined(separator: " or ")
        let file = url.lastPathComponent
        notes =
            (strangers.isEmpty
                ? []
                : ["\(file): \(strangers.count) of \(table.rows.count) lines match no \(what): \(Self.few(strangers))"])
            + (unread.isEmpty
                ? []
                : [
                    "\(file): \(unread.count) of \(slides.count) slides have no reader: "
                        + Self.few(unread.map { "'\($0.id.text)'" })
                ])
    }

    /// Sorted; empty for a slide that nobody is to read.
    public func readers(of slide: SlideID, case caseID: String?) -> [String] {
        (bySlide[slide] ?? []).union(caseID.flatMap { byCase[$0] } ?? []).sorted()
    }

    /// As decisions have them.
    private static func isName(_ name: String) -> Bool {
        name.unicodeScalars.count <= 100
            && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    private static func few(_ words: [String]) -> String {
        words.prefix(10).joined(separator: ", ") + (words.count > 10 ? " and \(words.count - 10) more" : "")
    }

    /// Slides by what a table calls them: to the letter first (in any Unicode form), then without the ending of a slide file
    /// on either side. Cases to the letter.
    private struct Names {
        let cases: Set<String>
        private let exact: [String: SlideID]
        /// nil where several slides have this name without their endings.
        private let plain: [String: SlideID?]

        init(_ slides: [(id: SlideID, caseID: String?)]) {
            cases = Set(slides.compactMap(\.caseID))
            exact = Dictionary(slides.map { ($0.id.text, $0.id) }) { first, _ in first }
            plain = Dictionary(slides.map { (Self.plain($0.id.text), .some($0.id)) }) { _, _ in nil }
        }

        func slide(_ word: String) -> SlideID? {
            let name = Self.plain(word)
            return exact[word] ?? exact[name] ?? plain[name] ?? nil
        }

        private static func plain(_ name: String) -> String { SlideExtensions.removed(from: name) ?? name }
    }
}
