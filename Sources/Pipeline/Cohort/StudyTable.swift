import Config
import Files
import Foundation
import Records
import Storage

/// The columns of a study's tables beside those that say slide, case, label and split: site, scanner, date, anything.
struct StudyTable {
    /// Cells of each slide, by column; in the tables' order.
    private(set) var columns: [(name: String, cells: [String])] = []

    /// - Parameters:
    ///   - slides: of the cohort.
    ///   - wanted: names of columns; empty: all.
    /// - Throws: `StorageError` for a table that cannot be read, or one without a wanted column.
    init(_ reading: StudyReading, slides: [SlideID], wanted: [String]) throws {
        let asked = reading.config.cohort.asked
        var (roles, labelColumns): (Set<String>, Set<String>) = ([], [])
        for config in asked {
            let columns = try CohortColumns(labels: reading.labels.file, config)
            roles.formUnion(CohortColumns.Role.allCases.compactMap { columns.name($0) })
            let told: [CohortColumns.Role] = [.label, .time, .event]
            labelColumns.formUnion(told.compactMap { columns.name($0) })
            labelColumns.formUnion(config.columns.labels ?? [])
        }
        roles.formUnion(labelColumns)
        guard let first = asked.first else { return }
        let labels = try CohortColumns(labels: reading.labels.file, first)
        roles.formUnion(SplitFiles.foldColumns(labels.table.columns))
        let rows = Dictionary(labels.table.rows.map { ($0.line, $0) }, uniquingKeysWith: { first, _ in first })
        add(labels.table.columns.filter { !roles.contains($0) }) { column in
            slides.map { slide in reading.labels.lines[slide].flatMap { rows[$0] }.map { $0[column] } ?? "" }
        }
        try addSlideTable(reading, slides)
        let missing = wanted.filter { name in !columns.contains { $0.name == name } }
        guard missing.isEmpty else {
            let others = missing.filter { !labelColumns.contains($0) }
            let there = columns.map(\.name).listed
            let found = there.isEmpty ? "the table has no further columns" : "found \(there)"
            var problems = missing.filter(labelColumns.contains).map { name in
                "column \(name) is the label itself, which other columns are held against; \(found)"
            }
            if !others.isEmpty {
                let names = others.joined(separator: ", ")
                problems.append("there is no column \(names) to look at beside slide, case and label; \(found)")
            }
            throw StorageError.table(path: reading.labels.file.path, problems: problems)
        }
        if !wanted.isEmpty { columns = wanted.compactMap { name in columns.first { $0.name == name } } }
    }

    private mutating func add(_ names: [String], _ cells: (String) -> [String]) {
        // All are kept to be named in a message.
        for name in names where !columns.contains(where: { $0.name == name }) { columns.append((name, cells(name))) }
    }

    /// `cohort.slide_table`, whose rows are of slides.
    private mutating func addSlideTable(_ reading: StudyReading, _ slides: [SlideID]) throws {
        guard let text = reading.config.cohort.slideTable else { return }
        let table = try CohortColumns(slides: StudyReading.path(text, in: reading.folder), reading.config.cohort)
        let names = SlideNames(slides)
        var rows: [SlideID: Table.Row] = [:]
        for row in table.table.rows {
            guard let slide = names.slide(named: LabelRows.slide(ofFile: table[row, .slide])) else { continue }
            rows[slide] = rows[slide] ?? row
        }
        let roles = Set(CohortColumns.Role.allCases.compactMap { table.name($0) })
        add(table.table.columns.filter { !roles.contains($0) }) { column in
            slides.map { rows[$0]?[column] ?? "" }
        }
    }
}
