import Files
import Foundation
import Records

/// Which columns hold times and events, where nobody says it.
extension NewStudy {
    typealias SurvivalPair = (time: String, event: String)

    /// The one time and the one event of a table, of those that fit what is known.
    static func survivalPair(_ table: Table, _ known: [CohortColumns.Role: String]) -> SurvivalPair? {
        let pairs = survivalPairs(table, known)
        return pairs.count == 1 ? pairs[0] : nil
    }

    /// Times and events whose names and cells say so, and that do not name two things, as `age_years` and `msi_status` do: they are
    /// named alike, such as `PFS_MONTHS` and `PFS_STATUS` or `PFS.time` and `PFS`, or one of them says no more than that it is a time
    /// or an event. Of several pairs those that are named alike.
    static func survivalPairs(_ table: Table, _ known: [CohortColumns.Role: String]) -> [SurvivalPair] {
        let times = timeColumns(table)
        let things = Set(times.map { stem($0, timeWords) }.filter { !$0.isEmpty })
        let events = table.columns.filter { column in
            isEventColumn(table, column, isNamed: isNamed(column, like: eventWords) || things.contains(words(column)))
        }
        let all = times.flatMap { time in events.map { (time: time, event: $0) } }
        let pairs = all.filter { pair in
            guard known[.time] ?? pair.time == pair.time, known[.event] ?? pair.event == pair.event else {
                return false
            }
            // As GDC has days to death: of those who live there is no time, so that the two are no survival.
            let told = table.rows.filter { !LabelWords.isMissing($0[pair.time]) }
                .map { CellText.isEvent($0[pair.event]) }
            return told.contains(true) && told.contains(false)
        }
        let stems = pairs.map { (time: stem($0.time, timeWords), event: stem($0.event, eventWords)) }
        if stems.count == 1 {
            return stems[0].time == stems[0].event || stems[0].time.isEmpty || stems[0].event.isEmpty ? pairs : []
        }
        return zip(pairs, stems).filter { $1.time == $1.event }.map(\.0)
    }

    /// Times that stand in two columns, as GDC has them: the days to the death of those who died, and the days to the last news of
    /// the others.
    struct SplitTimes {
        var event: String
        var words: String

        /// nil for any other table.
        init?(_ table: Table) {
            let times = NewStudy.timeColumns(table)
            let last = times.first { NewStudy.isNamed($0, like: ["follow", "followup", "last", "contact"]) }
            let ends = times.filter { $0 != last && NewStudy.isNamed($0, like: ["death", "dead", "died"]) }
            for (end, event) in ends.flatMap({ end in table.columns.map { (end, $0) } })
            where NewStudy.isEventColumn(table, event, isNamed: NewStudy.isNamed(event, like: NewStudy.eventWords)) {
                let told = table.rows.filter { !LabelWords.isMissing($0[end]) }.map { CellText.isEvent($0[event]) }
                guard let last, !told.isEmpty, told.allSatisfy({ $0 == true }) else { continue }
                self.event = event
                words =
                    "the times stand in two columns, \(end) of those who died and \(last) of the others; make one column of both, "
                    + "such as survival_days, and name it with --time-column and \(event) with --event-column"
                return
            }
            return nil
        }
    }

    /// - Throws: `Failure` where survival is asked, or nothing else can be, and its times stand in two columns.
    func checkTimes(_ table: Table, _ taken: Set<String>) throws {
        guard let split = SplitTimes(table) else { return }
        let isAsked = wishes.target == .survival
        let others = fewValued(table, taken: taken.union([split.event])).filter {
            !Self.isCovariate($0) && !Self.isOrigin($0)
        }
        guard isAsked || others.isEmpty else { return }
        let elsewhere = isAsked ? "" : "; for another target give --label-column"
        throw Failure(.usage, "--time-column", "\(split.words)\(elsewhere)")
    }

    /// - Throws: `Failure` where a column of survival is not known, which says what is there.
    func checkSurvival(_ table: Table, _ known: [CohortColumns.Role: String]) throws {
        if known[.event] == nil, let column = table.columns.first(where: { $0.lowercased().contains("censor") }) {
            throw Failure(
                .usage,
                "--event-column",
                "\(column) tells whose time is censored, which is the opposite of an event; add a column that says 1 where the event "
                    + "came, which is 1 less that, and name it with --event-column"
            )
        }
        let pairs = Self.survivalPairs(table, known)
        if pairs.count > 1, known[.time] == nil || known[.event] == nil {
            let all = pairs.map { "\($0.time) with \($0.event)" }.joined(separator: ", ")
            let (time, event) = (ShellWord.quoted(pairs[0].time), ShellWord.quoted(pairs[0].event))
            throw Failure(
                .usage,
                "--time-column",
                "which times and events are asked? candidates are \(all); name two as --time-column \(time) --event-column \(event)"
            )
        }
        for (role, flag) in [(CohortColumns.Role.time, "--time-column"), (.event, "--event-column")]
        where known[role] == nil {
            throw Failure(
                .usage,
                flag,
                "which column holds the \(role)s? the columns are \(table.columns.listed)"
            )
        }
    }

    private static func timeColumns(_ table: Table) -> [String] {
        table.columns.filter { column in
            isNamed(column, like: timeWords) && !isCovariate(column)
                && holds(table, column) { cells in
                    let read = CellText.Numbers(cells)
                    let values = cells.compactMap(read.number)
                    return values.count == cells.count && values.allSatisfy { $0 > 0 } && Set(values).count > 2
                }
        }
    }

    private static func isEventColumn(_ table: Table, _ column: String, isNamed: Bool) -> Bool {
        isNamed && holds(table, column) { Set($0.map(CellText.isEvent)) == [true, false] }
    }

    private static func holds(_ table: Table, _ column: String, _ fits: ([String]) -> Bool) -> Bool {
        let cells = table.rows.map { $0[column] }.filter { !LabelWords.isMissing($0) }
        return !cells.isEmpty && fits(cells)
    }
}
