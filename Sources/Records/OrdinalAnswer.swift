import Foundation

/// The answer to which of several classes in an order a bag is of.
public struct OrdinalAnswer: AnswerForm {
    /// One per class, in their order, summing to 1.
    public let probabilities: [Double]

    public init(_ probabilities: [Double]) { self.probabilities = probabilities }

    /// Index of the class that was decided for: the median, the first class that is reached with a probability of a half.
    public var called: Int {
        var sum = 0.0
        for (label, probability) in probabilities.enumerated() {
            sum += probability
            if sum >= 0.5 { return label }
        }
        return max(0, probabilities.count - 1)
    }

    /// The mean of the classes' indices.
    public var expected: Double { probabilities.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } }

    var answer: Answer { .ordinal(self) }

    func fits(classes: Int) -> Bool { probabilities.count == classes }

    func name(among classes: [String]) -> String { classes[called] }

    func numbers(among classes: [String]) -> [(name: String, number: Double)] {
        zip(classes, probabilities).map { ($0, $1) }
    }

    func words(among classes: [String]) -> (result: String, call: String) {
        let name = classes.indices.contains(called) ? classes[called] : "?"
        return (name, "P(\(name)) " + String(format: "%.3f", probabilities[called]) + ", the median of the classes")
    }

    static func mean(_ mean: Answer.Mean, of answers: [OrdinalAnswer]) -> OrdinalAnswer {
        OrdinalAnswer(mean(answers.map(\.probabilities)))
    }
}

/// In tables.
extension OrdinalAnswer {
    private static func column(_ name: String) -> String { "grade_\(name)" }

    static func classes(in columns: [String]) -> [String]? {
        let prefix = column("")
        let classes = columns.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        return classes.isEmpty ? nil : classes
    }

    static func columns(_ classes: [String], isCalibrated: Bool) -> [String] { classes.map(column) }

    func cells(isCalibrated: Bool) -> [String] { probabilities.map { "\($0)" } }

    init(_ classes: [String], isCalibrated: Bool, name: String, row: (String) -> String) throws(Answer.UnfitCell) {
        self.init(try Self.read(classes.map(Self.column), in: 0...1, row))
    }
}

/// In files of predictions and on the page.
extension OrdinalAnswer {
    private enum Key {
        static let probabilities = "grade_probabilities"
        static let foldProbabilities = "fold_grade_probabilities"
        static let called = "called"
        static let folds = "folds"
    }

    var stored: [(name: String, value: AnswerValue)] { [(Key.probabilities, .numbers(probabilities))] }

    init?(stored: (String) throws -> AnswerValue?) rethrows {
        guard let probabilities = try stored(Key.probabilities)?.numbers else { return nil }
        self.init(probabilities)
    }

    static func stored(folds: [OrdinalAnswer]) -> [String: AnswerValue] {
        [Key.foldProbabilities: .rows(folds.map(\.probabilities))]
    }

    static func folds(stored: (String) throws -> AnswerValue?) rethrows -> [OrdinalAnswer]? {
        try stored(Key.foldProbabilities)?.rows?.map { OrdinalAnswer($0) }
    }

    func shown(folds: [OrdinalAnswer]?) -> [String: AnswerValue] {
        var values: [String: AnswerValue] = [
            Key.probabilities: .numbers(probabilities), Key.called: .whole(called),
        ]
        values[Key.folds] = folds.map { .rows($0.map(\.probabilities)) }
        return values
    }
}
