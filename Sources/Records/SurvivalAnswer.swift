import Foundation

/// The answer to how long a case goes without the event.
public struct SurvivalAnswer: AnswerForm {
    /// The higher, the sooner the event. Risks of different models have no common zero; not a number where several have no common
    /// measure either, which no file keeps.
    public let risk: Double
    /// Where survival is told, rising, in the cohort's unit.
    public let times: [Double]
    /// The probability of being without event there, falling; empty for a model without a baseline.
    public let survival: [Double]

    public init(risk: Double, times: [Double], survival: [Double]) {
        (self.risk, self.times, self.survival) = (risk, times, survival)
    }

    /// At a time, on straight lines between those that are told, from 1 at the begin; nil after the last of them.
    public func survival(at time: Double) -> Double? {
        var (before, above) = (0.0, 1.0)
        for (end, below) in zip(times, survival) {
            if time <= end { return above + (below - above) * (end > before ? (time - before) / (end - before) : 1) }
            (before, above) = (end, below)
        }
        return nil
    }

    /// When survival falls to a half; nil where it does not.
    var median: Double? {
        var (before, above) = (0.0, 1.0)
        for (end, below) in zip(times, survival) {
            if below <= 0.5 { return before + (end - before) * (above > below ? (above - 0.5) / (above - below) : 1) }
            (before, above) = (end, below)
        }
        return nil
    }

    var answer: Answer { .survival(self) }

    func fits(classes: Int) -> Bool { survival.isEmpty || survival.count == times.count }

    /// Instead of a risk of several models.
    public static let noJointRisk = "No joint risk of several seeds"

    func name(among classes: [String]) -> String { risk.isNaN ? Self.noJointRisk : NumberAnswer.short(risk) }

    func numbers(among classes: [String]) -> [(name: String, number: Double)] {
        (risk.isNaN ? [] : [("risk", risk)])
            + zip(times, survival).map { ("survival at \(NumberAnswer.short($0))", $1) }
    }

    func words(among classes: [String]) -> (result: String, call: String) {
        let unit = classes.first.map { " \($0)" } ?? ""
        let half = median.map { "median \(NumberAnswer.short($0))\(unit)" }
        let last = times.last.flatMap { time in
            survival.last.map { "S(\(NumberAnswer.short(time))\(unit)) " + String(format: "%.3f", $0) }
        }
        return (risk.isNaN ? Self.noJointRisk : "Risk \(NumberAnswer.short(risk))", half ?? last ?? "")
    }

    /// Survival is told where the first of them tells it.
    static func mean(_ mean: Answer.Mean, of answers: [SurvivalAnswer]) -> SurvivalAnswer {
        let risk = mean(answers.map(\.risk))
        let ends = answers.compactMap(\.times.last)
        // No further than all of them know.
        let times = (answers.first?.times ?? []).filter { $0 <= ends.min() ?? 0 }
        guard answers.allSatisfy({ !$0.survival.isEmpty }) else {
            return SurvivalAnswer(risk: risk, times: times, survival: [])
        }
        let survival = times.map { time in mean(answers.map { $0.survival(at: time) ?? 0 }) }
        return SurvivalAnswer(risk: risk, times: times, survival: survival)
    }
}

extension Answer {
    /// Survival curves alone; other answers as they are.
    public var withoutRisk: Answer {
        ofSurvival.map { .survival(SurvivalAnswer(risk: .nan, times: $0.times, survival: $0.survival)) } ?? self
    }
}

/// In tables.
extension SurvivalAnswer {
    private enum Column {
        static let risk = "risk"
        static let times = "survival_times"
        static let survival = "survival"
    }

    static func classes(in columns: [String]) -> [String]? { columns.contains(Column.risk) ? [] : nil }

    static func columns(_ classes: [String], isCalibrated: Bool) -> [String] {
        [Column.risk, Column.times, Column.survival]
    }

    /// Times and survival each in one cell, with blanks between them.
    func cells(isCalibrated: Bool) -> [String] {
        ["\(risk)"] + [times, survival].map { $0.map { "\($0)" }.joined(separator: " ") }
    }

    init(_ classes: [String], isCalibrated: Bool, name: String, row: (String) -> String) throws(Answer.UnfitCell) {
        func list(_ column: String) throws(Answer.UnfitCell) -> [Double] {
            let words = row(column).split(separator: " ")
            let values = words.compactMap { Double($0) }.filter(\.isFinite)
            guard values.count == words.count else { throw Answer.UnfitCell(column: column) }
            return values
        }
        let risk = try Self.read([Column.risk], row)[0]
        self.init(risk: risk, times: try list(Column.times), survival: try list(Column.survival))
        guard fits(classes: classes.count) else { throw Answer.UnfitCell(column: Column.survival) }
    }
}

/// In files of predictions and on the page.
extension SurvivalAnswer {
    private enum Key {
        static let risk = "risk"
        static let times = "survival_times"
        static let survival = "survival"
        static let foldRisks = "fold_risks"
        static let folds = "folds"
    }

    var stored: [(name: String, value: AnswerValue)] {
        [(Key.risk, .number(risk))]
            + (survival.isEmpty ? [] : [(Key.times, .numbers(times)), (Key.survival, .numbers(survival))])
    }

    init?(stored: (String) throws -> AnswerValue?) rethrows {
        guard let risk = try stored(Key.risk)?.number else { return nil }
        let times = try stored(Key.times)?.numbers ?? []
        self.init(risk: risk, times: times, survival: try stored(Key.survival)?.numbers ?? [])
    }

    static func stored(folds: [SurvivalAnswer]) -> [String: AnswerValue] {
        [Key.foldRisks: .numbers(folds.map(\.risk))]
    }

    /// Risks alone: curves of folds are not kept.
    static func folds(stored: (String) throws -> AnswerValue?) rethrows -> [SurvivalAnswer]? {
        try stored(Key.foldRisks)?.numbers?.map { SurvivalAnswer(risk: $0, times: [], survival: []) }
    }

    func shown(folds: [SurvivalAnswer]?) -> [String: AnswerValue] {
        var values = Dictionary(uniqueKeysWithValues: stored.map { ($0.name, $0.value) })
        values[Key.folds] = folds.map { .numbers($0.map(\.risk)) }
        return values
    }
}
