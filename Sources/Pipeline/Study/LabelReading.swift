import Foundation
import Records

/// What the cells of a labels' column are as targets, in the kind that the config asks for.
enum LabelReading {
    case `class`(ClassLabels)

    /// What one cell is.
    enum Cell {
        case unlabelled
        /// Of a class that `cohort.classes` does not name.
        case otherClass
        case of(Target)
    }

    /// - Parameters:
    ///   - cells: of the column, each with its line.
    ///   - file: the table's path.
    init(_ cells: [(text: String, line: Int)], config: CohortConfig, file: String) {
        switch config.target {
        case .class: self = .class(ClassLabels(cells, config: config, file: file))
        }
    }

    /// Whether the column cannot be one of labels.
    var isHopeless: Bool {
        switch self {
        case .class(let labels): labels.spelling.isHopeless
        }
    }

    /// What is wrong with how labels are written.
    var slips: [Problem] {
        switch self {
        case .class(let labels): labels.spelling.problems
        }
    }

    /// Which classes there are; none where no class is asked.
    var order: ClassOrder {
        switch self {
        case .class(let labels): labels.order
        }
    }

    /// nil for a slip.
    subscript(_ cell: String) -> Cell? {
        switch self {
        case .class(let labels): labels[cell]
        }
    }

    /// What is wrong with the labels as a whole.
    /// - Parameters:
    ///   - slides: those that have a target.
    ///   - cells: that occur, for the message.
    ///   - isFirst: whether nothing else is wrong.
    func problem(_ slides: [CohortSlide], cells: () -> [String], isFirst: Bool, file: String) -> Problem? {
        switch self {
        case .class(let labels): labels.problem(slides, cells: cells, isFirst: isFirst, file: file)
        }
    }
}

/// Labels that name classes.
struct ClassLabels {
    let spelling: LabelSpelling
    private(set) var order = ClassOrder()
    private var indices: [String: Int] = [:]

    init(_ cells: [(text: String, line: Int)], config: CohortConfig, file: String) {
        spelling = LabelSpelling(cells, config: config, file: file)
        guard !spelling.isHopeless else { return }
        order = ClassOrder(spelling.labels, config: config)
        indices = Dictionary(order.classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(_ cell: String) -> LabelReading.Cell? {
        switch spelling.reading(of: cell) {
        case .unlabelled: .unlabelled
        case .otherClass: .otherClass
        case .of(let name): indices[name].map { .of(.class($0)) }
        }
    }

    func problem(_ slides: [CohortSlide], cells: () -> [String], isFirst: Bool, file: String) -> Problem? {
        let classes = order.classes.joined(separator: ", ")
        if order.classes.count < 2 {
            let what = classes.isEmpty ? "no row has a label" : "fewer than two classes: \(classes)"
            return Problem(.table, file, what)
        }
        guard slides.isEmpty, isFirst else { return nil }
        let found = Set(cells()).sorted().shortened
        return Problem(.table, file, "no slide is of a class of cohort.classes, \(classes); the labels are \(found)")
    }
}

extension CohortConfig {
    /// What is asked of every slide.
    var target: Target.Kind { .class }
}
