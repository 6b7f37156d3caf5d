/// What a model says of a bag, of the kind of its `Target`.
///
/// Whatever tables, files, pictures and pages ask of an answer is a switch in this file, so that a further case leads to all of it.
public enum Answer: Equatable, Sendable {
    /// Which class it is of.
    case `class`(ClassAnswer)

    public var kind: Target.Kind {
        switch self {
        case .class: .class
        }
    }

    /// Where a class was asked.
    public var ofClass: ClassAnswer? {
        switch self {
        case .class(let answer): answer
        }
    }

    /// What decided, where one number does; nil: nothing has to be decided, or it is without a threshold.
    public var threshold: Double? {
        switch self {
        case .class(let answer): answer.call.threshold
        }
    }

    /// Whether a temperature has made a second form of it.
    public var isCalibrated: Bool {
        switch self {
        case .class(let answer): answer.calibrated != nil
        }
    }

    /// Whether it is of a study of so many classes.
    public func fits(classes: Int) -> Bool {
        switch self {
        case .class(let answer): answer.probabilities.count == classes
        }
    }

    /// Decided anew by a threshold, which a model's checkpoint has and its answers need not repeat.
    public func decided(by threshold: Double?) -> Answer {
        switch self {
        case .class(let answer): .class(answer.decided(by: threshold))
        }
    }

    /// - Parameter scaled: what a temperature makes of probabilities.
    public func calibrated(by scaled: ([Double]) -> [Double]) -> Answer {
        switch self {
        case .class(var answer):
            answer.calibrated = scaled(answer.probabilities)
            return .class(answer)
        }
    }
}

/// For people.
extension Answer {
    /// What was decided, as tables and readers have it.
    public func name(among classes: [String]) -> String {
        switch self {
        case .class(let answer): classes[answer.called]
        }
    }

    /// Each of its numbers with what that is called: of classes the probability of each.
    public func numbers(among classes: [String]) -> [(name: String, number: Double)] {
        switch self {
        case .class(let answer): zip(classes, answer.probabilities).map { ($0, $1) }
        }
    }

    /// The words beside a heatmap: such as `P(tumor) 0.931`, and how it was decided, which may be empty.
    public func words(among classes: [String]) -> (result: String, call: String) {
        switch self {
        case .class(let answer): answer.words(among: classes)
        }
    }
}

/// The mean of several.
extension Answer {
    /// How a mean is rounded; both are kept, since what exists compares equal by it.
    public enum Mean: Sendable {
        /// Of folds: each is divided, then they are added.
        case ofFolds
        /// Of seeds: they are added, then the sum is divided.
        case ofSeeds

        func callAsFunction(_ values: [Double]) -> Double {
            let count = Double(values.count)
            return switch self {
            case .ofFolds: values.reduce(0) { $0 + $1 / count }
            case .ofSeeds: values.reduce(0, +) / count
            }
        }

        /// Number by number of equally long lists.
        func callAsFunction(_ lists: [[Double]]) -> [Double] {
            (lists.first ?? []).indices.map { place in self(lists.map { $0[place] }) }
        }
    }

    /// nil without answers, and where they are not of one kind.
    public static func mean(_ mean: Mean, of answers: [Answer]) -> Answer? {
        guard let kind = answers.first?.kind else { return nil }
        switch kind {
        case .class:
            let all = answers.compactMap(\.ofClass)
            return all.count == answers.count ? .class(.mean(mean, of: all)) : nil
        }
    }
}

/// In tables, in columns of its own beside that of its name.
extension Answer {
    /// The kind that the columns of a table are of, and its classes.
    public static func told(by columns: [String]) -> (kind: Target.Kind, classes: [String]) {
        for kind in Target.Kind.allCases {
            switch kind {
            case .class:
                let classes = ClassAnswer.classes(in: columns)
                if !classes.isEmpty { return (kind, classes) }
            }
        }
        return (.class, [])
    }

    public static func columns(of kind: Target.Kind, classes: [String], isCalibrated: Bool) -> [String] {
        switch kind {
        case .class: ClassAnswer.columns(classes, isCalibrated: isCalibrated)
        }
    }

    /// In the order of `columns`.
    public func cells(isCalibrated: Bool) -> [String] {
        switch self {
        case .class(let answer): answer.cells(isCalibrated: isCalibrated)
        }
    }

    /// A cell that has no answer.
    public struct UnfitCell: Error {
        public var column: String
    }

    /// - Parameters:
    ///   - name: the column of what was decided.
    ///   - row: the cell of a column.
    /// - Throws: `UnfitCell` for the first that does not fit.
    public init(
        _ kind: Target.Kind,
        classes: [String],
        isCalibrated: Bool,
        name: String,
        row: (String) -> String
    ) throws(UnfitCell) {
        switch kind {
        case .class: self = .class(try ClassAnswer(classes, isCalibrated: isCalibrated, name: name, row: row))
        }
    }
}

/// In files of predictions and on the page.
extension Answer {
    /// What a prediction file has of it, in order.
    public var stored: [(name: String, value: AnswerValue)] {
        switch self {
        case .class(let answer): answer.stored
        }
    }

    /// From what a prediction file has; nil where it has no answer.
    public init?(stored: (String) throws -> AnswerValue?) rethrows {
        for kind in Target.Kind.allCases {
            let answer: Answer? =
                switch kind {
                case .class: try ClassAnswer(stored: stored).map { .class($0) }
                }
            guard let answer else { continue }
            self = answer
            return
        }
        return nil
    }

    /// Whether all that is stored is a number.
    public var isFinite: Bool {
        stored.allSatisfy { _, value in
            switch value {
            case .whole: true
            case .number(let number): number.isFinite
            case .numbers(let numbers): numbers.allSatisfy(\.isFinite)
            case .rows(let rows): rows.joined().allSatisfy(\.isFinite)
            }
        }
    }

    /// What is stored of the folds beside their mean.
    public static func stored(folds: [Answer]) -> [String: AnswerValue] {
        switch folds.first {
        case .class: ClassAnswer.stored(folds: folds.compactMap(\.ofClass))
        case nil: [:]
        }
    }

    /// Those of the folds that this is the mean of; nil where they are not stored.
    public func folds(stored: (String) -> AnswerValue?) -> [Answer]? {
        switch self {
        case .class: ClassAnswer.folds(stored: stored)?.map { .class($0) }
        }
    }

    /// What the page gets of it.
    /// - Parameter folds: where all folds judged a new slide.
    public func shown(folds: [Answer]?) -> [String: AnswerValue] {
        switch self {
        case .class(let answer): answer.shown(folds: folds?.compactMap(\.ofClass))
        }
    }
}
