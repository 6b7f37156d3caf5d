/// Texts from files, names and other programs as a message, a prompt or a table may show them: what a terminal acts on, or
/// nobody sees, stands there as `\u{1B}`, and nothing is longer than a person reads.
public enum ShownText {
    /// Longest subject and message of an error, in Unicode scalars.
    public static let longestSubject = 256
    public static let longestMessage = 2000

    /// One line: line breaks become blanks, and addresses lose what may be secret in them (`RemoteAddress`).
    /// - Parameter limit: of Unicode scalars; of a longer text the middle is left out, because messages end with the way out.
    public static func line(_ text: String, limit: Int = longestMessage) -> String {
        // Cut before: a text of megabytes need not be escaped whole. No escape is longer than twelve letters.
        let text = cut(RemoteAddress.withoutSecrets(text), to: limit)
        if isPlain(text) { return text }
        return cut(escaped(text.split(whereSeparator: \.isNewline).joined(separator: " ")), to: limit)
    }

    /// All of a text that somebody is to agree to, however long: nothing of it is left out, line breaks stand there as escapes.
    public static func whole(_ text: String) -> String { escaped(text) }

    /// Several lines, however long: all but the line breaks of the program's own layout is escaped.
    public static func lines(_ text: String) -> String {
        isPlain(text)
            ? text : text.split(separator: "\n", omittingEmptySubsequences: false).map(escaped).joined(separator: "\n")
    }

    /// Whether a text has nothing that a terminal acts on and nothing that cannot be seen.
    public static func isVisible(_ text: String) -> Bool { !text.unicodeScalars.contains(where: isHidden) }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } }

    private static func escaped(_ text: some StringProtocol) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            if scalar == "\t" {
                shown += " "
            } else if isHidden(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// Control characters, line and paragraph separators, marks of writing direction, and what has no form of its own.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        // A scalar is a byte at least.
        guard text.utf8.count > limit else { return text }
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return text }
        let tail = (limit - 1) / 3
        let first = scalars.index(scalars.startIndex, offsetBy: limit - 1 - tail)
        let last = scalars.index(scalars.endIndex, offsetBy: -tail)
        return String(scalars[..<first]) + "…" + String(scalars[last...])
    }
}
