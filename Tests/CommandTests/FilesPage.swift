import Foundation

/// `docs/files.md` as tables of what a job may hold.
struct FilesPage {
    /// A line of a table: its first cell without quote marks, and every cell by its column's head.
    struct Row {
        var name: String
        var cells: [String: String]

        var isOptional: Bool { cells["occurs"] != "always" }

        /// The more of them, the closer the name describes what fits it.
        fileprivate var literals: Int { name.count { !$0.isUppercase } }
    }

    /// By heading in lower case: the lines of the tables below it.
    private var sections: [String: [Row]] = [:]
    /// Of names with a word in capital letters that the page explains.
    private var patterns: [String: Regex<AnyRegexOutput>] = [:]

    init(_ text: String) throws {
        var (section, heads) = ("", [String]())
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") { section = line.dropFirst(3).lowercased() }
            guard line.hasPrefix("|") else {
                heads = []
                continue
            }
            let cells = line.dropFirst().dropLast().split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if heads.isEmpty {
                heads = cells
            } else if cells.count == heads.count, !cells[0].hasPrefix("---") {
                let name = cells[0].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
                let row = Row(name: name, cells: Dictionary(uniqueKeysWithValues: zip(heads, cells)))
                sections[section, default: []].append(row)
            }
        }
        let known = ["text": "[^/]+", "number": "[0-9]+", "text or text/seed_S": "[^/]+(?:/seed_[0-9]+)?"]
        var forms: [String: String] = [:]
        for row in sections["names"] ?? [] { forms[row.name] = row.cells["form"].flatMap { known[$0] } }
        for name in sections.values.joined().map(\.name) { patterns[name] = try Self.pattern(name, forms) }
    }

    var files: [Row] { sections["files"] ?? [] }

    /// What the files of a kind hold; nil for kinds that the page does not take apart.
    func content(of kind: String) -> [Row]? { sections[kind.lowercased()] }

    /// The row that describes a name most closely.
    func row(of name: String, in rows: [Row]) throws -> Row? {
        if let same = rows.first(where: { $0.name == name }) { return same }
        let fitting = try rows.filter { try patterns[$0.name].map { try $0.wholeMatch(in: name) != nil } ?? false }
        return fitting.max { $0.literals < $1.literals }
    }

    /// nil where no word of the name stands for something.
    private static func pattern(_ name: String, _ forms: [String: String]) throws -> Regex<AnyRegexOutput>? {
        var (text, rest, isLiteral) = ("", name[...], true)
        while let letter = rest.first {
            let word = rest.prefix { $0.isUppercase }
            if let form = forms[String(word)] {
                text += form
                rest = rest.dropFirst(word.count)
                isLiteral = false
            } else {
                text += NSRegularExpression.escapedPattern(for: String(letter))
                rest = rest.dropFirst()
            }
        }
        return isLiteral ? nil : try Regex(text)
    }
}
