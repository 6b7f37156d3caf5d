import Files
import Foundation
import Records

/// What is asked, and of which columns.
extension NewStudy {
    /// Whether the cases follow from something else than a column of the labels.
    var hasCaseSource: Bool { choices.contains { $0.section == "cohort" && $0.key == "case_from" } }

    /// What is wished; else survival where times and events stand together, by their usual names or by others that say so, and no column
    /// is a label's.
    mutating func chooseTarget(
        _ known: inout [CohortColumns.Role: String],
        _ table: Table,
        _ isPositional: Bool
    ) throws {
        let isOpen = wishes.target == nil && wishes.positive == nil && known[.label] == nil
        let mayAsk = wishes.target == .survival || isOpen
        if mayAsk, !isPositional, known[.time] == nil || known[.event] == nil {
            let pair = Self.survivalPair(table, known)
            let others = table.columns.filter { $0 != pair?.time && $0 != pair?.event }
            let isAlone = wishes.target == .survival || !others.contains(where: Self.soundsLikeLabel)
            if known[.time] == nil, pair == nil || SplitTimes(table)?.event == pair?.event {
                try checkTimes(table, Set(known.values))
            }
            if let pair, isAlone {
                choose(.time, pair.time, "its name and numbers say so")
                choose(.event, pair.event, "its name and words say so")
                (known[.time], known[.event]) = (pair.time, pair.event)
            }
        }
        let isSurvival = known[.time] != nil && known[.event] != nil && known[.label] == nil && !isPositional
        target = wishes.target ?? (isSurvival && wishes.positive == nil ? .survival : .class)
        // The order of classes is wanted beside ordinal.
        guard target != .class, target != .ordinal else { return }
        let reason =
            wishes.target == nil
            ? "there are times and events (\(known[.time] ?? ""), \(known[.event] ?? "")) and no label; --target asks something else"
            : "given"
        choose("cohort", "target", .string(target.rawValue), reason)
    }

    /// The columns of what is asked, where they have not their usual names.
    mutating func chooseAsked(_ table: Table, _ known: [CohortColumns.Role: String]) throws {
        let taken = Set(known.values).union(foldColumns)
        switch target {
        case .class, .ordinal:
            guard !takesNumbers(table, known, taken: taken) else { return }
            if let label = known[.label] { return try checkPercents(label, table) }
            let column = try labelColumn(of: table, taken: taken)
            try checkPercents(column.name, table)
            choose(.label, column.name, column.reason)
        case .number:
            if let label = known[.label] { return try checkPercents(label, table) }
            let numbers = table.columns.filter { column in
                let cells = table.rows.map { $0[column] }.filter { !LabelWords.isMissing($0) }
                let read = CellText.Numbers(cells)
                return !taken.contains(column) && Set(cells).count > 2 && cells.allSatisfy { read.number($0) != nil }
            }
            guard numbers.count == 1 else {
                if numbers.isEmpty { for column in table.columns { try checkPercents(column, table) } }
                throw asking("--label-column", "which column holds the numbers?", numbers, table)
            }
            choose(.label, numbers[0], "no other has numbers")
        case .labels:
            guard !wishes.labelColumns.isEmpty else {
                let yes = yesColumns(table, taken: taken)
                let form = yes.isEmpty ? "COLUMN,COLUMN" : Self.flagWord(yes)
                let question = "which columns hold the labels? name each, as --label-column \(form);"
                throw asking("--label-column", question, yes, table)
            }
            try table.require(columns: wishes.labelColumns)
            choose(column: "labels", .array(wishes.labelColumns.map { .string($0) }), "given")
        case .survival:
            try checkSurvival(table, known)
            let name = known[.time]?.lowercased() ?? ""
            if let unit = ["month", "year"].first(where: name.contains) {
                choose("cohort", "time_unit", .string("\(unit)s"), "the name of the column of times says so")
            }
        }
    }

    /// Columns that say yes or no of every slide, and both.
    func yesColumns(_ table: Table, taken: Set<String>) -> [String] {
        table.columns.filter { column in
            let cells = table.rows.map { $0[column] }.filter { !LabelWords.isMissing($0) }
            return !taken.contains(column) && Set(cells.map(CellText.isYes)) == [true, false]
        }
    }

    /// Names of columns as `--label-column` takes them.
    static func flagWord(_ columns: [String]) -> String { ShellWord.quoted(columns.joined(separator: ",")) }

    private func asking(_ flag: String, _ question: String, _ candidates: [String], _ table: Table) -> Failure {
        let words =
            candidates.isEmpty ? "the columns are \(table.columns.listed)" : "candidates are \(candidates.listed)"
        return Failure(.usage, flag, "\(question) \(words)")
    }
}
