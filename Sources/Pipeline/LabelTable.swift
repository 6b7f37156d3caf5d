import Foundation
import Records
import Storage

/// The labels of a cohort from a CSV: ours or CLAM's (`case_id,slide_id,label` in any order, further columns allowed), ACMIL's,
/// and MHIM's without a header. A table without cases makes every slide a case of its own.
struct LabelTable {
    /// The slides that could be read.
    private(set) var cohort = Cohort(classes: [], slides: [])
    /// Where each slide stands in the table.
    private(set) var lines: [SlideID: Int] = [:]
    /// By case; empty without a site column.
    private(set) var sites: [String: String] = [:]
    private(set) var notes: [String] = []
    private(set) var problems: [Problem] = []
    let file: URL

    /// Reads what can be read; all that is wrong is in `problems`.
    init(_ file: URL, config: CohortConfig) {
        self.file = file
        do {
            let given: [CohortColumns.Role: String?] = [
                .slide: config.columns.slide, .case: config.columns.case, .label: config.columns.label,
            ]
            let columns = try CohortColumns(file, given: given.compactMapValues { $0 }, wanted: [.slide, .label])
            if let site = config.site { try columns.table.require(columns: [site]) }
            read(columns, config)
        } catch { problems += Problem.all(of: error, file: file.path) }
    }

    private mutating func read(_ columns: CohortColumns, _ config: CohortConfig) {
        let name = file.lastPathComponent
        if columns.isPositional {
            notes.append(
                "\(name) has no header: its columns are taken as \(columns.table.columns.joined(separator: ", "))"
            )
        }
        if !columns.has(.case) { notes.append("\(name) has no case column: every slide is a case of its own") }
        func label(_ row: Table.Row) -> String {
            let text = columns[row, .label]
            return config.labelMap?[text] ?? text
        }
        let found = Set(columns.table.rows.map(label).filter { !$0.isEmpty })
        let classes = config.classes ?? Self.sorted(found)
        var slides: [CohortSlide] = []
        var taken: [String: Int] = [:]
        for row in columns.table.rows {
            func refuse(_ what: String, _ code: ErrorCode = .table) {
                problems.append(Problem(code, file.path, line: row.line, what))
            }
            let caseID = columns.has(.case) ? columns[row, .case] : columns[row, .slide]
            for (role, cell) in [("slide", columns[row, .slide]), ("case", caseID), ("label", label(row))]
            where cell.isEmpty && (role != "case" || columns.has(.case)) {
                refuse("the \(role) is empty")
            }
            guard !columns[row, .slide].isEmpty else { continue }
            let slide: SlideID
            do { slide = try SlideID(columns[row, .slide]) } catch {
                refuse(Failure(error).message, .unsafeID)
                continue
            }
            if let first = taken.updateValue(row.line, forKey: slide.collisionKey) {
                refuse("slide '\(slide)' is already on line \(first)")
                continue
            }
            if let site = config.site, let what = take(row[site], of: caseID) { refuse(what) }
            guard let index = classes.firstIndex(of: label(row)) else {
                if !label(row).isEmpty { refuse("label '\(label(row))' is none of \(classes.joined(separator: ", "))") }
                continue
            }
            lines[slide] = row.line
            slides.append(CohortSlide(slide: slide, caseID: caseID, label: index))
        }
        if classes.count < 2 {
            problems.append(
                Problem(.table, file.path, "fewer than two classes: \(classes.joined(separator: ", "))")
            )
        }
        cohort = Cohort(classes: classes, slides: slides)
        if config.unit == .case { checkCases() }
    }

    /// - Returns: what is wrong with the site.
    private mutating func take(_ site: String, of caseID: String) -> String? {
        if site.isEmpty { return "the site is empty" }
        guard let other = sites.updateValue(site, forKey: caseID), other != site else { return nil }
        return "case '\(caseID)' is of the sites \(other) and \(site)"
    }

    /// One bag has one label, and a name that files can have.
    private mutating func checkCases() {
        for (caseID, slides) in cohort.cases.sorted(by: { $0.key < $1.key }) {
            let inOrder = slides.sorted { (lines[$0.slide] ?? 0) < (lines[$1.slide] ?? 0) }
            guard let first = inOrder.first else { continue }
            for other in inOrder where other.label != first.label {
                let (one, two) = (cohort.classes[first.label], cohort.classes[other.label])
                problems.append(
                    Problem(
                        .table,
                        file.path,
                        line: lines[other.slide],
                        "case '\(caseID)' is \(two) here but \(one) on line \(lines[first.slide] ?? 0); "
                            + "with cohort.unit case all its slides have one label"
                    )
                )
            }
            do { _ = try SlideID(caseID) } catch {
                problems.append(Problem(.unsafeID, file.path, line: lines[first.slide], Failure(error).message))
            }
        }
    }

    private static func sorted(_ labels: Set<String>) -> [String] {
        let numbers = labels.compactMap { label in Double(label).map { (label: label, value: $0) } }
        // Numbers beside words have no order of their own; equal numbers written differently go by their text.
        guard numbers.count == labels.count, numbers.allSatisfy(\.value.isFinite) else { return labels.sorted() }
        return numbers.sorted { ($0.value, $0.label) < ($1.value, $1.label) }.map(\.label)
    }
}

extension LabelTable {
    struct Match {
        /// Rows whose slide is not among those that are there.
        var unknown: [NamedRow] = []
        var renamed: [(from: String, to: SlideID)] = []
        var problems: [Problem] = []
    }

    /// Gives each slide the id of the one that is there, as `SlideNames` finds it, for everything that follows.
    mutating func match(_ names: SlideNames) -> Match {
        var match = Match()
        var ids: [SlideID: SlideID] = [:]
        for slide in cohort.slides.map(\.slide) {
            if let known = names.slide(named: slide.text) {
                ids[slide] = known
            } else {
                match.unknown.append(NamedRow(name: slide.text, line: lines[slide]))
            }
        }
        match.unknown.sort { ($0.line ?? 0) < ($1.line ?? 0) }
        var taken: [SlideID: Int] = [:]
        var slides: [CohortSlide] = []
        let inOrder = cohort.slides.sorted { (lines[$0.slide] ?? 0) < (lines[$1.slide] ?? 0) }
        for slide in inOrder {
            let id = ids[slide.slide] ?? slide.slide
            let line = lines[slide.slide]
            if let line, let first = taken.updateValue(line, forKey: id) {
                match.problems.append(
                    Problem(
                        .table,
                        file.path,
                        line: line,
                        "slide '\(slide.slide)' is '\(id)', which is already on line \(first)"
                    )
                )
                continue
            }
            if id != slide.slide { match.renamed.append((slide.slide.text, id)) }
            slides.append(CohortSlide(slide: id, caseID: slide.caseID, label: slide.label))
        }
        guard !match.renamed.isEmpty else { return match }
        lines = taken
        cohort = Cohort(classes: cohort.classes, slides: slides, unit: cohort.unit)
        return match
    }
}
