import Foundation

/// The answer to which of several labels a bag has.
public struct LabelsAnswer: AnswerForm {
    /// Of each label that the bag has it.
    public let probabilities: [Double]

    public init(_ probabilities: [Double]) { self.probabilities = probabilities }

    /// Of each label whether it is more probable than not.
    public var called: [Bool] { probabilities.map { $0 >= 0.5 } }

    var answer: Answer { .labels(self) }

    func fits(classes: Int) -> Bool { probabilities.count == classes }

    func name(among classes: [String]) -> String { Target.text(called) }

    func numbers(among classes: [String]) -> [(name: String, number: Double)] {
        zip(classes, probabilities).map { ($0, $1) }
    }

    /// The labels that it has, the most probable first.
    func words(among classes: [String]) -> (result: String, call: String) {
        let sorted = zip(classes, probabilities).sorted { $0.1 > $1.1 }.map { "P(\($0)) " + String(format: "%.3f", $1) }
        return (sorted.prefix(3).joined(separator: ", "), sorted.count > 3 ? "the highest 3 of \(sorted.count)" : "")
    }

    static func mean(_ mean: Answer.Mean, of answers: [LabelsAnswer]) -> LabelsAnswer {
        LabelsAnswer(mean(answers.map(\.probabilities)))
    }
}

/// In tables.
extension LabelsAnswer {
    private static func column(_ name: String) -> String { "yes_\(name)" }

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
extension LabelsAnswer {
    private enum Key {
        static let probabilities = "label_probabilities"
        static let foldProbabilities = "fold_label_probabilities"
        static let folds = "folds"
    }

    var stored: [(name: String, value: AnswerValue)] { [(Key.probabilities, .numbers(probabilities))] }

    init?(stored: (String) throws -> AnswerValue?) rethrows {
        guard let probabilities = try stored(Key.probabilities)?.numbers else { return nil }
        self.init(probabilities)
    }

    static func stored(folds: [LabelsAnswer]) -> [String: AnswerValue] {
        [Key.foldProbabilities: .rows(folds.map(\.probabilities))]
    }

    static func folds(stored: (String) throws -> AnswerValue?) rethrows -> [LabelsAnswer]? {
        try stored(Key.foldProbabilities)?.rows?.map { LabelsAnswer($0) }
    }

    func shown(folds: [LabelsAnswer]?) -> [String: AnswerValue] {
        var values: [String: AnswerValue] = [Key.probabilities: .numbers(probabilities)]
        values[Key.folds] = folds.map { .rows($0.map(\.probabilities)) }
        return values
    }
}
