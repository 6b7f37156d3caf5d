/// What a model says of a bag, of the kind of its `Target`.
///
/// What tables, files, pictures and pages ask of an answer is in `AnswerForm`, so that a further case leads to all of it.
public enum Answer: Equatable, Sendable {
    /// Which class it is of.
    case `class`(ClassAnswer)
    case ordinal(OrdinalAnswer)
    case labels(LabelsAnswer)
    case number(NumberAnswer)
    case survival(SurvivalAnswer)

    private var form: any AnswerForm {
        switch self {
        case .class(let answer): answer
        case .ordinal(let answer): answer
        case .labels(let answer): answer
        case .number(let answer): answer
        case .survival(let answer): answer
        }
    }

    private static func form(of kind: Target.Kind) -> any AnswerForm.Type {
        switch kind {
        case .class: ClassAnswer.self
        case .ordinal: OrdinalAnswer.self
        case .labels: LabelsAnswer.self
        case .number: NumberAnswer.self
        case .survival: SurvivalAnswer.self
        }
    }

    public var kind: Target.Kind {
        switch self {
        case .class: .class
        case .ordinal: .ordinal
        case .labels: .labels
        case .number: .number
        case .survival: .survival
        }
    }

    /// Where a class was asked.
    public var ofClass: ClassAnswer? { if case .class(let answer) = self { answer } else { nil } }

    /// Where survival was asked.
    public var ofSurvival: SurvivalAnswer? { if case .survival(let answer) = self { answer } else { nil } }

    /// Where a number was asked.
    public var ofNumber: NumberAnswer? { if case .number(let answer) = self { answer } else { nil } }

    /// Where labels were asked.
    public var ofLabels: LabelsAnswer? { if case .labels(let answer) = self { answer } else { nil } }

    /// What decided, where one number does; nil: nothing has to be decided, or it is without a threshold.
    public var threshold: Double? { ofClass?.call.threshold }

    /// Whether a temperature has made a second form of it.
    public var isCalibrated: Bool { ofClass?.calibrated != nil }

    /// Whether it is of a study of so many classes, or labels.
    public func fits(classes: Int) -> Bool { form.fits(classes: classes) }

    /// Decided anew by a threshold, which a model's checkpoint has and its answers need not repeat.
    public func decided(by threshold: Double?) -> Answer {
        ofClass.map { .class($0.decided(by: threshold)) } ?? self
    }

    /// - Parameter scaled: what a temperature makes of probabilities.
    public func calibrated(by scaled: ([Double]) -> [Double]) -> Answer {
        guard case .class(var answer) = self else { return self }
        answer.calibrated = scaled(answer.probabilities)
        return .class(answer)
    }
}

/// For people.
extension Answer {
    /// What was decided, as tables and readers have it.
    /// - Parameter classes: as `Cohort.classes`.
    public func name(among classes: [String]) -> String { form.name(among: classes) }

    /// Each of its numbers with what that is called: of classes the probability of each.
    public func numbers(among classes: [String]) -> [(name: String, number: Double)] { form.numbers(among: classes) }

    /// The words beside a heatmap: such as `P(tumor) 0.931`, and how it was decided, which may be empty.
    public func words(among classes: [String]) -> (result: String, call: String) { form.words(among: classes) }
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
        return joined(form(of: kind), mean, answers)
    }

    private static func joined<Form: AnswerForm>(_: Form.Type, _ mean: Mean, _ answers: [Answer]) -> Answer? {
        let forms = answers.compactMap { $0.form as? Form }
        return forms.count == answers.count ? Form.mean(mean, of: forms).answer : nil
    }
}

/// In tables, in columns of its own beside that of its name.
extension Answer {
    /// The kind that the columns of a table are of, and its classes.
    public static func told(by columns: [String]) -> (kind: Target.Kind, classes: [String]) {
        for kind in Target.Kind.allCases {
            if let classes = form(of: kind).classes(in: columns) { return (kind, classes) }
        }
        return (.class, [])
    }

    public static func columns(of kind: Target.Kind, classes: [String], isCalibrated: Bool) -> [String] {
        form(of: kind).columns(classes, isCalibrated: isCalibrated)
    }

    /// In the order of `columns`.
    public func cells(isCalibrated: Bool) -> [String] { form.cells(isCalibrated: isCalibrated) }

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
        self = try Self.form(of: kind).init(classes, isCalibrated: isCalibrated, name: name, row: row).answer
    }
}

/// In files of predictions and on the page.
extension Answer {
    /// What a prediction file has of it, in order.
    public var stored: [(name: String, value: AnswerValue)] { form.stored }

    /// From what a prediction file has; nil where it has no answer.
    public init?(stored: (String) throws -> AnswerValue?) rethrows {
        for kind in Target.Kind.allCases {
            guard let form = try Self.form(of: kind).init(stored: stored) else { continue }
            self = form.answer
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
        folds.first.map { stored(form(of: $0.kind), folds) } ?? [:]
    }

    private static func stored<Form: AnswerForm>(_: Form.Type, _ folds: [Answer]) -> [String: AnswerValue] {
        Form.stored(folds: folds.compactMap { $0.form as? Form })
    }

    /// Those of the folds that this is the mean of; nil where they are not stored.
    public func folds(stored: (String) throws -> AnswerValue?) rethrows -> [Answer]? {
        try Self.form(of: kind).folds(stored: stored)?.map { (form: any AnswerForm) in form.answer }
    }

    /// What the page gets of it.
    /// - Parameter folds: where all folds judged a new slide.
    public func shown(folds: [Answer]?) -> [String: AnswerValue] { form.shown(beside: folds) }

    fileprivate func formed<Form: AnswerForm>(_: Form.Type) -> Form? { form as? Form }
}

extension AnswerForm {
    fileprivate func shown(beside folds: [Answer]?) -> [String: AnswerValue] {
        shown(folds: folds?.compactMap { $0.formed(Self.self) })
    }
}
