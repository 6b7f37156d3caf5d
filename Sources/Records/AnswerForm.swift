/// What an answer of one kind has to say for tables, files, pictures and pages. `Answer` is the one of several of them.
protocol AnswerForm: Equatable, Sendable {
    /// As the sum type has it.
    var answer: Answer { get }

    /// Whether it is of a study of so many classes, or labels.
    func fits(classes: Int) -> Bool

    /// What was decided, as tables and readers have it.
    func name(among classes: [String]) -> String

    /// Each of its numbers with what that is called.
    func numbers(among classes: [String]) -> [(name: String, number: Double)]

    /// The words beside a heatmap: the result, and how it was decided, which may be empty.
    func words(among classes: [String]) -> (result: String, call: String)

    /// - Parameter answers: at least one.
    static func mean(_ mean: Answer.Mean, of answers: [Self]) -> Self

    /// The classes that the columns of a table are of; nil where they are not of this kind.
    static func classes(in columns: [String]) -> [String]?

    static func columns(_ classes: [String], isCalibrated: Bool) -> [String]

    /// In the order of `columns`.
    func cells(isCalibrated: Bool) -> [String]

    /// - Parameters:
    ///   - name: the column of what was decided.
    ///   - row: the cell of a column.
    init(_ classes: [String], isCalibrated: Bool, name: String, row: (String) -> String) throws(Answer.UnfitCell)

    /// What a prediction file has of it, in order.
    var stored: [(name: String, value: AnswerValue)] { get }

    /// From what a prediction file has; nil where it has no answer of this kind.
    init?(stored: (String) throws -> AnswerValue?) rethrows

    /// What is stored of the folds beside their mean.
    static func stored(folds: [Self]) -> [String: AnswerValue]

    static func folds(stored: (String) throws -> AnswerValue?) rethrows -> [Self]?

    /// What the page gets of it.
    func shown(folds: [Self]?) -> [String: AnswerValue]
}

extension AnswerForm {
    /// Finite numbers of a row's cells.
    static func read(
        _ columns: [String],
        in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude,
        _ row: (String) -> String
    ) throws(Answer.UnfitCell) -> [Double] {
        var values: [Double] = []
        for column in columns {
            guard let value = Double(row(column)), range.contains(value) else { throw Answer.UnfitCell(column: column) }
            values.append(value)
        }
        return values
    }
}
