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
    private let asked: [String]

    init(_ columns: CohortColumns, rows: [Table.Row], config: CohortConfig, file: String) {
        let labels = config.columns.labels ?? []
        switch config.target {
        case .survival:
            (names, asked) = ([config.timeUnit], [columns.name(.time), columns.name(.event)].compactMap { $0 })
        case .labels: (names, asked) = (labels, labels)
        case .class, .ordinal, .number:
            let name = columns.name(.label) ?? ""
            (names, asked) = ([name], [name])
        }
        let numbers = asked.map { column in CellText.Numbers(rows.lazy.map { $0[column] }) }
        var found = ProblemCounter()
        for row in rows {
            do throws(Slip) {
                let read = try Self.read(asked.map { row[$0] }, config.target, numbers)
                cells[row.line] = read.map { .of($0) } ?? .unlabelled
            } catch {
                let name = SlideID.shown(columns.isByCase ? columns[row, .case] : columns[row, .slide])
                let (column, cell) = (asked[error.place], row[asked[error.place]])
                let what = "\(column) of \(name) is \(SlideID.shown(cell)); \(error.wanted) is wanted"
                found.add(Problem(.table, file, line: row.line, what + error.hint), kind: error.wanted)
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
        var hint = ""
    }

    /// Times and numbers beyond this are slips: sums and squares of them have no digits left.
    private static let largest = 1e15

    /// nil where all is missing; of survival where one is.
    private static func read(
        _ cells: [String],
        _ kind: Target.Kind,
        _ numbers: [CellText.Numbers]
    ) throws(Slip) -> Target? {
        func number(_ place: Int, _ wanted: String, _ hint: String = "", isAboveZero: Bool) throws(Slip) -> Double {
            let number = numbers[place].number(cells[place])
            guard let number, abs(number) <= largest else {
                let isHuge = number != nil
                throw Slip(
                    place: place,
                    wanted: isHuge ? "a number of at most 1e15 in another unit" : wanted,
                    hint: isHuge ? "" : CellText.Numbers.hint(cells[place])
                )
            }
            guard !isAboveZero || number > 0 else { throw Slip(place: place, wanted: wanted, hint: hint) }
            return number
        }
        switch kind {
        case .survival:
            guard cells.count == 2, !cells.contains(where: LabelWords.isMissing) else { return nil }
            let time = try number(0, "a time above 0", ", or NA, which leaves it out", isAboveZero: true)
            guard let isEvent = CellText.isEvent(cells[1]) else {
                throw Slip(
                    place: 1,
                    wanted: "1 for an event or 0 where censored",
                    hint: " (or deceased and alive, 1:DECEASED and 0:LIVING)"
                )
            }
            return .survival(SurvivalTime(time, isEvent: isEvent))
        case .labels:
            var labels: [Bool?] = []
            for (place, cell) in cells.enumerated() {
                if LabelWords.isMissing(cell) {
                    labels.append(nil)
                } else if let label = CellText.isYes(cell) {
                    labels.append(label)
                } else {
                    throw Slip(place: place, wanted: "yes or no, 1 or 0, or nothing where it is not known")
                }
            }
            return labels.contains { $0 != nil } ? .labels(labels) : nil
        case .class, .ordinal, .number:
            guard let cell = cells.first, !LabelWords.isMissing(cell) else { return nil }
            return .number(try number(0, "a number", isAboveZero: false))
        }
    }
}
