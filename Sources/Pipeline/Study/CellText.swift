import Foundation

/// What single cells of a table say: numbers, yes and no, and whether an event came.
enum CellText {
    /// How the numbers of a column are written.
    struct Numbers {
        /// Whether a comma is the decimal mark, which a cell shows in which it cannot stand for thousands.
        private let hasDecimalCommas: Bool

        init(_ cells: some Sequence<String>) {
            hasDecimalCommas = cells.contains { cell in
                let parts = CellText.parts(cell)
                return parts.count == 2 && (parts[1].count != 3 || parts[0].count > 3 || ["", "0"].contains(parts[0]))
                    && parts.allSatisfy { $0.allSatisfy(\.isASCII) && Double("1\($0)") != nil }
            }
        }

        /// Of plain decimals alone, such as `1.5`, `1,5` and `2e-3`.
        func number(_ cell: String) -> Double? {
            let text = cell.filter { !$0.isWhitespace }
            guard text.count == cell.trimmingCharacters(in: .whitespaces).count else { return nil }
            let parts = CellText.parts(text)
            let plain = parts.count == 2 && hasDecimalCommas ? text.replacing(",", with: ".") : text
            guard plain.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }) else { return nil }
            return Double(plain).flatMap { $0.isFinite ? $0 : nil }
        }

        /// What to write in place of a cell that is none, after what is wanted.
        static func hint(_ cell: String) -> String {
            cell.contains(",") ? ", written with a point as decimal mark and no mark for thousands" : ""
        }
    }

    /// Those on both sides of a comma, of a number without its sign.
    private static func parts(_ cell: String) -> [String] {
        let bare = cell.trimmingCharacters(in: .whitespaces).drop { "+-".contains($0) }
        return bare.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    static func isYes(_ cell: String) -> Bool? {
        switch word(cell) {
        case "1", "1.0", "yes", "y", "true", "t", "positive", "pos", "present", "mutated", "mutation", "mut": true
        case "0", "0.0", "no", "n", "false", "f", "negative", "neg", "absent", "wildtype", "wild-type", "wt": false
        default: nil
        }
    }

    /// As tables of trials have it, and cBioPortal, whose words begin with the number that counts (`1:DECEASED`).
    static func isEvent(_ cell: String) -> Bool? {
        let word = word(cell)
        if word.hasPrefix("1:") { return true }
        if word.hasPrefix("0:") { return false }
        switch word {
        case "1", "1.0", "yes", "true", "event", "dead", "died", "deceased", "recurred", "progressed", "relapsed":
            return true
        case "0", "0.0", "no", "false", "censored", "alive", "living", "diseasefree", "disease-free", "noevent":
            return false
        default: return nil
        }
    }

    private static func word(_ cell: String) -> String { cell.lowercased().filter { !$0.isWhitespace } }
}
