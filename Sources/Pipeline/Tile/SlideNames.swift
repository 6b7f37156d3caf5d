import Foundation
import Records
import Slides

/// The slides that are there, found by what tables, folders and flags call them: to the letter first (in any Unicode form),
/// then without the ending of a slide file on either side. Never more is guessed; `NameHint` says what would help.
struct SlideNames {
    private let exact: [String: SlideID]
    /// nil where several slides have this name without their endings.
    private let plain: [String: SlideID?]
    /// How many slides have this number for a name, whatever zeros it begins with.
    private let numbers: [String: Int]

    init(_ slides: some Sequence<SlideID>) {
        exact = Dictionary(slides.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })
        plain = Dictionary(
            exact.values.map { (Self.plain($0.text), .some($0)) },
            uniquingKeysWith: { _, _ in nil }
        )
        let values = exact.keys.filter { $0.allSatisfy(\.isNumber) }.map { ($0.drop { $0 == "0" }.description, 1) }
        numbers = Dictionary(values, uniquingKeysWith: +)
    }

    var slides: [SlideID] { Array(exact.values) }

    func slide(named word: String) -> SlideID? {
        if let slide = exact[word] { return slide }
        let name = Self.plain(word)
        return exact[name] ?? plain[name] ?? nil
    }

    /// What one number is called where it was read as a floating-point one: pandas makes `1027.0` of `1027` in a column with
    /// blanks, as CLAM's splits are.
    /// - Returns: nil unless there is a slide of that number, and no other that differs from it in leading zeros alone.
    func slide(numbered word: String) -> SlideID? {
        guard let match = word.wholeMatch(of: /(\d+)\.0+/), let slide = exact[String(match.1)] else { return nil }
        return numbers[slide.text.drop { $0 == "0" }.description] == 1 ? slide : nil
    }

    private static func plain(_ name: String) -> String { SlideExtensions.removed(from: name) ?? name }
}

/// A name in a table that no slide has, and where it stands.
struct NamedRow: Equatable {
    var name: String
    /// nil in files without lines.
    var line: Int?

    /// `'a' (line 2), 'b' (line 3), 'c' (line 4), …`
    static func text(_ rows: [NamedRow]) -> String {
        let shown = rows.prefix(3).map { row in "'\(row.name)'" + (row.line.map { " (line \($0))" } ?? "") }
        return shown.joined(separator: ", ") + (rows.count > 3 ? ", …" : "")
    }
}
