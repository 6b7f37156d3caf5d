import Files
import Storage

/// What a reader said of a slide, in words.
public struct ReaderVerdict: Equatable, Sendable {
    public var reader: String
    public var date: String
    /// The verdict or the class.
    public var verdict: String
    public var remark: String
    /// What else is to be known of it, such as that it was given for an older result.
    public var notes: [String]

    public init(reader: String, date: String, verdict: String, remark: String, notes: [String] = []) {
        self.reader = reader
        self.date = date
        self.verdict = verdict
        self.remark = remark
        self.notes = notes
    }

    /// The first page has to hold its pictures too.
    private static let mostRows = 8
    private static let longestRemark = 220

    /// The readers of the first page; long remarks and many readers are cut, for `inFull` to tell.
    static func table(_ readers: [ReaderVerdict]) -> String {
        guard !readers.isEmpty else {
            return "<p class=\"note\">No reader’s verdict was saved when this page was made.</p>"
        }
        let left = readers.count - mostRows
        let more = left > 0 ? "<p class=\"note\">\(left) more: see “Readers in full”.</p>\n" : ""
        return rows(readers.suffix(mostRows).map(\.shortened)) + more
    }

    /// About what the table takes of a page's height, in mm, by letters to a line of print.
    static func height(_ readers: [ReaderVerdict]) -> Double {
        readers.suffix(mostRows).map(\.shortened).reduce(0) { height, row in
            let lines = [(row.remark, 55), (row.words, 18), (row.reader, 18)].map { ($0.count + $1 - 1) / $1 }
            return height + 3.7 * Double(lines.max() ?? 1) + 1.5
        }
    }

    private var words: String { ([verdict] + notes).joined(separator: "; ") }

    /// A section for what the first page cuts; empty where it cuts nothing.
    static func inFull(_ readers: [ReaderVerdict]) -> String {
        guard readers.count > mostRows || readers.contains(where: { $0 != $0.shortened }) else { return "" }
        return "<h2>Readers in full</h2>\n" + rows(readers)
    }

    private var shortened: ReaderVerdict {
        let line = remark.split(whereSeparator: \.isNewline).joined(separator: " ")
        guard line.count > Self.longestRemark || line != remark else { return self }
        var short = self
        short.remark = line.count > Self.longestRemark ? line.prefix(Self.longestRemark) + " …" : line
        return short
    }

    private static func rows(_ readers: some Sequence<ReaderVerdict>) -> String {
        HTML.table(
            ["Reader", "Date", "Verdict", "Remark"],
            readers.map { [$0.reader, $0.date, $0.words, $0.remark] },
            class: "words readers"
        )
    }
}
