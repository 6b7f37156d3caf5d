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
            case .time: ["time", "os.time", "os_time", "survival_time", "survival_months", "os_months"]
            case .event: ["event", "os", "os_status", "event_observed", "status"]
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
    private let names: [Role: String]

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
        case .class, .ordinal, .number: (given[.label], wanted) = (columns.label, [.slide, .label])
        case .labels: wanted = [.slide]
        case .survival:
            (given[.time], given[.event]) = (columns.time, columns.event)
            wanted = [.slide, .time, .event]
        }
        try self.init(file, given: given.compactMapValues { $0 }, wanted: wanted)
        if config.target == .labels { try table.require(columns: columns.labels ?? []) }
        if config.target == .survival, let name = names[.event], name.lowercased().contains("censor") {
            let what =
                "\(name) tells who is censored; a column that says 1 where the event came is wanted, which is 1 less that"
            throw StorageError.table(path: file.path, problems: [what])
        }
        let usual = CohortConfig().timeUnit
        if config.target == .survival, config.timeUnit == usual, let name = names[.time],
            let unit = ["month", "year"].first(where: name.lowercased().contains)
        {
            let what =
                "\(name) counts \(unit)s by its name and cohort.time_unit is \(usual); give \"time_unit\": \"\(unit)s\""
            throw StorageError.table(path: file.path, problems: [what])
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

    /// The cell of a row; empty where there is no such column.
    subscript(_ row: Table.Row, _ role: Role) -> String { names[role].map { row[$0] } ?? "" }
}
