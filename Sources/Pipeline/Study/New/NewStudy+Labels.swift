import Files
import Foundation
import Records

extension NewStudy {
    /// Names the columns that have not their usual names.
    mutating func chooseColumns() throws {
        // A table without a header is read by its places, as a study reads it.
        let isPositional = (try? CohortColumns(wishes.labels, wanted: [.slide, .label]))?.isPositional == true
        let table = try Table(contentsOf: wishes.labels) { cells in
            isPositional ? cells.indices.map { "column \($0 + 1)" } : nil
        }
        guard !isPositional || [wishes.slideColumn, wishes.caseColumn, wishes.labelColumn].allSatisfy({ $0 == nil })
        else {
            throw Failure(
                .usage,
                wishes.labels.path,
                "this table has no line of names; name its columns in a first line"
            )
        }
        let names = SlideNames(try slideIDs())
        if !isPositional, let name = table.columns.first(where: { names.slide(named: $0) != nil }) {
            throw Failure(
                .usage,
                wishes.labels.path,
                "its first line names the slide '\(name)'; give the table a first line of names, such as slide_id,label"
            )
        }
        let given = [
            CohortColumns.Role.slide: wishes.slideColumn, .case: wishes.caseColumn, .label: wishes.labelColumn,
        ]
        .compactMapValues { $0 }
        for role in CohortColumns.Role.allCases {
            guard let column = given[role] else { continue }
            try require(column, of: role, in: table)
            choose(role, column, "given")
        }
        var known = CohortColumns.usual(in: table.columns).merging(given) { $1 }
        hasSplitColumn = known[.split] != nil
        if known[.slide] == nil, !isPositional {
            let column = try slideColumn(of: table, names, taken: Set(known.values))
            known[.slide] = column.name
            choose(.slide, column.name, column.reason)
        }
        if known[.case] == nil, !isPositional, let column = caseColumn(of: table, taken: Set(known.values)) {
            known[.case] = column
            choose(.case, column, "its name sounds like it; slides of one case stay on one side of every split")
        }
        if known[.label] == nil, !isPositional {
            let column = try labelColumn(of: table, taken: Set(known.values))
            choose(.label, column.name, column.reason)
        }
    }

    private mutating func choose(_ role: CohortColumns.Role, _ column: String, _ reason: String) {
        var columns: [String: JSONValue] = [:]
        if case .object(let named) = choices.first(where: { $0.key == "columns" })?.value { columns = named }
        columns["\(role)"] = .string(column)
        let said = choices.first { $0.key == "columns" }.map { "\($0.reason); " } ?? ""
        choose("cohort", "columns", .object(columns), "\(said)\(role): \(reason)")
    }

    private func require(_ column: String, of role: CohortColumns.Role, in table: Table) throws {
        guard !table.columns.contains(column) else { return }
        throw Failure(
            .usage,
            "--\(role)-column",
            "there is no column '\(column)'; the columns are \(table.columns.listed)"
        )
    }

    /// The column in which the most rows name a slide that is there.
    private func slideColumn(of table: Table, _ names: SlideNames, taken: Set<String>) throws -> (
        name: String, reason: String
    ) {
        let counts = table.columns.filter { !taken.contains($0) }.map { column in
            (column, table.rows.count { names.slide(named: $0[column]) != nil })
        }
        guard let best = counts.max(by: { $0.1 < $1.1 }), best.1 > 0 else {
            throw Failure(
                .usage,
                "--slide-column",
                "which column names the slides? none holds names of slides that are there; the columns are "
                    + "\(table.columns.listed)"
            )
        }
        return (best.0, "\(best.1) of \(table.rows.count) rows name a slide that is there")
    }

    private func slideIDs() throws -> [SlideID] {
        if let slides = wishes.slides {
            let list = try slides.pathExtension == "csv" ? SlideList.read(list: slides) : .find(paths: [slides.path])
            return list.entries.map(\.id)
        }
        return try wishes.features.map { try FeatureFolder($0).slides } ?? []
    }

    /// The one column of few different words, of several the one whose name sounds like a label.
    private func labelColumn(of table: Table, taken: Set<String>) throws -> (name: String, reason: String) {
        let few = table.columns.filter { column in
            let words = Set(table.rows.map { LabelWords.key($0[column]) }.filter { !LabelWords.isMissing($0) })
            return !taken.contains(column) && (2...20).contains(words.count) && words.count * 2 <= table.rows.count
        }
        let named = few.filter(Self.soundsLikeLabel)
        if let column = named.count == 1 ? named[0] : nil { return (column, "its name sounds like it") }
        if let column = few.count == 1 ? few[0] : nil { return (column, "no other has few different values") }
        let candidates = few.isEmpty ? table.columns.filter { !taken.contains($0) } : few
        if let column = candidates.count == 1 ? candidates[0] : nil { return (column, "no other column is left") }
        throw Failure(
            .usage,
            "--label-column",
            candidates.isEmpty
                ? "the table has no column of labels"
                : "which column holds the labels? candidates are \(candidates.listed)"
        )
    }

    /// One that sounds like it and has a value for every few slides: a sex or a group of ages is no case.
    private func caseColumn(of table: Table, taken: Set<String>) -> String? {
        table.columns.first { column in
            guard !taken.contains(column), Self.soundsLikeCase(column), !Self.soundsLikeLabel(column) else {
                return false
            }
            let cells = table.rows.map { $0[column] }
            return !cells.contains("") && Set(cells).count * 4 >= cells.count
        }
    }

    private static func soundsLikeCase(_ column: String) -> Bool {
        sounds(column, like: ["patient", "case", "subject", "participant", "donor"])
    }

    private static func soundsLikeLabel(_ column: String) -> Bool {
        sounds(column, like: ["label", "class", "target", "diagnosis", "status", "subtype", "category", "outcome"])
    }

    private static func sounds(_ column: String, like words: [String]) -> Bool {
        let column = column.lowercased()
        return words.contains(where: column.contains)
    }

    /// Classes in label order, and labels that are ways to write one of them.
    mutating func chooseClasses() throws {
        if let positive = wishes.positive {
            choose("cohort", "positive", .string(positive), "given")
        }
        let config = try config().cohort
        let columns = try CohortColumns(labels: wishes.labels, config)
        let cells = columns.table.rows.map { (text: columns[$0, .label], line: $0.line) }
        let spelling = LabelSpelling(cells, config: config, file: wishes.labels.path)
        guard !spelling.isHopeless, spelling.labels.count <= Self.mostClasses else {
            let count = spelling.isHopeless ? "thousands of" : "\(spelling.labels.count)"
            throw Failure(
                .usage,
                "--label-column",
                "\(count) different labels are no classes; the columns are \(columns.table.columns.listed)"
            )
        }
        if !spelling.variants.isEmpty {
            let map = spelling.variants.mapValues { JSONValue.string($0) }
            choose(
                "cohort",
                "label_map",
                .object(map),
                "labels that differ in case, blanks or form alone are taken as one"
            )
        }
        let order = ClassOrder(spelling.labels, config: config)
        guard order.classes.count > 1 else {
            throw Failure(
                .table,
                wishes.labels.path,
                order.classes.isEmpty ? "no row has a label" : "fewer than two classes: \(order.classes.listed)"
            )
        }
        guard order.problem == nil else {
            guard wishes.positive == nil, let first = order.classes.first, let last = order.classes.last else {
                throw Failure(
                    .usage,
                    "--positive",
                    "'\(wishes.positive ?? "")' is none of the labels, which are \(order.classes.listed)"
                )
            }
            throw Failure(
                .usage,
                wishes.labels.path,
                "which class is the positive one? give --positive \(ShellWord.quoted(first)) or --positive \(ShellWord.quoted(last))"
            )
        }
        // The order of the classes says which one is positive.
        choices.removeAll { $0.key == "positive" }
        let reason = (order.text ?? "").replacing("cohort.positive says so", with: "given")
        choose("cohort", "classes", .array(order.classes.map { .string($0) }), reason)
    }

    private static var mostClasses: Int { 20 }
}
