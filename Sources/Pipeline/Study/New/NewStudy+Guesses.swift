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
            let cells = Set(table.rows.lazy.map { $0[name] }).filter { !LabelWords.isMissing($0) }.sorted()
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
            let cells = Set(table.rows.lazy.map { $0[column] })
            let words = Set(cells.map(LabelWords.key).filter { !LabelWords.isMissing($0) })
            return !taken.contains(column) && (2...20).contains(words.count) && words.count * 2 <= table.rows.count
                && NumberColumn(column, in: table) == nil
        }
    }

    /// What describes the patient or the calendar by its name, which nobody asks unless it is said.
    static func isCovariate(_ column: String) -> Bool {
        let words = words(column)
        let known = ["age", "ages", "birth", "born", "dob", "bmi", "height", "weight"]
        if words.contains(where: known.contains) { return true }
        // `year_of_diagnosis` is one, `survival_year` is not.
        return words.contains("year") && !words.contains { $0 != "year" && timeWords.contains($0) }
    }

    /// Whether a column tells by its name where a slide or a patient is from, and not what is on the slide.
    static func isOrigin(_ column: String) -> Bool {
        let known = [
            "batch", "site", "scanner", "sex", "gender", "centre", "center", "hospital", "institution", "institute",
            "clinic", "laboratory", "race", "ethnicity", "country", "vendor", "source", "project", "cohort",
        ]
        // `tumor_site` and `primary_site` are places in the body.
        let words = words(column)
        return words.contains(where: known.contains) && !words.contains { ["tumor", "tumour", "primary"].contains($0) }
    }

    /// - Throws: `Failure` for a column of numbers with percent signs, which would pass for classes, unless those are asked.
    func checkPercents(_ column: String, _ table: Table) throws {
        let cells = table.rows.map { $0[column] }.filter { !LabelWords.isMissing($0) }
        let arePercents = cells.allSatisfy { $0.wholeMatch(of: /\s*[0-9]+([.,][0-9]+)?\s*%\s*/) != nil }
        guard wishes.target == nil || wishes.target == .number, !cells.isEmpty, arePercents else { return }
        throw Failure(
            .usage,
            "--label-column",
            "\(column) looks like numbers with a percent sign, such as \(cells[0].trimmingCharacters(in: .whitespaces)); take the sign out "
                + "of the table and --target number asks for them, or --target class takes them for classes"
        )
    }

    static let timeWords = [
        "time", "days", "day", "months", "month", "years", "year", "survival", "followup", "follow",
    ]
    static let eventWords = ["event", "status", "death", "dead", "died", "deceased", "vital", "relapse"]

    /// In lower case; `ageAtDiagnosis` has three.
    static func words(_ column: String) -> [String] {
        column.replacing(/(?<before>\p{Ll})(?<after>\p{Lu})/) { "\($0.output.before) \($0.output.after)" }
            .lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    static func isNamed(_ column: String, like known: [String]) -> Bool {
        words(column).contains(where: known.contains)
    }

    static func stem(_ column: String, _ known: [String]) -> [String] {
        words(column).filter { !known.contains($0) }
    }
}
