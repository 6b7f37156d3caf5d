import Config
import Records

/// Sets of classes, or intervals of a number, that folds make of each other: the test bags of each are judged by its own model against those of
/// all other folds, of which none was trained on its own.
public struct ConformalSummary: Codable, Equatable, Sendable {
    public struct OneClass: Codable, Equatable, Sendable {
        public var name: String
        /// Bags that others' sets are made with, and that are tested.
        public var slides: Int
        /// Share of them whose set holds the class.
        public var coverage: Double?
        /// Where that would lie by chance alone, were the folds independent.
        public var range: [Double]?
        /// Whether a fold has too few to rule the class out: it is in every set then.
        public var isTooFew: Bool

        enum CodingKeys: String, CodingKey {
            case name, slides, coverage, range
            case isTooFew = "too_few"
        }
    }

    /// What was asked for, 1 − alpha.
    public var wanted: Double
    /// What is proved of sets by folds, 1 − 2 alpha.
    public var guaranteed: Double
    /// How few bags of a class leave it in every set.
    public var least: Int
    public var slides: Int
    /// Share of the test bags whose set or interval holds the truth.
    public var coverage: Double?
    public var range: [Double]?
    /// Classes in a set, or the width of an interval, on average; nil where a width has no end.
    public var meanSize: Double?
    /// Of classes: share of sets with one class alone, and of bags of these whose class is it.
    public var single: Double?
    public var singleAccuracy: Double?
    /// Of sets without a class: the bag is like none.
    public var none: Double?
    public var classes: [OneClass]?

    enum CodingKeys: String, CodingKey {
        case wanted, guaranteed, slides, coverage, range, single, none, classes
        case least = "least_slides"
        case meanSize = "mean_size"
        case singleAccuracy = "single_accuracy"
    }

    /// nil where neither classes nor numbers are asked, where no coverage is, and for fewer than two folds.
    /// - Parameter folds: the test bags of each.
    init?(_ folds: [[Judged]], classes: [String], _ evaluation: EvaluationConfig) {
        guard let coverage = evaluation.coverage, folds.count > 1 else { return nil }
        let alpha = 1 - coverage
        (wanted, guaranteed) = (coverage, 1 - 2 * alpha)
        least = ConformalScores.least(alpha: alpha)
        slides = folds.joined().count
        switch folds.joined().first?.answer.kind {
        case .class: tell(classes: classes, folds.map { $0.compactMap(\.ofClass) }, alpha, evaluation)
        case .number: tell(numbers: folds, alpha, evaluation)
        default: return nil
        }
    }

    private mutating func tell(
        classes names: [String],
        _ folds: [[JudgedClass]],
        _ alpha: Double,
        _ evaluation: EvaluationConfig
    ) {
        var held = [Int](repeating: 0, count: names.count)
        var counts = held
        var (sizes, singles, right, empty) = (0, 0, 0, 0)
        var ranges = [CoverageRange](repeating: CoverageRange(), count: names.count)
        var tooFew = [Bool](repeating: false, count: names.count)
        var whole = CoverageRange()
        for (place, fold) in folds.enumerated() {
            let others = folds.indices.filter { $0 != place }.flatMap { folds[$0] }
            let scores = ConformalScores(others, classes: names.count)
            for judged in fold {
                let set = scores.set(judged.probabilities, alpha: alpha)
                counts[judged.label] += 1
                held[judged.label] += set.contains(judged.label) ? 1 : 0
                sizes += set.count
                singles += set.count == 1 ? 1 : 0
                right += set == [judged.label] ? 1 : 0
                empty += set.isEmpty ? 1 : 0
            }
            for label in names.indices {
                let calibrating = scores.byClass[label].count
                let tested = fold.count { $0.label == label }
                ranges[label].add(calibrating: calibrating, tested: tested, alpha: alpha)
                whole.add(calibrating: calibrating, tested: tested, alpha: alpha)
                if calibrating < least { tooFew[label] = true }
            }
        }
        let count = counts.reduce(0, +)
        func share(_ part: Int, _ of: Int) -> Double? { of > 0 ? Double(part) / Double(of) : nil }
        coverage = share(held.reduce(0, +), count)
        range = whole.interval(evaluation.confidence)
        (meanSize, single, none) = (share(sizes, count), share(singles, count), share(empty, count))
        singleAccuracy = share(right, singles)
        classes = names.indices.map { label in
            OneClass(
                name: names[label],
                slides: counts[label],
                coverage: share(held[label], counts[label]),
                range: ranges[label].interval(evaluation.confidence),
                isTooFew: tooFew[label]
            )
        }
    }

    /// A test bag has one model's answer alone, so that each interval is that answer, less and more one residual.
    private mutating func tell(numbers folds: [[Judged]], _ alpha: Double, _ evaluation: EvaluationConfig) {
        func residuals(_ fold: [Judged]) -> [Double] {
            fold.compactMap { judged in
                judged.target.number.flatMap { truth in judged.answer.ofNumber.map { abs($0.value - truth) } }
            }
        }
        let own = folds.map(residuals)
        var (held, count, widths) = (0, 0, Double?(0))
        var whole = CoverageRange()
        for (place, fold) in own.enumerated() {
            let scores = ConformalScores([own.indices.filter { $0 != place }.flatMap { own[$0] }])
            let half = scores.quantile(alpha: alpha)
            held += fold.count { residual in half.map { residual <= $0 } ?? true }
            count += fold.count
            widths = half.flatMap { half in widths.map { $0 + 2 * half * Double(fold.count) } }
            whole.add(calibrating: scores.byClass[0].count, tested: fold.count, alpha: alpha)
        }
        coverage = count > 0 ? Double(held) / Double(count) : nil
        range = whole.interval(evaluation.confidence)
        meanSize = count > 0 ? widths.map { $0 / Double(count) } : nil
    }
}
