import Foundation

/// Pieces of HTML text; what comes from files is escaped here and nowhere else.
enum HTML {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // XML has no way to write other control characters.
            case _ where scalar.value < 32 && scalar != "\n" && scalar != "\t": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A table of texts; the cells are escaped, numbers stand to the right.
    static func table(_ header: [String], _ rows: [[String]], class name: String = "") -> String {
        let head = header.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
        let body = rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == 0
                    ? "<th scope=\"row\">\(escaped(cell))</th>" : "<td>\(escaped(cell))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return "<table class=\"\(escaped(name))\"><thead><tr>\(head)</tr></thead><tbody>\n"
            + body.joined(separator: "\n") + "\n</tbody></table>\n"
    }

    static func definitions(_ pairs: [(String, String)]) -> String {
        "<dl>\n" + pairs.map { "<dt>\(escaped($0))</dt><dd>\(escaped($1))</dd>\n" }.joined() + "</dl>\n"
    }

    /// A number for people: three digits, or – where there is none.
    static func number(_ value: Double?, digits: Int = 3) -> String {
        guard let value, value.isFinite else { return "–" }
        return String(format: "%.\(digits)f", value)
    }

    /// A value, and on a line of its own the interval.
    static func estimate(_ estimate: Estimate?) -> String {
        guard let estimate, estimate.value != nil else { return "–" }
        guard let interval = estimate.interval else { return number(estimate.value) }
        return "\(number(estimate.value))\n\(number(interval[0]))–\(number(interval[1]))"
    }
}
