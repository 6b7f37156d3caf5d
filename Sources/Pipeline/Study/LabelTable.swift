import Files
import Foundation
import Records
import Storage

/// The labels of a cohort from a CSV: ours or CLAM's (`case_id,slide_id,label` in any order, further columns allowed), ACMIL's,
/// and MHIM's without a header; or a row for each case, as `LabelRows` finds its slides. A table without cases makes every slide a
/// case of its own.
struct LabelTable {
    /// Why a slide of the table is not of the cohort.
    enum Absence {
        /// Its label says that there is none.
        case unlabelled
        /// Its label is no class of `cohort.classes`.
        case otherClass
        /// It has no slide file or no features.
        case noFile
    }

    /// The slides that could be read.
    private(set) var cohort = Cohort(classes: [], slides: [])
    /// The other slides of the table.
    private(set) var absent: [SlideID: Absence] = [:]
    /// Which classes there are, and why in this order.
    private(set) var order = ClassOrder()
    /// Where each slide stands in the table.
    private(set) var lines: [SlideID: Int] = [:]
    /// By case; empty without a site column.
    private(set) var sites: [String: String] = [:]
    private(set) var notes: [String] = []
    private(set) var problems: [Problem] = []
    let file: URL
    private let isPart: Bool

    /// Reads what can be read; all that is wrong is in `problems`.
    /// - Parameters:
    ///   - isPart: of one of several targets, so that a slide may be known to another.
    ///   - slideTable: `cohort.slide_table`.
    ///   - found: the slides that are there, which rows by case are looked up for.
    init(
        _ file: URL,
        config: CohortConfig,
        isPart: Bool = false,
        slideTable: URL? = nil,
        found: () -> [SlideID] = { [] }
    ) {
        (self.file, self.isPart) = (file, isPart)
        let asked = config.asked
        guard asked.count == 1 else {
            let parts = asked.map {
                LabelTable(file, config: $0, isPart: true, slideTable: slideTable, found: found)
            }
            join(parts, config)
            return
        }
        do {
            let columns = try CohortColumns(labels: file, config)
            if let site = config.site { try columns.table.require(columns: [site]) }
            do {
                let rows = try LabelRows(columns, config, file: file, slideTable: slideTable, found: found)
                read(columns, rows, config)
            } catch { problems += Problem.all(of: error, file: slideTable?.path ?? file.path) }
        } catch { problems += Problem.all(of: error, file: file.path) }
    }

    /// The tables of several targets as one: a slide is absent where it is in none of them.
    private mutating func join(_ tables: [LabelTable], _ config: CohortConfig) {
        guard let first = tables.first, let targets = config.targets else { return }
        (order, sites) = (first.order, first.sites)
        var known: [SlideID: (caseID: String, parts: [Target?])] = [:]
        for (place, table) in tables.enumerated() {
            lines.merge(table.lines) { own, _ in own }
            notes += table.notes.filter { !notes.contains($0) }
            for var problem in table.problems where !problems.contains(problem) {
                if problem.file.hasPrefix("cohort.") {
                    problem.file = "cohort.targets[\(place)]\(problem.file.dropFirst(6))"
                }
                problems.append(problem)
            }
            for slide in table.cohort.slides {
                known[slide.slide, default: (slide.caseID, Array(repeating: nil, count: tables.count))].parts[place] =
                    slide.target
            }
        }
        for slide in lines.keys where known[slide] == nil {
            absent[slide] = tables.allSatisfy { $0.absent[slide] == .otherClass } ? .otherClass : .unlabelled
        }
        cohort = Cohort(
            classes: first.cohort.classes,
            slides: known.map { CohortSlide(slide: $0, caseID: $1.caseID, target: .several($1.parts)) },
            targets: zip(targets, tables).map {
                Question(name: $0.name, kind: $0.kind, classes: $1.cohort.classes, weight: $0.weight)
            }
        )
        let unlabelled = slides(.unlabelled) + slides(.otherClass)
        if !unlabelled.isEmpty {
            notes.append(
                "\(unlabelled.count) slide(s) of \(file.lastPathComponent) know none of the targets and are left out: "
                    + unlabelled.map(\.text).shortened
            )
        }
        notes += targets.enumerated().map { place, target in
            let own = cohort.slides.filter { $0.target.part(place) != nil }
            return "target \(target.name): known of \(own.count) of \(cohort.slides.count) slides"
        }
    }

    private mutating func read(_ columns: CohortColumns, _ rows: LabelRows, _ config: CohortConfig) {
        let name = file.lastPathComponent
        if columns.isPositional {
            notes.append(
                "\(name) has no header: its columns are taken as \(columns.table.columns.listed)"
            )
        }
        if !columns.has(.case), config.caseFrom == nil {
            notes.append("\(name) has no case column: every slide is a case of its own")
        }
        notes += rows.notes
        problems += rows.problems
        let labels = LabelReading(columns, rows: rows.rows, config: config, file: file.path)
        guard !labels.isHopeless else { return problems += labels.slips }
        order = labels.order
        var found = ProblemCounter()
        var slides: [CohortSlide] = []
        var taken: [String: Int] = [:]
        for entry in rows.entries {
            func refuse(_ kind: String, _ what: String, _ code: ErrorCode = .table) {
                found.add(Problem(code, entry.file, line: entry.line, what), kind: kind)
            }
            let (name, caseID, row) = (entry.slide, entry.caseID, entry.row)
            let label = labels.text(row)
            if name.isEmpty { refuse("slide", "the slide is empty") }
            if caseID.isEmpty, columns.has(.case) { refuse("case", "the case is empty") }
            // What the config spells out is meant.
            let isMapped = config.labelMap?[label] != nil
            for (role, cell) in [("case", caseID), ("label", isMapped ? "" : label)] where !ShownText.isVisible(cell) {
                refuse("hidden", "the \(role) \(SlideID.shown(cell)) has characters that cannot be seen; write it anew")
            }
            guard !name.isEmpty else { continue }
            let slide: SlideID
            do { slide = try SlideID(name) } catch {
                refuse("unsafe", Failure(error).message, .unsafeID)
                continue
            }
            if let first = taken.updateValue(entry.line, forKey: slide.collisionKey) {
                refuse("twice", "slide '\(slide)' is already on line \(first)")
                continue
            }
            if let site = config.site, let what = take(row[site], of: caseID) { refuse("site", what) }
            lines[slide] = row.line
            switch labels[row] {
            case .unlabelled: absent[slide] = .unlabelled
            case .otherClass: absent[slide] = .otherClass
            case .of(let target): slides.append(CohortSlide(slide: slide, caseID: caseID, target: target))
            case nil: continue
            }
        }
        problems += found.problems + labels.slips
        problems += [labels.problem(slides, isFirst: problems.isEmpty, file: file.path)].compactMap { $0 }
        // Labels that are slips are mended first.
        if labels.slips.isEmpty, let problem = order.problem { problems.append(problem) }
        cohort = Cohort(classes: labels.names, slides: slides)
        if config.unit == .case || config.target == .survival { checkCases(config) }
        note(rows, labels, config)
        noteCases()
    }

    /// Two cases are kept apart in no fold: where they are one after all, a model is tested on what it was trained on.
    private mutating func noteCases() {
        let groups = Dictionary(grouping: cohort.cases.keys) { $0.lowercased() }.values.filter { $0.count > 1 }
        guard !groups.isEmpty else { return }
        let shown = groups.map { $0.sorted().map { "'\($0)'" }.joined(separator: " and ") }.sorted().shortened
        notes.append(
            "cases of \(file.lastPathComponent) differ only in capital letters and are taken for different ones: \(shown); where "
                + "they are one case, write them alike"
        )
    }

    /// - Returns: what is wrong with the site.
    private mutating func take(_ site: String, of caseID: String) -> String? {
        if site.isEmpty { return "the site is empty" }
        guard let other = sites.updateValue(site, forKey: caseID), other != site else { return nil }
        return "case '\(caseID)' is of the sites \(other) and \(site)"
    }

    /// One bag has one label, and a name that files can have. A case lives as long on all its slides.
    private mutating func checkCases(_ config: CohortConfig) {
        for (caseID, slides) in cohort.cases.sorted(by: { $0.key < $1.key }) {
            let inOrder = slides.sorted { (lines[$0.slide] ?? 0) < (lines[$1.slide] ?? 0) }
            guard let first = inOrder.first else { continue }
            if config.target == .labels { checkLabels(caseID, inOrder) }
            for other in inOrder where config.target != .labels && other.target != first.target {
                let names = [first, other].map { $0.target.name(among: cohort.classes) }
                problems.append(
                    Problem(
                        .table,
                        file.path,
                        line: lines[other.slide],
                        "case '\(caseID)' is \(names[1]) here but \(names[0]) on line \(lines[first.slide] ?? 0); "
                            + (config.unit == .case
                                ? "with cohort.unit case all its slides have one label"
                                : "all slides of a case have one time")
                    )
                )
            }
            guard config.unit == .case else { continue }
            do { _ = try SlideID(caseID) } catch {
                problems.append(Problem(.unsafeID, file.path, line: lines[first.slide], Failure(error).message))
            }
        }
    }

    /// A label that one slide of a case knows is the case's; two slides that know it say the same.
    private mutating func checkLabels(_ caseID: String, _ slides: [CohortSlide]) {
        for (place, name) in cohort.classes.enumerated() {
            let known = slides.filter { $0.target.labels?[place] != nil }
            guard let first = known.first, let has = first.target.labels?[place],
                let other = known.first(where: { $0.target.labels?[place] != has })
            else { continue }
            let what =
                "case '\(caseID)' has \(name) \(has ? "no" : "yes") here but \(has ? "yes" : "no") on line "
                + "\(lines[first.slide] ?? 0); with cohort.unit case all its slides have one label"
            problems.append(Problem(.table, file.path, line: lines[other.slide], what))
        }
    }

    /// Leaves labelled slides without a file out of the cohort.
    mutating func leaveOut(_ slides: some Sequence<SlideID>) {
        let gone = Set(slides)
        for slide in gone { absent[slide] = .noFile }
        cohort.slides.removeAll { gone.contains($0.slide) }
    }

    /// The slides that are left out for one reason, in order.
    func slides(_ absence: Absence) -> [SlideID] { absent.filter { $0.value == absence }.keys.sorted() }

    /// Says which rows are left out, and which names in the config occur nowhere.
    private mutating func note(_ rows: LabelRows, _ labelled: LabelReading, _ config: CohortConfig) {
        let name = file.lastPathComponent
        func say(_ absence: Absence, _ what: (String) -> String) {
            let slides = slides(absence)
            guard !slides.isEmpty, !isPart else { return }
            let words = Dictionary(
                grouping: rows.entries.filter { entry in
                    (try? SlideID(entry.slide)).map { absent[$0] == absence } ?? false
                }
            ) { labelled.text($0.row) }
            let labels = words.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
                .map { "'\($0.key)' (\($0.value.count))" }.shortened
            notes.append(
                "\(slides.count) slide(s) of \(name) \(what(labels)) and are left out: \(slides.map(\.text).shortened)"
            )
        }
        say(.unlabelled) { "have no label, \($0)," }
        say(.otherClass) { "have a label that is no class of cohort.classes, \($0)," }
        let cells = Set(rows.rows.map { labelled.text($0) })
        let unused = (config.labelMap ?? [:]).keys.filter { !cells.contains($0) }.sorted()
        if !unused.isEmpty { notes.append("label_map names labels that \(name) does not have: \(unused.shortened)") }
    }
}

extension LabelTable {
    struct Match {
        var renamed: [(from: String, to: SlideID)] = []
        var problems: [Problem] = []
    }

    /// Gives each slide the id of the one that is there, as `SlideNames` finds it, for everything that follows.
    mutating func match(_ names: SlideNames) -> Match {
        var match = Match()
        var ids: [SlideID: SlideID] = [:]
        var taken: [SlideID: Int] = [:]
        for (slide, line) in lines.sorted(by: { $0.value < $1.value }) {
            let id = names.slide(named: slide.text) ?? slide
            if let first = taken[id] {
                let what = "slide '\(slide)' is '\(id)', which is already on line \(first)"
                match.problems.append(Problem(.table, file.path, line: line, what))
                continue
            }
            taken[id] = line
            ids[slide] = id
            if id != slide { match.renamed.append((slide.text, id)) }
        }
        guard !match.renamed.isEmpty else { return match }
        lines = taken
        absent = Dictionary(uniqueKeysWithValues: absent.compactMap { slide, why in ids[slide].map { ($0, why) } })
        cohort.slides = cohort.slides.compactMap { slide in
            ids[slide.slide].map { CohortSlide(slide: $0, caseID: slide.caseID, target: slide.target) }
        }
        .sorted { $0.slide < $1.slide }
        return match
    }
}
