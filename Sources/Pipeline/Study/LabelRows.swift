import Files
import Foundation
import Records
import Storage

/// Which slides the rows of a table of labels are of: one each, or all slides of the case that a row is of. Which case a slide is
/// of tells a column, a table of slides, or the slide's own name.
struct LabelRows {
    struct Entry {
        /// As it is written.
        var slide: String
        var caseID: String
        /// Of the labels.
        var row: Table.Row
        /// Where the slide is named.
        var file: String
        var line: Int
    }

    private(set) var entries: [Entry] = []
    private(set) var notes: [String] = []
    private(set) var problems: [Problem] = []

    /// The rows that have a slide, each once, in the table's order.
    private(set) var rows: [Table.Row] = []

    /// - Parameters:
    ///   - slideTable: of slides and their cases.
    ///   - found: the slides that are there, which rows by case are looked up for where no table names slides.
    /// - Throws: `StorageError` for a table of slides that cannot be read.
    init(
        _ columns: CohortColumns,
        _ config: CohortConfig,
        file: URL,
        slideTable: URL?,
        found: () -> [SlideID]
    ) throws {
        let name = file.lastPathComponent
        if let slideTable {
            let slides = try CohortColumns(slides: slideTable, config)
            let named = slides.table.rows.map { row in
                (Self.slide(ofFile: slides[row, .slide]), slides[row, .case], row.line)
            }
            join(named, to: columns, file, source: slideTable, slideTable.lastPathComponent)
        } else if config.caseFrom != nil, columns.isByCase {
            // Slides have no lines; they are in order of their names.
            let slides = found().sorted()
            join(
                slides.compactMap { slide in TCGABarcode.patient(slide.text).map { (slide.text, $0, 0) } },
                to: columns,
                file,
                source: nil,
                "the slides"
            )
            note(
                slides.map(\.text).filter { TCGABarcode.patient($0) == nil },
                "name(s) of slides begin with no barcode of TCGA and"
            )
        } else {
            let isTCGA = config.caseFrom != nil
            var strangers: [String] = []
            for row in columns.table.rows {
                let slide = columns[row, .slide]
                var caseID = columns.has(.case) ? columns[row, .case] : slide
                if isTCGA, !slide.isEmpty {
                    guard let patient = TCGABarcode.patient(slide) else {
                        strangers.append(slide)
                        continue
                    }
                    caseID = patient
                }
                entries.append(Entry(slide: slide, caseID: caseID, row: row, file: file.path, line: row.line))
                rows.append(row)
            }
            note(strangers, "name(s) of slides in \(name) begin with no barcode of TCGA and")
        }
    }

    /// A file's name is its slide's, without its folders and the ending of features.
    static func slide(ofFile name: String) -> String {
        let last = name.split(whereSeparator: { "/\\".contains($0) }).last.map(String.init) ?? ""
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex,
            FeatureFolder.extensions.contains(last[last.index(after: dot)...].lowercased())
        else { return last }
        return String(last[..<dot])
    }

    private mutating func note(_ names: [String], _ what: String) {
        guard !names.isEmpty else { return }
        notes.append("\(names.count) \(what) are left out: \(names.shortened)")
    }

    /// - Parameters:
    ///   - named: slides with their cases, and where they are named.
    ///   - source: nil where no table names the slides.
    private mutating func join(
        _ named: [(slide: String, caseID: String, line: Int)],
        to columns: CohortColumns,
        _ file: URL,
        source: URL?,
        _ sourceName: String
    ) {
        let name = file.lastPathComponent
        var slides: [String: [(slide: String, line: Int)]] = [:]
        for (slide, caseID, line) in named {
            guard !slide.isEmpty, !caseID.isEmpty else {
                let what = slide.isEmpty ? "the slide is empty" : "the case is empty"
                problems.append(Problem(.table, source?.path ?? file.path, line: line, what))
                continue
            }
            slides[caseID, default: []].append((slide, line))
        }
        var taken: [String: Table.Row] = [:]
        var without: [String] = []
        var found = ProblemCounter()
        for row in columns.table.rows {
            let cell = columns[row, .case]
            let caseID = source == nil ? TCGABarcode.patient(cell) ?? cell : cell
            guard !caseID.isEmpty else {
                found.add(Problem(.table, file.path, line: row.line, "the case is empty"), kind: "empty")
                continue
            }
            if let first = taken[caseID] {
                // Tables of samples or treatments repeat what they say of a patient.
                guard columns.asked(row) != columns.asked(first) else { continue }
                let what =
                    "case '\(caseID)' is \(columns.asked(row)) here but \(columns.asked(first)) on line \(first.line); "
                    + "one row for each case is wanted"
                found.add(Problem(.table, file.path, line: row.line, what), kind: "twice")
                continue
            }
            taken[caseID] = row
            guard let own = slides.removeValue(forKey: caseID) else {
                without.append(caseID)
                continue
            }
            rows.append(row)
            for (slide, line) in own {
                entries.append(
                    Entry(
                        slide: slide,
                        caseID: caseID,
                        row: row,
                        file: source?.path ?? file.path,
                        line: source == nil ? row.line : line
                    )
                )
            }
        }
        problems += found.problems
        note(without, "case(s) of \(name) have no slide in \(sourceName) and")
        if source != nil { note(slides.keys.sorted(), "case(s) of \(sourceName) have no row in \(name) and") }
    }
}
