import Foundation

/// The answer to which class a bag is of.
public struct ClassAnswer: AnswerForm {
    /// One per class, summing to 1.
    public let probabilities: [Double]
    /// On the probability of the second of two classes; nil: the most probable class, or not kept here.
    public let threshold: Double?
    /// The probabilities after temperature scaling; nil where there is no temperature.
    public var calibrated: [Double]?
    /// Index of the class that was decided for.
    public let called: Int

    /// Decided as `ClassCall` does.
    public init(_ probabilities: [Double], threshold: Double? = nil) {
        (self.probabilities, self.threshold) = (probabilities, threshold)
        called = ClassCall(probabilities, threshold: threshold).called
    }

    /// Decided already.
    public init(_ probabilities: [Double], calibrated: [Double]? = nil, called: Int) {
        (self.probabilities, self.calibrated, self.called) = (probabilities, calibrated, called)
        threshold = nil
    }

    var answer: Answer { .class(self) }

    func fits(classes: Int) -> Bool { probabilities.count == classes }

    func name(among classes: [String]) -> String { classes[called] }

    func numbers(among classes: [String]) -> [(name: String, number: Double)] {
        zip(classes, probabilities).map { ($0, $1) }
    }

    /// By the threshold that is kept here.
    public var call: ClassCall { ClassCall(probabilities, threshold: threshold) }

    func decided(by threshold: Double?) -> ClassAnswer {
        ClassAnswer(
            probabilities,
            calibrated: calibrated,
            called: ClassCall(probabilities, threshold: threshold).called
        )
    }

    func words(among classes: [String]) -> (result: String, call: String) {
        let call = call
        func name(_ label: Int) -> String { classes.indices.contains(label) ? classes[label] : "?" }
        func decimal(_ value: Double) -> String { String(format: "%.3f", value) }
        let probability = probabilities.indices.contains(call.shown) ? probabilities[call.shown] : .nan
        return (
            "P(\(name(call.shown))) \(decimal(probability))",
            call.threshold.map { "Threshold \(decimal($0)), called \(name(call.called))" } ?? ""
        )
    }

    /// Thresholds and scaled probabilities have a mean where all have them. The mean threshold decides.
    static func mean(_ mean: Answer.Mean, of answers: [ClassAnswer]) -> ClassAnswer {
        let thresholds = answers.compactMap(\.threshold)
        let calibrated = answers.compactMap(\.calibrated)
        var answer = ClassAnswer(
            mean(answers.map(\.probabilities)),
            threshold: thresholds.count == answers.count ? Answer.Mean.ofSeeds(thresholds) : nil
        )
        answer.calibrated = calibrated.count == answers.count ? mean(calibrated) : nil
        return answer
    }
}

/// In tables.
extension ClassAnswer {
    private static func trained(_ name: String) -> String { "prob_\(name)" }
    private static func scaled(_ name: String) -> String { "calibrated_\(name)" }

    static func classes(in columns: [String]) -> [String]? {
        let prefix = trained("")
        let classes = columns.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        return classes.isEmpty ? nil : classes
    }

    static func columns(_ classes: [String], isCalibrated: Bool) -> [String] {
        classes.map(trained) + (isCalibrated ? classes.map(scaled) : [])
    }

    func cells(isCalibrated: Bool) -> [String] {
        (probabilities + (isCalibrated ? calibrated ?? [] : [])).map { "\($0)" }
    }

    init(
        _ classes: [String],
        isCalibrated: Bool,
        name: String,
        row: (String) -> String
    ) throws(Answer.UnfitCell) {
        let probabilities = try Self.read(classes.map(Self.trained), in: 0...1, row)
        let calibrated = isCalibrated ? try Self.read(classes.map(Self.scaled), in: 0...1, row) : nil
        guard let called = Target.label(row(name), among: classes) else { throw Answer.UnfitCell(column: name) }
        self.init(probabilities, calibrated: calibrated, called: called)
    }
}

/// In files of predictions and on the page.
extension ClassAnswer {
    private enum Key {
        static let probabilities = "probabilities"
        static let threshold = "threshold"
        static let foldProbabilities = "fold_probabilities"
        static let foldThresholds = "fold_thresholds"
        static let called = "called"
        static let shown = "shown"
        static let margin = "margin"
        static let folds = "folds"
        static let thresholds = "thresholds"
    }

    var stored: [(name: String, value: AnswerValue)] {
        [(Key.probabilities, .numbers(probabilities))] + (threshold.map { [(Key.threshold, .number($0))] } ?? [])
    }

    init?(stored: (String) throws -> AnswerValue?) rethrows {
        guard let probabilities = try stored(Key.probabilities)?.numbers else { return nil }
        self.init(probabilities, threshold: try stored(Key.threshold)?.number)
    }

    static func stored(folds: [ClassAnswer]) -> [String: AnswerValue] {
        let thresholds = folds.compactMap(\.threshold)
        var values: [String: AnswerValue] = [Key.foldProbabilities: .rows(folds.map(\.probabilities))]
        if thresholds.count == folds.count { values[Key.foldThresholds] = .numbers(thresholds) }
        return values
    }

    static func folds(stored: (String) throws -> AnswerValue?) rethrows -> [ClassAnswer]? {
        guard let rows = try stored(Key.foldProbabilities)?.rows else { return nil }
        let thresholds = try stored(Key.foldThresholds)?.numbers
        return rows.enumerated().map { place, row in
            ClassAnswer(row, threshold: thresholds?.count == rows.count ? thresholds?[place] : nil)
        }
    }

    /// `called` and `shown` are indices of classes.
    func shown(folds: [ClassAnswer]?) -> [String: AnswerValue] {
        let call = call
        var values: [String: AnswerValue] = [
            Key.probabilities: .numbers(probabilities), Key.called: .whole(call.called), Key.shown: .whole(call.shown),
            Key.margin: .number(call.margin),
        ]
        values[Key.threshold] = call.threshold.map { .number($0) }
        guard let folds else { return values }
        values[Key.folds] = .rows(folds.map(\.probabilities))
        let thresholds = folds.compactMap(\.threshold)
        if thresholds.count == folds.count { values[Key.thresholds] = .numbers(thresholds) }
        return values
    }
}
