import Foundation
import Records

/// Help that fits the terminal: the parser wraps texts, but neither the line of usage nor texts that have lines of their own.
enum Help {
    /// The parser needs room beside its column of flags.
    private static let narrowest = 40

    /// Characters of a line: `COLUMNS`, else the terminal's width, else 80.
    static var columns: Int {
        let wanted = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        var size = winsize()
        let reported = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
        return max(narrowest, wanted ?? (reported > 0 ? reported : 80))
    }

    /// A page of the parser's, which `page` gives for a number of columns. Its own wrapping is right for the tables of flags
    /// alone: it breaks indented lines at the margin.
    static func fitted(_ page: (Int) -> String) -> String {
        let columns = columns
        let (narrow, wide) = (page(columns), page(100_000))
        guard let usage = narrow.range(of: "USAGE: "), let end = wide.range(of: "USAGE: ") else { return narrow }
        return wrapped(String(wide[..<end.lowerBound]), to: columns)
            + wrapped(String(narrow[usage.lowerBound...]), to: columns)
    }

    /// Of the commands that work on slides, one by one.
    static let exitCodes =
        "\n\nExit codes: "
        + ExitStatus.allCases.compactMap { status in status.help.map { "\(status.rawValue) \($0)" } }
        .joined(separator: ", ") + "."

    /// Lines that are too long, broken at blanks; what follows of an indented one is indented further.
    static func wrapped(_ text: String, to columns: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.count <= columns ? String($0) : broken($0, columns) }
            .joined(separator: "\n")
    }

    private static func broken(_ line: Substring, _ columns: Int) -> String {
        let isUsage = line.hasPrefix("USAGE: ")
        let margin = line.prefix { $0 == " " }.count
        let indent = isUsage ? 7 : margin == 0 ? 0 : margin + 4
        var lines = [String(repeating: " ", count: margin)]
        var isFresh = true
        for word in words(of: line, keepingBrackets: isUsage) {
            let room = columns - (lines.last?.count ?? 0) - (isFresh ? 0 : 1)
            if word.count > room, !isFresh {
                lines.append(String(repeating: " ", count: indent) + word)
            } else {
                lines[lines.count - 1] += (isFresh ? "" : " ") + word
            }
            isFresh = false
        }
        return lines.joined(separator: "\n")
    }

    /// An option and its value, `[--mpp <µm>]`, stay together.
    private static func words(of line: Substring, keepingBrackets: Bool) -> [Substring] {
        guard keepingBrackets else { return line.split(separator: " ") }
        return line.matches(of: /\[[^\]]*\](?:\.\.\.)?|--\S+ <[^>]*>|\S+/).map(\.output)
    }
}

extension String {
    /// This text with every paragraph as one line, to be wrapped to the terminal; lines that are indented stay as they are.
    var reflowed: String {
        var lines: [String] = []
        var goesOn = false
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            let isProse = !line.isEmpty && !line.hasPrefix(" ")
            if goesOn, isProse, let last = lines.popLast() {
                lines.append("\(last) \(line)")
            } else {
                lines.append(String(line))
            }
            // A line that ends with a colon is the head of what follows.
            goesOn = isProse && !line.hasSuffix(":")
        }
        return lines.joined(separator: "\n")
    }
}
