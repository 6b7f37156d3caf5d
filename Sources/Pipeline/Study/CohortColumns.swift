import Files
import Foundation
import Records
import Storage

/// Which columns of a table hold a slide's id, case, label, split and site. Names are found without regard to case.
///
/// Tables of MHIM have no header: two columns are a slide and its label, three or four end with the split. A first line is
/// taken for a header only where it has a known name, so that no slide is lost to a guess.
struct CohortColumns {
    enum Role: CaseIterable {
        case slide, `case`, label, split, time, event

        fileprivate var usualNames: [String] {
            switch self {
            case .slide: ["slide_id", "id", "slide", "wsi"]
            case .case: ["case_id", "case", "patient_id", "patient"]
            case .label: ["label"]
            case .split: ["split", "split_info"]
            case .time: ["time", "os.time", "os_time", "os_days", "survival_time", "survival_months", "os_months"]
            case .event: ["event", "os_event", "os", "os_status", "event_observed", "status"]
            }
        }
    }

    /// Words of a split column, in lower case.
    enum Side: String, CaseIterable {
        case train, validation, test

        init?(word: String) {
            switch word.lowercased() {
            case "train", "training": self = .train
            case "val", "valid", "validation": self = .validation
            case "test", "testing": self = .test
            default: return nil
            }
        }
    }

    let table: Table
    /// Whether the columns are known by their place alone.
    private(set) var isPositional = false
    /// Whether a row is of a case, of which other tables or names tell the slides.
    private(set) var isByCase = false
    /// Columns of what is asked, of a table of labels.
    private var asked: [String] = []
    private var names: [Role: String]

    /// - Parameters:
    ///   - given: names that a config gives, which must then be there.
    ///   - known: names that count as usual ones here.
    ///   - wanted: the columns that must be there.
    /// - Throws: `StorageError` for a file that is no table, or one without a wanted column.
    init(_ file: URL, given: [Role: String] = [:], known: [Role: String] = [:], wanted: [Role]) throws {
        var isPositional = false
        table = try Table(contentsOf: file) { cells in
            let usual = Role.allCases.flatMap(\.usualNames)
            let named = Set(given.values).union(known.values)
            if cells.contains(where: { usual.contains($0.lowercased()) || named.contains($0) }) { return nil }
            isPositional = true
            return try Self.names(ofPlaces: cells, wanted: wanted, path: file.path)
        }
        self.isPositional = isPositional
        var names: [Role: String] = [:]
        let columns = table.columns
        let usual = Self.usual(in: columns)
        for role in Role.allCases {
            let named = known[role].flatMap { columns.contains($0) ? $0 : nil } ?? usual[role]
            names[role] = given[role].map { columns.contains($0) ? $0 : nil } ?? named
        }
        let missing = Role.allCases.filter { names[$0] == nil && (wanted.contains($0) || given[$0] != nil) }
        self.names = names
        try table.require(columns: missing.map { given[$0] ?? $0.usualNames[0] })
    }

    /// Of a table of labels.
    /// - Throws: as the other.
    init(labels file: URL, _ config: CohortConfig) throws {
        let columns = config.columns
        var given: [Role: String?] = [.slide: columns.slide, .case: columns.case]
        let wanted: [Role]
        switch config.target {
        case .class, .ordinal, .number: (given[.label], wanted) = (columns.label, [.label])
        case .labels: wanted = []
        case .survival:
            (given[.time], given[.event]) = (columns.time, columns.event)
            wanted = [.time, .event]
        }
        let caseColumn = try Self.caseColumn(of: file, config)
        let isByCase = caseColumn != nil || config.slideTable != nil
        // With a table of slides it is that which names them.
        if isByCase { given[.slide] = nil }
        if let caseColumn { given[.case] = caseColumn }
        try self.init(
            file,
            given: given.compactMapValues { $0 },
            wanted: (isByCase ? [.case] : [.slide]) + wanted
        )
        self.isByCase = isByCase
        if isByCase { names[.slide] = nil }
        if config.target == .labels { try table.require(columns: columns.labels ?? []) }
        asked = wanted.compactMap { names[$0] } + (columns.labels ?? [])
        if config.target == .survival { try checkSurvival(config) }
    }

    /// Of a table of slides and their cases.
    /// - Throws: as the other.
    init(slides file: URL, _ config: CohortConfig) throws {
        let given: [Role: String?] = [.slide: config.columns.slide, .case: config.columns.case]
        let known = try Table(contentsOf: file).columns.first {
            ["filename", "file_name", "file"].contains($0.lowercased())
        }
        try self.init(
            file,
            given: given.compactMapValues { $0 },
            known: known.map { [.slide: $0] } ?? [:],
            wanted: [.slide, .case]
        )
    }

    /// Where cases follow from the names of slides and no column has such names: the column with the patients' barcodes.
    /// - Returns: nil where the rows are of slides.
    /// - Throws: `StorageError` where there is no such column.
    private static func caseColumn(of file: URL, _ config: CohortConfig) throws -> String? {
        guard config.caseFrom != nil, config.columns.slide == nil else { return nil }
        let table = try Table(contentsOf: file)
        if let slides = usual(in: table.columns)[.slide],
            table.rows.contains(where: { TCGABarcode.isLonger($0[slides]) })
        {
            return nil
        }
        if let given = config.columns.case { return given }
        let counts = table.columns.map { column in
            (column, table.rows.count { TCGABarcode.patient($0[column]) != nil })
        }
        // Of equal ones the first.
        guard let best = counts.max(by: { $0.1 < $1.1 })?.1, best > 0, let found = counts.first(where: { $0.1 == best })
        else {
            let what = "no column has barcodes of TCGA, such as TCGA-A6-2671; the columns are \(table.columns.listed)"
            throw StorageError.table(path: file.path, problems: [what])
        }
        return found.0
    }

    private func checkSurvival(_ config: CohortConfig) throws {
        func refuse(_ what: String) -> StorageError { .table(path: table.path, problems: [what]) }
        if let name = names[.event], name.lowercased().contains("censor") {
            throw refuse(
                "\(name) tells who is censored; a column that says 1 where the event came is wanted, which is 1 less that"
            )
        }
        let usual = CohortConfig().timeUnit
        if config.timeUnit == usual, let name = names[.time],
            let unit = ["month", "year"].first(where: name.lowercased().contains)
        {
            throw refuse(
                "\(name) counts \(unit)s by its name and cohort.time_unit is \(usual); give \"time_unit\": \"\(unit)s\""
            )
        }
    }

    private static func names(ofPlaces cells: [String], wanted: [Role], path: String) throws -> [String] {
        let endsWithSide = cells.last.flatMap(Side.init(word:)) != nil
        switch (cells.count, endsWithSide) {
        case (2, true) where wanted.contains(.split): return ["slide_id", "split"]
        case (2, _) where wanted.contains(.label): return ["slide_id", "label"]
        case (3, true): return ["slide_id", "label", "split"]
        case (4, true): return ["case_id", "slide_id", "label", "split"]
        default:
            throw StorageError.table(
                path: path,
                problems: [
                    "line 1: no known column in \(cells.listed); name the columns in a first line as "
                        + "slide_id, case_id, label, or in cohort.columns"
                ]
            )
        }
    }

    /// Columns that have a usual name.
    static func usual(in columns: [String]) -> [Role: String] {
        let found = Role.allCases.compactMap { role in
            role.usualNames.lazy.compactMap { name in columns.first { $0.lowercased() == name } }.first.map {
                (role, $0)
            }
        }
        return Dictionary(uniqueKeysWithValues: found)
    }

    func has(_ role: Role) -> Bool { names[role] != nil }

    func name(_ role: Role) -> String? { names[role] }

    /// What a row of a table of labels says.
    func asked(_ row: Table.Row) -> String { asked.map { row[$0] }.joined(separator: " ") }

    /// The cell of a row; empty where there is no such column.
    subscript(_ row: Table.Row, _ role: Role) -> String { names[role].map { row[$0] } ?? "" }
}
