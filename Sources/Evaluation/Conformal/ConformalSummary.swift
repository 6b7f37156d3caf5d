import Config
import Records

/// Sets of classes, or intervals of a number. Each case counts once, by the mean over its slides.
///
/// Where folds have set cases aside (`evaluation.calibration_fraction`) each fold's test bags are judged against these (split conformal:
/// Papadopoulos and others, ECML 2002): what is wanted is guaranteed, and shares that hold the truth are a test of it.
///
/// Else folds make them of each other: the test bags of each are judged by its own model against those of all other folds, of which none was
/// trained on its own. Shares that hold the truth are then near what was wanted by construction, since every score is ranked among all others:
/// they tell of no new case, and what sets are worth is their size.
public struct ConformalSummary: Codable, Equatable, Sendable {
    /// What the bags of a fold are judged against.
    public enum Source: String, Codable, Sendable {
        /// Those that it has set aside.
        case calibration
        /// The test parts of the others.
        case folds
    }

    /// What a fold's sets are made with, and what they are made for.
    struct Part {
        var calibrating: [Judged]
        var tested: [Judged]
    }

    public struct OneClass: Codable, Equatable, Sendable {
        public var name: String
        /// That are tested.
        public var slides: Int
        public var cases: Int
        /// Share of them whose set holds the class.
        public var coverage: Double?
        /// Where that would lie by chance alone, were folds independent; nil of folds that judge each other.
        public var range: [Double]?
        public var guaranteed: Double
        /// Whether a fold has too few to rule the class out: it is in every set then.
        public var isTooFew: Bool

        enum CodingKeys: String, CodingKey {
            case name, slides, cases, coverage, range, guaranteed
            case isTooFew = "too_few"
        }
    }

    public var source: Source
    /// What was asked for, 1 − alpha.
    public var wanted: Double
    /// What is proved of a new case's set or interval: with cases set aside, what was wanted; of folds that judge each other, of sets for which
    /// each fold's own model judges it beside the fold's test part (`ConformalScores.guaranteed`), the smallest of the classes.
    public var guaranteed: Double
    /// How few cases of a class leave it in every set.
    public var least: Int
    public var slides: Int
    public var cases: Int
    /// Share of the cases whose set or interval holds the truth.
    public var coverage: Double?
    /// Where that would lie by chance alone, were folds independent; nil of folds that judge each other.
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
        case source, wanted, guaranteed, slides, cases, coverage, range, single, none, classes
        case least = "least_cases"
        case meanSize = "mean_size"
        case singleAccuracy = "single_accuracy"
    }

    /// nil where neither classes nor numbers are asked, where no coverage is, where slides are tested more than once, and where the test parts
    /// have chosen the epochs of the models that judge them.
    init?(_ trained: TrainedFolds, _ evaluation: EvaluationConfig) {
        guard let (parts, source) = Self.parts(trained) else { return nil }
        self.init(parts, of: source, classes: trained.classes, evaluation)
    }

    /// A part for each fold; nil where slides are tested more than once, where the test parts have chosen the epochs of the models that
    /// judge them, and where a single fold has set nothing aside.
    static func parts(_ trained: TrainedFolds) -> (parts: [Part], source: Source)? {
        guard !trained.repeats, !trained.selectOnTest else { return nil }
        let folds = trained.folds
        guard folds.contains(where: \.calibration.isEmpty) else {
            return (folds.map { Part(calibrating: $0.calibration, tested: $0.test) }, .calibration)
        }
        return parts(folds.map(\.test)).map { ($0, .folds) }
    }

    private static func parts(_ folds: [[Judged]]) -> [Part]? {
        guard folds.count > 1 else { return nil }
        return folds.indices.map { place in
            Part(calibrating: folds.indices.filter { $0 != place }.flatMap { folds[$0] }, tested: folds[place])
        }
    }

    /// Of folds that judge each other; nil for fewer than two.
    /// - Parameter folds: the test bags of each; all bags of a case are in one.
    init?(_ folds: [[Judged]], classes: [String], _ evaluation: EvaluationConfig) {
        guard let parts = Self.parts(folds) else { return nil }
        self.init(parts, of: .folds, classes: classes, evaluation)
    }

    /// - Parameter parts: of each fold; no case is tested in two.
    init?(_ parts: [Part], of source: Source, classes: [String], _ evaluation: EvaluationConfig) {
        guard let coverage = evaluation.coverage else { return nil }
        (self.source, wanted, guaranteed) = (source, coverage, coverage)
        let tested = parts.flatMap(\.tested)
        least = ConformalScores.least(alpha: 1 - coverage)
        slides = tested.count
        cases = Set(tested.map(\.caseID)).count
        switch tested.first?.answer.kind {
        case .class: tell(classes: classes, parts, evaluation.confidence)
        case .number: tell(numbers: parts, evaluation.confidence)
        default: return nil
        }
    }

    private var alpha: Double { 1 - wanted }

    private func proved(cases: Int, folds: Int) -> Double {
        switch source {
        case .calibration: wanted
        case .folds: ConformalScores.guaranteed(alpha: alpha, cases: cases, folds: folds)
        }
    }

    private func interval(_ range: CoverageRange, _ confidence: Double) -> [Double]? {
        source == .calibration ? range.interval(confidence) : nil
    }

    /// One slide's set.
    private struct Told {
        var label: Int
        var set: [Int]
        /// Its share of its case's slides of its class.
        var weight: Double
    }

    private mutating func tell(classes names: [String], _ parts: [Part], _ confidence: Double) {
        var tooFew = [Bool](repeating: false, count: names.count)
        var ranges = [CoverageRange](repeating: CoverageRange(), count: names.count)
        var whole = CoverageRange()
        var told: [Told] = []
        for part in parts {
            let scores = ConformalScores(part.calibrating.compactMap(\.ofClass), classes: names.count)
            let tested = part.tested.compactMap(\.ofClass)
            for label in names.indices {
                let own = tested.filter { $0.label == label }
                let slides = Dictionary(grouping: own, by: \.caseID).mapValues(\.count)
                told += own.map { judged in
                    Told(
                        label: label,
                        set: scores.set(judged.probabilities, alpha: alpha),
                        weight: 1 / Double(slides[judged.caseID] ?? 1)
                    )
                }
                let calibrating = scores.cases(class: label)
                ranges[label].add(calibrating: calibrating, tested: slides.count, alpha: alpha)
                whole.add(calibrating: calibrating, tested: slides.count, alpha: alpha)
                if calibrating < least { tooFew[label] = true }
            }
        }
        sumUp(told)
        range = interval(whole, confidence)
        let each = names.indices.map { label in
            let own = told.filter { $0.label == label }
            let cases = Int(Self.weight(own).rounded())
            return OneClass(
                name: names[label],
                slides: own.count,
                cases: cases,
                coverage: Self.share(own.filter { $0.set.contains(label) }, of: own),
                range: interval(ranges[label], confidence),
                guaranteed: proved(cases: cases, folds: parts.count),
                isTooFew: tooFew[label]
            )
        }
        classes = each
        guaranteed = each.map(\.guaranteed).min() ?? 0
    }

    private mutating func sumUp(_ told: [Told]) {
        let singles = told.filter { $0.set.count == 1 }
        let sizes = told.reduce(0) { $0 + $1.weight * Double($1.set.count) }
        coverage = Self.share(told.filter { $0.set.contains($0.label) }, of: told)
        meanSize = told.isEmpty ? nil : sizes / Self.weight(told)
        single = Self.share(singles, of: told)
        singleAccuracy = Self.share(singles.filter { $0.set == [$0.label] }, of: singles)
        none = Self.share(told.filter(\.set.isEmpty), of: told)
    }

    private static func weight(_ sets: [Told]) -> Double { sets.reduce(0) { $0 + $1.weight } }

    private static func share(_ some: [Told], of sets: [Told]) -> Double? {
        sets.isEmpty ? nil : weight(some) / weight(sets)
    }

    /// A test bag has one model's answer alone, so that each interval is that answer, less and more one residual.
    private mutating func tell(numbers parts: [Part], _ confidence: Double) {
        var (held, count, widths) = (0.0, 0, Double?(0))
        var whole = CoverageRange()
        for part in parts {
            let scores = ConformalScores([Self.residuals(part.calibrating)])
            let half = scores.quantile(alpha: alpha)
            let tested = Dictionary(grouping: Self.residuals(part.tested), by: \.caseID).values
            for slides in tested {
                let inside = slides.count { slide in half.map { slide.value <= $0 } ?? true }
                held += Double(inside) / Double(slides.count)
            }
            count += tested.count
            widths = half.flatMap { half in widths.map { $0 + 2 * half * Double(tested.count) } }
            whole.add(calibrating: scores.cases(), tested: tested.count, alpha: alpha)
        }
        coverage = count > 0 ? held / Double(count) : nil
        range = interval(whole, confidence)
        meanSize = count > 0 ? widths.map { $0 / Double(count) } : nil
        guaranteed = proved(cases: count, folds: parts.count)
    }

    /// By how much numbers are wrong.
    static func residuals(_ bags: [Judged]) -> [ConformalScores.Score] {
        bags.compactMap { judged in
            judged.target.number.flatMap { truth in
                judged.answer.ofNumber.map {
                    ConformalScores.Score(caseID: judged.caseID, value: abs($0.value - truth))
                }
            }
        }
    }
}
