import Foundation
import Records

/// The labels of a table as they are written: which class each is, which are left out, and which are slips.
struct LabelSpelling {
    /// A row that has a label.
    struct Row {
        var label: Spelling
        var line: Int
    }

    enum Reading {
        case unlabelled
        /// Of a class that `cohort.classes` does not name.
        case otherClass
        case of(String)
    }

    /// The labels that occur, each once, without those that only differ from another in case, blanks or form.
    private(set) var labels: [String] = []
    private(set) var problems: [Problem] = []
    /// Where labels differ in case, blanks or form alone: each rarer way to write it, and the most frequent one.
    private(set) var variants: [String: String] = [:]
    /// Whether the column cannot be one of labels.
    private(set) var isHopeless = false
    private var classes: [Spelling: String] = [:]
    /// What each text of a cell is: few of them stand in many rows, and to see that a label is missing takes a while.
    private var known: [Spelling: String?] = [:]
    private let config: CohortConfig

    /// - Parameters:
    ///   - cells: of the column of labels, each with its line.
    ///   - file: the table's path.
    init(_ cells: [(text: String, line: Int)], config: CohortConfig, file: String) {
        self.config = config
        var rows: [Row] = []
        for cell in cells {
            let text = Spelling(text: cell.text)
            if known.index(forKey: text) == nil {
                known.updateValue(Self.label(cell.text, config), forKey: text)
                guard known.count <= Self.mostLabels else {
                    refuse(cells, file)
                    return
                }
            }
            if let label = known[text] ?? nil { rows.append(Row(label: Spelling(text: label), line: cell.line)) }
        }
        let lines = Dictionary(grouping: rows, by: \.label).mapValues { $0.map(\.line) }
        let found = lines.sorted { ($0.value[0], $0.key.text) < ($1.value[0], $1.key.text) }
        if let given = config.classes {
            compare(found, with: given, file)
        } else {
            join(found, file)
        }
    }

    /// Far more than a cohort has classes, also where most of them are to be left out.
    private static let mostLabels = 10_000

    private mutating func refuse(_ cells: [(text: String, line: Int)], _ file: String) {
        isHopeless = true
        let shown = cells.prefix(3).map { SlideID.shown($0.text) }.joined(separator: ", ")
        let what = "more than \(Throughput.grouped(Self.mostLabels)) different labels, such as \(shown)"
        problems = [
            Problem(.table, file, line: cells.first?.line, "\(what); name the column of labels in cohort.columns.label")
        ]
    }

    func reading(of cell: String) -> Reading {
        guard let label = known[Spelling(text: cell)] ?? nil else { return .unlabelled }
        return classes[Spelling(text: label)].map { .of($0) } ?? .otherClass
    }

    /// - Returns: nil where the cell is a way to write that there is none, which the config does not name as a class.
    private static func label(_ cell: String, _ config: CohortConfig) -> String? {
        let label = config.labelMap?[cell] ?? cell
        let isNamed = config.classes?.contains(label) == true || config.positive == label
        return isNamed || !LabelWords.isMissing(label) ? label : nil
    }

    private typealias Found = [(key: Spelling, value: [Int])]

    private mutating func compare(_ found: Found, with given: [String], _ file: String) {
        labels = given
        for (label, lines) in found {
            if let same = given.first(where: { Spelling(text: $0) == label }) {
                classes[label] = same
            } else if let near = given.first(where: { LabelWords.key($0) == LabelWords.key(label.text) })
                ?? given.first(where: { LabelWords.isOneLetterOff(label.text, $0) })
            {
                problems.append(
                    Problem(
                        .table,
                        file,
                        line: lines[0],
                        "label '\(label.text)' (\(Self.rows(lines))) is nearly the class '\(near)' of cohort.classes; if it is, "
                            + "\(Self.map(label.text, near)) takes it as such, else \(Self.map(label.text, "NA")) leaves it out"
                    )
                )
            }
        }
    }

    /// Labels that are one label are read as the most frequent of them, so that only this is said of them.
    private mutating func join(_ found: Found, _ file: String) {
        let groups = Dictionary(grouping: found) { LabelWords.key($0.key.text) }
        for group in groups.values.sorted(by: { $0[0].value[0] < $1[0].value[0] }) {
            let sorted = group.sorted { ($1.value.count, $0.value[0]) < ($0.value.count, $1.value[0]) }
            let label = sorted[0].key.text
            labels.append(label)
            for (other, _) in sorted { classes[other] = label }
            guard sorted.count > 1 else { continue }
            for (other, _) in sorted.dropFirst() { variants[other.text] = label }
            let ways = sorted.map { "'\($0.key.text)' (\(Self.rows($0.value)))" }.joined(separator: ", ")
            let map = sorted.dropFirst().map { Self.pair($0.key.text, label) }.joined(separator: ", ")
            problems.append(
                Problem(
                    .table,
                    file,
                    line: sorted[1].value[0],
                    "labels that differ only in \(Self.difference(sorted.map(\.key.text))): \(ways); write them alike, or give "
                        + "\"label_map\": {\(map)} if they are one class"
                )
            )
        }
    }

    private static func difference(_ labels: [String]) -> String {
        func areOne(_ form: (String) -> String) -> Bool { Set(labels.map(form).map { Spelling(text: $0) }).count == 1 }
        if areOne({ $0.lowercased() }) { return "case" }
        if areOne({ $0.filter { !$0.isWhitespace } }) { return "blanks" }
        if areOne(\.precomposedStringWithCanonicalMapping) { return "the Unicode form of their accents" }
        return labels.allSatisfy { Double($0) != nil }
            ? "how a number is written" : "case, blanks or the form of characters"
    }

    private static func rows(_ lines: [Int]) -> String {
        "\(lines.count) row\(lines.count == 1 ? "" : "s"), the first on line \(lines[0])"
    }

    private static func map(_ label: String, _ target: String) -> String { "\"label_map\": {\(pair(label, target))}" }

    private static func pair(_ label: String, _ target: String) -> String {
        "\(ClassOrder.json(label)): \(ClassOrder.json(target))"
    }
}
