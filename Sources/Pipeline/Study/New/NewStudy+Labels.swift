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
        guard
            !isPositional
                || [wishes.slideColumn, wishes.caseColumn, wishes.labelColumns.first].allSatisfy({ $0 == nil })
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
            CohortColumns.Role.slide: wishes.slideColumn, .case: wishes.caseColumn, .time: wishes.timeColumn,
            .event: wishes.eventColumn, .label: wishes.labelColumns.count == 1 ? wishes.labelColumns[0] : nil,
        ]
        .compactMapValues { $0 }
        for role in CohortColumns.Role.allCases {
            guard let column = given[role], wishes.target != .labels || role != .label else { continue }
            if !(role == .slide && wishes.slideTable != nil) { try require(column, of: role, in: table) }
            choose(role, column, "given")
        }
        var known = CohortColumns.usual(in: table.columns).merging(given) { $1 }
        hasSplitColumn = known[.split] != nil
        foldColumns = isPositional ? [] : SplitFiles.foldColumns(table.columns)
        try chooseTarget(&known, table, isPositional)
        // Of other questions these are columns like any other.
        if target != .survival { (known[.time], known[.event]) = (nil, nil) }
        if !isPositional { try chooseSlides(table, names, &known) }
        if known[.case] == nil, !isPositional, !hasCaseSource,
            let column = caseColumn(of: table, taken: Set(known.values).union(foldColumns))
        {
            known[.case] = column
            choose(.case, column, "its name sounds like it; slides of one case stay on one side of every split")
        }
        if !isPositional { try chooseAsked(table, known) }
    }

    /// Which column names the slides, or what else tells them.
    private mutating func chooseSlides(
        _ table: Table,
        _ names: SlideNames,
        _ known: inout [CohortColumns.Role: String]
    ) throws {
        if let url = wishes.slideTable {
            choose("cohort", "slide_table", .string(path(url)), "given; the labels have a row for each case")
            known[.slide] = nil
            return
        }
        let barcodes = names.slides.count { TCGABarcode.isLonger($0.text) }
        let isTCGA = barcodes > 0 && barcodes == names.slides.count
        func fromNames() {
            guard isTCGA, known[.case] == nil else { return }
            choose("cohort", "case_from", .string("tcga"), "every id of a slide begins with its patient's barcode")
        }
        let isOfPatients =
            isTCGA && wishes.slideColumn == nil
            && !table.rows.contains { row in known[.slide].map { TCGABarcode.isLonger(row[$0]) } ?? false }
            && table.columns.contains { column in table.rows.contains { TCGABarcode.patient($0[column]) != nil } }
        if known[.slide] != nil, !isOfPatients { return fromNames() }
        do {
            let column = try slideColumn(of: table, names, taken: Set(known.values))
            known[.slide] = column.name
            choose(.slide, column.name, column.reason)
            fromNames()
        } catch {
            guard isOfPatients else { throw error }
            known[.slide] = nil
            let reason = "the labels have a row for each patient, whose barcode the slides' ids begin with"
            choose("cohort", "case_from", .string("tcga"), reason)
        }
    }

    mutating func choose(_ role: CohortColumns.Role, _ column: String, _ reason: String) {
        choose(column: "\(role)", .string(column), reason)
    }

    mutating func choose(column key: String, _ value: JSONValue, _ reason: String) {
        var columns: [String: JSONValue] = [:]
        if case .object(let named) = choices.first(where: { $0.key == "columns" })?.value { columns = named }
        columns[key] = value
        let said = choices.first { $0.key == "columns" }.map { "\($0.reason); " } ?? ""
        choose("cohort", "columns", .object(columns), "\(said)\(key): \(reason)")
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
    func labelColumn(of table: Table, taken: Set<String>) throws -> (name: String, reason: String) {
        // Who is censored is half of a survival time, and no class.
        if let column = table.columns.first(where: { $0.lowercased().contains("censor") && !taken.contains($0) }),
            !table.columns.contains(where: { !taken.contains($0) && Self.soundsLikeLabel($0) })
        {
            throw Failure(
                .usage,
                "--label-column",
                "\(column) tells whose time is censored, which is no class; for survival give --target survival and a column that "
                    + "says 1 where the event came (--event-column), for another target the name of its column"
            )
        }
        let few = fewValued(table, taken: taken)
        let named = few.filter(Self.soundsLikeLabel)
        if let column = named.count == 1 ? named[0] : nil { return (column, "its name sounds like it") }
        if let column = few.count == 1 ? few[0] : nil, !Self.isOrigin(column) {
            return (column, "no other has few different values")
        }
        let candidates = few.isEmpty ? table.columns.filter { !taken.contains($0) } : few
        if let column = candidates.count == 1 ? candidates[0] : nil, !Self.isCovariate(column), !Self.isOrigin(column) {
            return (column, "no other column is left")
        }
        let yes = yesColumns(table, taken: taken).filter { candidates.contains($0) && !Self.isOrigin($0) }
        let all = yes.count > 1 ? "; --target labels --label-column \(Self.flagWord(yes)) asks for several at once" : ""
        throw Failure(
            .usage,
            "--label-column",
            candidates.isEmpty
                ? "the table has no column of labels"
                : "which column holds the labels? candidates are \(candidates.listed)\(all)"
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

    static func soundsLikeLabel(_ column: String) -> Bool {
        sounds(column, like: ["label", "class", "target", "diagnosis", "status", "subtype", "category", "outcome"])
    }

    private static func sounds(_ column: String, like words: [String]) -> Bool {
        let column = column.lowercased()
        return words.contains(where: column.contains)
    }

    /// Classes in label order, and labels that are ways to write one of them.
    mutating func chooseClasses() throws {
        guard target == .class || target == .ordinal else { return }
        if let positive = wishes.positive {
            choose("cohort", "positive", .string(positive), "given")
        }
        let config = try config().cohort
        let columns = try CohortColumns(labels: wishes.labels, config)
        let rows = try LabelRows(columns, config, file: wishes.labels, slideTable: wishes.slideTable) {
            (try? slideIDs()) ?? []
        }
        let cells = rows.rows.map { (text: columns[$0, .label], line: $0.line) }
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
        var reason = (order.text ?? "").replacing("cohort.positive says so", with: "given")
        if wishes.target == nil, LabelWords.areGrades(order.classes) {
            reason += "; they look like grades, whose order --target ordinal keeps"
        }
        choose("cohort", "classes", .array(order.classes.map { .string($0) }), reason)
        if target == .ordinal {
            choose("cohort", "target", .string(target.rawValue), "given; check the order of the classes")
        }
    }

    private static var mostClasses: Int { 20 }
}
