import Evaluation
import Files
import Foundation
import Records

/// What the cells of a table's column are: groups, numbers or dates, or nothing that could be tested.
enum ColumnReading {
    case column(CohortColumn)
    case skipped(reason: String)

    /// More groups are names rather than groups.
    static let mostGroups = 20
    /// Groups of fewer cases are left out.
    static let fewestCases = 5

    /// - Parameters:
    ///   - cells: of each slide.
    ///   - cases: of each slide.
    init(_ name: String, _ cells: [String], cases: [String]) {
        let known = cells.indices.filter { !LabelWords.isMissing(cells[$0]) }
        guard !known.isEmpty else {
            self = .skipped(reason: "it is empty")
            return
        }
        let values = Set(known.map { cells[$0] })
        if values.count > Self.fewestCases, let numbers = Self.numbers(cells, known) {
            self = .column(CohortColumn(name, .numbers(numbers)))
            return
        }
        let owners = Dictionary(grouping: known) { cells[$0] }.mapValues { Set($0.map { cases[$0] }).count }
        let kept = owners.filter { $0.value >= Self.fewestCases }.keys.sorted(by: NumericOrder.precedes)
        guard kept.count > 1 else {
            let reason =
                values.count == 1
                ? "all slides have the same value"
                : "fewer than two of its \(values.count) values have \(Self.fewestCases) cases"
            self = .skipped(reason: reason)
            return
        }
        guard kept.count <= Self.mostGroups else {
            self = .skipped(reason: "it has \(kept.count) groups, more than \(Self.mostGroups)")
            return
        }
        let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        self = .column(CohortColumn(name, .groups(cells.map { places[$0] }, names: kept)))
    }

    /// nil where a cell is neither a number nor a date, or where some are the one and some the other.
    private static func numbers(_ cells: [String], _ known: [Int]) -> [Double?]? {
        let plain = CellText.Numbers(known.map { cells[$0] })
        for read in [plain.number, day] as [(String) -> Double?] {
            var numbers = [Double?](repeating: nil, count: cells.count)
            for place in known { numbers[place] = read(cells[place]) }
            if known.allSatisfy({ numbers[$0] != nil }) { return numbers }
        }
        return nil
    }

    /// Days since 1970 of `2019-03-07`, with or without a time, `2019/03/07` and `07.03.2019`.
    static func day(_ cell: String) -> Double? {
        let text = cell.trimmingCharacters(in: .whitespaces)
        if let match = text.wholeMatch(of: /(\d{4})[-\/](\d{1,2})[-\/](\d{1,2})(?:[T ].*)?/) {
            return day(match.1, match.2, match.3)
        }
        if let match = text.wholeMatch(of: /(\d{1,2})\.(\d{1,2})\.(\d{4})/) { return day(match.3, match.2, match.1) }
        return nil
    }

    private static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> Double? {
        guard let year = Int(year), let month = Int(month), let day = Int(day), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        // March is the first month here, so that a leap day is the last of its year.
        let shifted = month > 2 ? year : year - 1
        let inYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let era = shifted >= 0 ? shifted / 400 : (shifted - 399) / 400
        let ofEra = shifted - era * 400
        return Double(era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + inYear - 719_468)
    }
}
