import Files
import Foundation
import Records
import Storage

/// What the rows of a table of labels are as targets, in the kind that the config asks for.
enum LabelReading {
    case named(ClassLabels)
    case plain(PlainLabels)

    /// What one row is.
    enum Cell {
        case unlabelled
        /// Of a class that `cohort.classes` does not name.
        case otherClass
        case of(Target)
    }

    /// - Parameters:
    ///   - rows: those that have a slide.
    ///   - file: the table's path.
    init(_ columns: CohortColumns, rows: [Table.Row], config: CohortConfig, file: String) {
        switch config.target {
        case .class, .ordinal: self = .named(ClassLabels(columns, rows: rows, config: config, file: file))
        case .labels, .number, .survival: self = .plain(PlainLabels(columns, rows: rows, config: config, file: file))
        }
    }

    /// Whether the column cannot be one of labels.
    var isHopeless: Bool {
        switch self {
        case .named(let labels): labels.spelling.isHopeless
        case .plain: false
        }
    }

    /// What is wrong with how labels are written.
    var slips: [Problem] {
        switch self {
        case .named(let labels): labels.spelling.problems
        case .plain(let labels): labels.problems
        }
    }

    /// Which classes there are; none where no class is asked.
    var order: ClassOrder {
        switch self {
        case .named(let labels): labels.order
        case .plain: ClassOrder()
        }
    }

    /// As `Cohort.classes`.
    var names: [String] {
        switch self {
        case .named(let labels): labels.order.classes
        case .plain(let labels): labels.names
        }
    }

    /// What a row is, in words.
    func text(_ row: Table.Row) -> String {
        switch self {
        case .named(let labels): labels.columns[row, .label]
        case .plain(let labels): labels.text(row)
        }
    }

    /// nil for a slip.
    subscript(_ row: Table.Row) -> Cell? {
        switch self {
        case .named(let labels): labels[row]
        case .plain(let labels): labels.cells[row.line]
        }
    }

    /// What is wrong with the labels as a whole.
    /// - Parameters:
    ///   - slides: those that have a target.
    ///   - isFirst: whether nothing else is wrong.
    func problem(_ slides: [CohortSlide], isFirst: Bool, file: String) -> Problem? {
        switch self {
        case .named(let labels): labels.problem(slides, isFirst: isFirst, file: file)
        case .plain(let labels): labels.problem(slides, isFirst: isFirst, file: file)
        }
    }
}

/// Labels that name classes.
struct ClassLabels {
    let columns: CohortColumns
    let spelling: LabelSpelling
    private let rows: [Table.Row]
    private let isOrdinal: Bool
    private(set) var order = ClassOrder()
    private var indices: [String: Int] = [:]

    init(_ columns: CohortColumns, rows: [Table.Row], config: CohortConfig, file: String) {
        (self.columns, self.rows) = (columns, rows)
        isOrdinal = config.target == .ordinal
        spelling = LabelSpelling(
            rows.map { (columns[$0, .label], $0.line) },
            config: config,
            file: file
        )
        guard !spelling.isHopeless else { return }
        order = ClassOrder(spelling.labels, config: config)
        indices = Dictionary(order.classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(_ row: Table.Row) -> LabelReading.Cell? {
        switch spelling.reading(of: columns[row, .label]) {
        case .unlabelled: .unlabelled
        case .otherClass: .otherClass
        case .of(let name): indices[name].map { .of(isOrdinal ? .ordinal($0) : .class($0)) }
        }
    }

    func problem(_ slides: [CohortSlide], isFirst: Bool, file: String) -> Problem? {
        let classes = order.classes.joined(separator: ", ")
        if order.classes.count < 2 {
            let what = classes.isEmpty ? "no row has a label" : "fewer than two classes: \(classes)"
            return Problem(.table, file, what)
        }
        guard slides.isEmpty, isFirst else { return nil }
        let found = Set(rows.map { columns[$0, .label] }).sorted().shortened
        return Problem(.table, file, "no slide is of a class of cohort.classes, \(classes); the labels are \(found)")
    }
}
