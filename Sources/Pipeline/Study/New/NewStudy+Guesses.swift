import Files
import Foundation
import Records

/// What columns are by their names and by what they hold, where nobody says it.
extension NewStudy {
    /// The numbers of a column that are no classes: fractions, or more different whole ones than grades and codes have.
    struct NumberColumn {
        var name: String
        var words: String

        /// nil for any other column.
        init?(_ name: String, in table: Table) {
            let cells = table.rows.map { $0[name] }.filter { !LabelWords.isMissing($0) }
            let read = CellText.Numbers(cells)
            let values = cells.compactMap(read.number)
            let distinct = Set(values)
            guard values.count == cells.count, distinct.count > 2, let low = values.min(), let high = values.max(),
                distinct.count > Self.mostCodes || distinct.contains(where: { $0 != $0.rounded() })
            else { return nil }
            self.name = name
            words = "\(name) holds \(distinct.count) different numbers, from \(low) to \(high)"
        }

        private static let mostCodes = 10
    }

    /// Whether numbers are asked, which nobody has said: of the column of labels, or of the only one of numbers where none has classes.
    mutating func takesNumbers(_ table: Table, _ known: [CohortColumns.Role: String], taken: Set<String>) -> Bool {
        guard wishes.target == nil, wishes.positive == nil else { return false }
        let columns: [NumberColumn]
        if let label = known[.label] {
            columns = NumberColumn(label, in: table).map { [$0] } ?? []
        } else {
            guard fewValued(table, taken: taken).isEmpty else { return false }
            columns = table.columns.filter { !taken.contains($0) && !Self.isCovariate($0) }
                .compactMap { NumberColumn($0, in: table) }
        }
        guard columns.count == 1, let column = columns.first else { return false }
        target = .number
        let reason = "\(column.words), which are no classes; --target asks something else"
        choose("cohort", "target", .string(target.rawValue), reason)
        if known[.label] == nil {
            choose(.label, column.name, "no other holds classes, or numbers beside ages, years and the like")
        }
        return true
    }

    /// Columns of few different values that are no numbers.
    func fewValued(_ table: Table, taken: Set<String>) -> [String] {
        table.columns.filter { column in
            let words = Set(table.rows.map { LabelWords.key($0[column]) }.filter { !LabelWords.isMissing($0) })
            return !taken.contains(column) && (2...20).contains(words.count) && words.count * 2 <= table.rows.count
                && NumberColumn(column, in: table) == nil
        }
    }

    /// The one time and the one event of a table whose names and cells say so, and that do not name two things, as `age_years` and
    /// `msi_status` do: they are named alike, such as `PFS_MONTHS` and `PFS_STATUS`, or one of them says no more than that it is a time
    /// or an event. Of several pairs the one that is named alike. nil where none or several fit.
    static func survivalPair(_ table: Table) -> (time: String, event: String)? {
        let times = table.columns.filter { column in
            isNamed(column, like: timeWords) && !isCovariate(column)
                && holds(table, column) { cells in
                    let read = CellText.Numbers(cells)
                    let values = cells.compactMap(read.number)
                    return values.count == cells.count && values.allSatisfy { $0 > 0 } && Set(values).count > 2
                }
        }
        let events = table.columns.filter { column in
            isNamed(column, like: eventWords)
                && holds(table, column) { Set($0.map(CellText.isEvent)) == [true, false] }
        }
        let all = times.flatMap { time in events.map { (time: time, event: $0) } }
        let pairs = all.filter { pair in
            // As GDC has days to death: of those who live there is no time, so that the two are no survival.
            let known = table.rows.filter { !LabelWords.isMissing($0[pair.time]) }
                .map { CellText.isEvent($0[pair.event]) }
            return known.contains(true) && known.contains(false)
        }
        let stems = pairs.map { (time: stem($0.time, timeWords), event: stem($0.event, eventWords)) }
        if stems.count == 1 {
            return stems[0].time == stems[0].event || stems[0].time.isEmpty || stems[0].event.isEmpty ? pairs[0] : nil
        }
        let alike = zip(pairs, stems).filter { $1.time == $1.event }
        return alike.count == 1 ? alike[0].0 : nil
    }

    /// What describes the patient or the calendar by its name, which nobody asks unless it is said.
    static func isCovariate(_ column: String) -> Bool {
        let words = words(column)
        let known = ["age", "ages", "birth", "born", "dob", "bmi", "height", "weight"]
        if words.contains(where: known.contains) { return true }
        // `year_of_diagnosis` is one, `survival_year` is not.
        return words.contains("year") && !words.contains { $0 != "year" && timeWords.contains($0) }
    }

    private static let timeWords = [
        "time", "days", "day", "months", "month", "years", "year", "survival", "followup", "follow",
    ]
    private static let eventWords = ["event", "status", "death", "dead", "died", "deceased", "vital", "relapse"]

    private static func holds(_ table: Table, _ column: String, _ fits: ([String]) -> Bool) -> Bool {
        let cells = table.rows.map { $0[column] }.filter { !LabelWords.isMissing($0) }
        return !cells.isEmpty && fits(cells)
    }

    /// In lower case; `ageAtDiagnosis` has three.
    private static func words(_ column: String) -> [String] {
        column.replacing(/(?<before>\p{Ll})(?<after>\p{Lu})/) { "\($0.output.before) \($0.output.after)" }
            .lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    private static func isNamed(_ column: String, like known: [String]) -> Bool {
        words(column).contains(where: known.contains)
    }

    private static func stem(_ column: String, _ known: [String]) -> [String] {
        words(column).filter { !known.contains($0) }
    }
}
