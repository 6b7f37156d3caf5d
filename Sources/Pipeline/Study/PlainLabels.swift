import Files
import Foundation
import Records
import Storage

/// Labels that are read cell by cell: numbers, times with events, and columns of yes and no.
struct PlainLabels {
    /// As `Cohort.classes`: the number's name, the unit of time, the labels' names.
    let names: [String]
    /// By line; none for a slip.
    private(set) var cells: [Int: LabelReading.Cell] = [:]
    private(set) var problems: [Problem] = []
    private let columns: CohortColumns
    private let asked: [String]

    init(_ columns: CohortColumns, config: CohortConfig, file: String) {
        self.columns = columns
        let labels = config.columns.labels ?? []
        switch config.target {
        case .survival:
            (names, asked) = ([config.timeUnit], [columns.name(.time), columns.name(.event)].compactMap { $0 })
        case .labels: (names, asked) = (labels, labels)
        case .class, .ordinal, .number:
            let name = columns.name(.label) ?? ""
            (names, asked) = ([name], [name])
        }
        var found = ProblemCounter()
        for row in columns.table.rows {
            do throws(Slip) {
                cells[row.line] = try Self.read(asked.map { row[$0] }, config.target).map { .of($0) } ?? .unlabelled
            } catch {
                let what =
                    "\(asked[error.place]) is \(SlideID.shown(row[asked[error.place]])); \(error.wanted) is wanted"
                found.add(Problem(.table, file, line: row.line, what), kind: error.wanted)
            }
        }
        problems = found.problems
    }

    func text(_ row: Table.Row) -> String { asked.map { row[$0] }.joined(separator: " ") }

    func problem(_ slides: [CohortSlide], isFirst: Bool, file: String) -> Problem? {
        guard isFirst else { return nil }
        if slides.isEmpty { return Problem(.table, file, "no row has a value in \(asked.joined(separator: ", "))") }
        if slides.contains(where: { $0.target.survival != nil }),
            !slides.contains(where: { $0.target.survival?.isEvent == true })
        {
            return Problem(.table, file, "no row has an event in the column \(asked.last ?? "")")
        }
        return nil
    }

    /// A cell that is none of what is wanted.
    private struct Slip: Error {
        var place: Int
        var wanted: String
    }

    /// nil where all is missing; of survival where one is.
    private static func read(_ cells: [String], _ kind: Target.Kind) throws(Slip) -> Target? {
        switch kind {
        case .survival:
            guard cells.count == 2, !cells.contains(where: LabelWords.isMissing) else { return nil }
            guard let time = decimal(cells[0]), time > 0 else { throw Slip(place: 0, wanted: "a time above 0") }
            guard let isEvent = isEvent(cells[1]) else {
                throw Slip(place: 1, wanted: "1 for an event or 0 where censored")
            }
            return .survival(SurvivalTime(time, isEvent: isEvent))
        case .labels:
            var labels: [Bool?] = []
            for (place, cell) in cells.enumerated() {
                if LabelWords.isMissing(cell) {
                    labels.append(nil)
                } else if let label = isYes(cell) {
                    labels.append(label)
                } else {
                    throw Slip(place: place, wanted: "yes or no, 1 or 0, or nothing where it is not known")
                }
            }
            return labels.contains { $0 != nil } ? .labels(labels) : nil
        case .class, .ordinal, .number:
            guard let cell = cells.first, !LabelWords.isMissing(cell) else { return nil }
            guard let number = decimal(cell) else { throw Slip(place: 0, wanted: "a number") }
            return .number(number)
        }
    }

    /// Of plain decimals alone.
    private static func decimal(_ cell: String) -> Double? {
        let text = cell.trimmingCharacters(in: .whitespaces)
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func isYes(_ cell: String) -> Bool? {
        switch word(cell) {
        case "1", "1.0", "yes", "y", "true", "t", "positive", "pos", "present", "mutated", "mut": true
        case "0", "0.0", "no", "n", "false", "f", "negative", "neg", "absent", "wildtype", "wt": false
        default: nil
        }
    }

    /// As tables of trials and of cBioPortal have it (`1:DECEASED`).
    private static func isEvent(_ cell: String) -> Bool? {
        switch word(cell) {
        case "1", "1.0", "yes", "true", "event", "dead", "died", "deceased", "1:deceased", "1:recurred", "1:progressed",
            "1:recurred/progressed", "1:dead":
            true
        case "0", "0.0", "no", "false", "censored", "alive", "living", "0:living", "0:diseasefree", "0:censored",
            "0:alive":
            false
        default: nil
        }
    }

    private static func word(_ cell: String) -> String { cell.lowercased().filter { !$0.isWhitespace } }
}
