/// An answer that is a share for each class or label and nothing else.
protocol SharesAnswer: AnswerForm {
    /// One for each, in their order.
    var probabilities: [Double] { get }

    init(_ probabilities: [Double])

    /// Before a name in the columns of tables.
    static var columnPrefix: String { get }

    /// What prediction files call the shares; those of the folds have `fold_` before it.
    static var key: String { get }
}

extension SharesAnswer {
    func fits(classes: Int) -> Bool { probabilities.count == classes }

    func numbers(among classes: [String]) -> [(name: String, number: Double)] {
        zip(classes, probabilities).map { ($0, $1) }
    }

    static func mean(_ mean: Answer.Mean, of answers: [Self]) -> Self { Self(mean(answers.map(\.probabilities))) }
}

/// In tables.
extension SharesAnswer {
    static func classes(in columns: [String]) -> [String]? {
        let classes = columns.filter { $0.hasPrefix(columnPrefix) }.map { String($0.dropFirst(columnPrefix.count)) }
        return classes.isEmpty ? nil : classes
    }

    static func columns(_ classes: [String], isCalibrated: Bool) -> [String] { classes.map { columnPrefix + $0 } }

    func cells(isCalibrated: Bool) -> [String] { probabilities.map { "\($0)" } }

    init(_ classes: [String], isCalibrated: Bool, name: String, row: (String) -> String) throws(Answer.UnfitCell) {
        self.init(try Self.read(classes.map { Self.columnPrefix + $0 }, in: 0...1, row))
    }
}

/// In files of predictions and on the page.
extension SharesAnswer {
    private static var foldKey: String { "fold_\(key)" }

    var stored: [(name: String, value: AnswerValue)] { [(Self.key, .numbers(probabilities))] }

    init?(stored: (String) throws -> AnswerValue?) rethrows {
        guard let probabilities = try stored(Self.key)?.numbers else { return nil }
        self.init(probabilities)
    }

    static func stored(folds: [Self]) -> [String: AnswerValue] { [foldKey: .rows(folds.map(\.probabilities))] }

    static func folds(stored: (String) throws -> AnswerValue?) rethrows -> [Self]? {
        try stored(foldKey)?.rows?.map { Self($0) }
    }

    /// The shares, and those of the folds.
    func shares(folds: [Self]?) -> [String: AnswerValue] {
        var values: [String: AnswerValue] = [Self.key: .numbers(probabilities)]
        values["folds"] = folds.map { .rows($0.map(\.probabilities)) }
        return values
    }
}
