import Testing

/// The table of rooms in docs/architecture.md: those of a row may import those of the rows below it.
struct Architecture {
    /// The names of each row; two with … between them stand for all that lie between them in the alphabet.
    private let rows: [[ClosedRange<String>]]

    init() throws {
        let lines = try House.text("docs/architecture.md").split(separator: "\n", omittingEmptySubsequences: false)
        let head = try #require(
            lines.firstIndex { $0.hasPrefix("| room |") },
            "docs/architecture.md has no table of rooms"
        )
        rows = try lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            let cell = try #require(line.split(separator: "|").first)
            let names = cell.matches(of: /`([\w-]+)\/?`/).map { String($0.1) }
            try #require(!names.isEmpty, "no room in the row \(line)")
            return cell.contains("…") ? [names[0]...names[names.count - 1]] : names.map { $0...$0 }
        }
    }

    /// The names that are written out.
    var names: Set<String> { Set(rows.joined().flatMap { [$0.lowerBound, $0.upperBound] }) }

    /// A room's row, from the top. One that is named has its own row, whatever lies around it.
    func row(of room: String) -> Int? {
        rows.firstIndex { $0.contains { $0.lowerBound == room || $0.upperBound == room } }
            ?? rows.firstIndex { $0.contains { $0.contains(room) } }
    }
}
