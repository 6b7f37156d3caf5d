import Config
import Records

/// Sets of classes, or intervals of a number, that folds make of each other: the test bags of each are judged by its own model against those of
/// all other folds, of which none was trained on its own. Each case counts once, by the mean over its slides.
///
/// Shares that hold the truth are near what was wanted by construction, since every score is ranked among all others: they tell of no new
/// case, and what sets are worth is their size.
public struct ConformalSummary: Codable, Equatable, Sendable {
    public struct OneClass: Codable, Equatable, Sendable {
        public var name: String
        /// Slides and cases that others' sets are made with, and that are tested.
        public var slides: Int
        public var cases: Int
        /// Share of them whose set holds the class: by construction.
        public var coverage: Double?
        /// What is proved of a new case's set by all folds (`ConformalScores.guaranteed`).
        public var guaranteed: Double
        /// Whether a fold has too few to rule the class out: it is in every set then.
        public var isTooFew: Bool

        enum CodingKeys: String, CodingKey {
            case name, slides, cases, coverage, guaranteed
            case isTooFew = "too_few"
        }
    }

    /// What was asked for, 1 − alpha.
    public var wanted: Double
    /// What is proved of a new case's set or interval, were each fold's own model to judge it beside the fold's test part; of the class with the
    /// smallest number.
    public var guaranteed: Double
    /// How few cases of a class leave it in every set.
    public var least: Int
    public var slides: Int
    public var cases: Int
    /// Share of the cases whose set or interval holds the truth: by construction.
    public var coverage: Double?
    /// Classes in a set, or the width of an interval, on average; nil where a width has no end.
    public var meanSize: Double?
    /// Of classes: share of sets with one class alone, and of bags of these whose class is it.
    public var single: Double?
    public var singleAccuracy: Double?
    /// Of sets without a class: the bag is like none.
    public var none: Double?
    public var classes: [OneClass]?

    enum CodingKeys: String, CodingKey {
        case wanted, guaranteed, slides, cases, coverage, single, none, classes
        case least = "least_cases"
        case meanSize = "mean_size"
        case singleAccuracy = "single_accuracy"
    }

    /// nil where neither classes nor numbers are asked, where no coverage is, for fewer than two folds, and where the test parts have chosen the
    /// epochs of the models that judge them.
    init?(_ trained: TrainedFolds, _ evaluation: EvaluationConfig) {
        guard !trained.repeats, !trained.selectOnTest else { return nil }
        self.init(trained.folds.map(\.test), classes: trained.classes, evaluation)
    }

    /// - Parameter folds: the test bags of each; all bags of a case are in one.
    init?(_ folds: [[Judged]], classes: [String], _ evaluation: EvaluationConfig) {
        guard let coverage = evaluation.coverage, folds.count > 1 else { return nil }
        let alpha = 1 - coverage
        (wanted, guaranteed) = (coverage, 0)
        least = ConformalScores.least(alpha: alpha)
        slides = folds.joined().count
        cases = Set(folds.joined().map(\.caseID)).count
        switch folds.joined().first?.answer.kind {
        case .class: tell(classes: classes, folds.map { $0.compactMap(\.ofClass) }, alpha)
        case .number: tell(numbers: folds, alpha)
        default: return nil
        }
    }

    /// One slide's set.
    private struct Told {
        var label: Int
        var set: [Int]
        /// Its share of its case's slides of its class.
        var weight: Double
    }

    private mutating func tell(classes names: [String], _ folds: [[JudgedClass]], _ alpha: Double) {
        var tooFew = [Bool](repeating: false, count: names.count)
        var told: [Told] = []
        for (place, fold) in folds.enumerated() {
            let others = folds.indices.filter { $0 != place }.flatMap { folds[$0] }
            let scores = ConformalScores(others, classes: names.count)
            for label in names.indices {
                let own = fold.filter { $0.label == label }
                let slides = Dictionary(grouping: own, by: \.caseID).mapValues(\.count)
                told += own.map { judged in
                    Told(
                        label: label,
                        set: scores.set(judged.probabilities, alpha: alpha),
                        weight: 1 / Double(slides[judged.caseID] ?? 1)
                    )
                }
                if scores.cases(class: label) < least { tooFew[label] = true }
            }
        }
        func weight(_ sets: [Told]) -> Double { sets.reduce(0) { $0 + $1.weight } }
        func share(_ part: [Told], of sets: [Told]) -> Double? {
            sets.isEmpty ? nil : weight(part) / weight(sets)
        }
        let singles = told.filter { $0.set.count == 1 }
        coverage = share(told.filter { $0.set.contains($0.label) }, of: told)
        meanSize = told.isEmpty ? nil : told.reduce(0) { $0 + $1.weight * Double($1.set.count) } / weight(told)
        single = share(singles, of: told)
        singleAccuracy = share(singles.filter { $0.set == [$0.label] }, of: singles)
        none = share(told.filter(\.set.isEmpty), of: told)
        let each = names.indices.map { label in
            let own = told.filter { $0.label == label }
            let cases = Int(weight(own).rounded())
            return OneClass(
                name: names[label],
                slides: own.count,
                cases: cases,
                coverage: share(own.filter { $0.set.contains(label) }, of: own),
                guaranteed: ConformalScores.guaranteed(alpha: alpha, cases: cases, folds: folds.count),
                isTooFew: tooFew[label]
            )
        }
        classes = each
        guaranteed = each.map(\.guaranteed).min() ?? 0
    }

    /// A test bag has one model's answer alone, so that each interval is that answer, less and more one residual.
    private mutating func tell(numbers folds: [[Judged]], _ alpha: Double) {
        let own = folds.map { fold in
            fold.compactMap { judged in
                judged.target.number.flatMap { truth in
                    judged.answer.ofNumber.map {
                        ConformalScores.Score(caseID: judged.caseID, value: abs($0.value - truth))
                    }
                }
            }
        }
        var (held, count, widths) = (0.0, 0, Double?(0))
        for (place, fold) in own.enumerated() {
            let scores = ConformalScores([own.indices.filter { $0 != place }.flatMap { own[$0] }])
            let half = scores.quantile(alpha: alpha)
            let cases = Dictionary(grouping: fold, by: \.caseID).values
            for slides in cases {
                let inside = slides.count { slide in half.map { slide.value <= $0 } ?? true }
                held += Double(inside) / Double(slides.count)
            }
            count += cases.count
            widths = half.flatMap { half in widths.map { $0 + 2 * half * Double(cases.count) } }
        }
        coverage = count > 0 ? held / Double(count) : nil
        meanSize = count > 0 ? widths.map { $0 / Double(count) } : nil
        guaranteed = ConformalScores.guaranteed(alpha: alpha, cases: count, folds: folds.count)
    }
}
