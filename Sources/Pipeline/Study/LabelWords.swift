import Files
import Foundation

/// What labels say beyond their letters, in two tables, and when two of them are probably meant to be one.
enum LabelWords {
    /// How spreadsheets, pandas, R, databases and TCGA's tables write that there is no label, in lower case; also -999 and -9999 as numbers.
    private static let missing: Set = [
        "", "na", "n/a", "nan", "-nan", "none", "null", "nil", "<na>", "#n/a", "#na", "#n/a n/a", "#null!", "#value!",
        "#ref!",
        "#name?", "#num!", "#div/0!", "--", "'--", "[not available]", "[not applicable]", "[not evaluated]",
        "[unknown]",
        "[discrepancy]", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan",
    ]

    static func isMissing(_ label: String) -> Bool {
        let label = bare(label)
        return missing.contains(label) || [-999, -9999].contains(number(label))
    }

    /// Words for "there is none of it", in lower case without separators; also 0 as a number.
    private static let none: Set = [
        "normal", "normaltissue", "negative", "neg", "benign", "control", "healthy", "no", "non", "not", "absent", "wt",
        "wildtype", "false",
    ]

    /// - Parameter other: the only other class; `no_tumor` means none beside `tumor`.
    static func meansNone(_ label: String, beside other: String? = nil) -> Bool {
        if number(label) == 0 { return true }
        let word = joined(label)
        if none.contains(word) { return true }
        guard let other = other.map(joined), !other.isEmpty else { return false }
        return ["no", "non", "not"].contains { word == $0 + other }
    }

    /// The place of a grade or stage among others: of `II`, `G2`, `pT2`, `grade 2` and `2` it is 2, of `Stage IIB` a little more.
    static func grade(_ label: String) -> Double? {
        let form = /(?:(?:grade|stage|isup|group|g|pt|t|pn|n|s)[\s_-]*)?(?<number>[0-9]{1,2}|[ivx]+)(?<part>[a-d])?/
        guard let match = bare(label).wholeMatch(of: form) else { return nil }
        let digits = String(match.number)
        let whole = Double(digits) ?? roman.firstIndex(of: digits).map { Double($0 + 1) }
        let parts = ["a", "b", "c", "d"]
        let part = match.part.flatMap { parts.firstIndex(of: String($0)) }.map { Double($0 + 1) / 10 }
        return whole.map { $0 + (part ?? 0) }
    }

    private static let roman = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]

    /// Whether labels look like the steps of one scale: three or more, each another grade.
    static func areGrades(_ labels: [String]) -> Bool {
        let grades = labels.compactMap(grade)
        return (3...10).contains(labels.count) && grades.count == labels.count && Set(grades).count == labels.count
            && grades.allSatisfy { $0 < 11 }
    }

    /// Equal for labels that differ in case, blanks, Unicode form or the way a number is written.
    static func key(_ label: String) -> String {
        number(label).map { "\($0)" } ?? bare(label).filter { !$0.isWhitespace }
    }

    /// Whether one letter was left out, added or mistyped, or two were swapped. Digits are no letters (`grade2` is no slip for
    /// `grade1`), and of one letter nothing can be said.
    static func isOneLetterOff(_ label: String, _ other: String) -> Bool {
        let (a, b) = (Array(key(label)), Array(key(other)))
        // II is no slip for IV.
        guard grade(label) == nil || grade(other) == nil else { return false }
        guard a != b, min(a.count, b.count) > 1, abs(a.count - b.count) <= 1 else { return false }
        let start = zip(a, b).prefix { $0 == $1 }.count
        let rest = min(a.count, b.count) - start
        let end = zip(a.reversed(), b.reversed()).prefix { $0 == $1 }.prefix(rest).count
        let (x, y) = (a[start..<(a.count - end)], b[start..<(b.count - end)])
        guard x.count <= 1 && y.count <= 1 || (x.count == 2 && Array(x) == y.reversed()) else { return false }
        return !(x + y).allSatisfy(\.isNumber)
    }

    /// In lower case, with the usual form of every character and without what cannot be seen.
    private static func bare(_ label: String) -> String {
        let usual = label.precomposedStringWithCompatibilityMapping.lowercased().unicodeScalars
        let shown = usual.filter { !$0.properties.isDefaultIgnorableCodePoint }
        return String(String.UnicodeScalarView(shown)).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func joined(_ label: String) -> String { bare(label).filter { $0.isLetter || $0.isNumber } }

    /// Of plain decimals alone: `0x10`, `inf` and `nan` are words.
    private static func number(_ label: String) -> Double? {
        let label = bare(label)
        return label.wholeMatch(of: /[+-]?[0-9]+(\.[0-9]*)?/) == nil
            ? nil : Double(label.hasSuffix(".") ? label + "0" : label)
    }
}

/// A label as it is written: equal are those of the same bytes, not just of the same characters.
struct Spelling: Hashable {
    let text: String

    static func == (one: Spelling, other: Spelling) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
