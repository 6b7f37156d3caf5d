import Foundation

/// The answer to what number a bag has, in the number's own unit.
public struct NumberAnswer: AnswerForm {
    public let value: Double

    public init(_ value: Double) { self.value = value }

    var answer: Answer { .number(self) }

    func fits(classes: Int) -> Bool { true }

    func name(among classes: [String]) -> String { Self.short(value) }

    func numbers(among classes: [String]) -> [(name: String, number: Double)] { [(classes.first ?? "value", value)] }

    func words(among classes: [String]) -> (result: String, call: String) {
        ("\(classes.first ?? "value") \(Self.short(value))", "")
    }

    static func mean(_ mean: Answer.Mean, of answers: [NumberAnswer]) -> NumberAnswer {
        NumberAnswer(mean(answers.map(\.value)))
    }

    /// Four digits.
    static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}

/// In tables.
extension NumberAnswer {
    private static let column = "value"

    static func classes(in columns: [String]) -> [String]? { columns.contains(column) ? [] : nil }

    static func columns(_ classes: [String], isCalibrated: Bool) -> [String] { [column] }

    func cells(isCalibrated: Bool) -> [String] { ["\(value)"] }

    init(_ classes: [String], isCalibrated: Bool, name: String, row: (String) -> String) throws(Answer.UnfitCell) {
        self.init(try Self.read([Self.column], row)[0])
    }
}

/// In files of predictions and on the page.
extension NumberAnswer {
    private enum Key {
        static let value = "value"
        static let foldValues = "fold_values"
        static let folds = "folds"
    }

    var stored: [(name: String, value: AnswerValue)] { [(Key.value, .number(value))] }

    init?(stored: (String) throws -> AnswerValue?) rethrows {
        guard let value = try stored(Key.value)?.number else { return nil }
        self.init(value)
    }

    static func stored(folds: [NumberAnswer]) -> [String: AnswerValue] {
        [Key.foldValues: .numbers(folds.map(\.value))]
    }

    static func folds(stored: (String) throws -> AnswerValue?) rethrows -> [NumberAnswer]? {
        try stored(Key.foldValues)?.numbers?.map { NumberAnswer($0) }
    }

    func shown(folds: [NumberAnswer]?) -> [String: AnswerValue] {
        var values: [String: AnswerValue] = [Key.value: .number(value)]
        values[Key.folds] = folds.map { .numbers($0.map(\.value)) }
        return values
    }
}
