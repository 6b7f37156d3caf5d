import Config
import Records

extension MetricRow {
    /// What a metric is made of, in the order in which metrics are printed.
    public enum Basis: CaseIterable, Sendable {
        /// The order of the scores, each class against the rest, or each label.
        case order
        /// Decisions for class 1 and against it; reported where there are two classes.
        case positives
        /// Decisions for any class.
        case decisions
        /// Probabilities; reported as trained and once more after temperature scaling.
        case probabilities
        /// Decisions among classes that stand in an order.
        case grades
        /// All labels together.
        case labels
        case numbers
        /// Risks, and the survival that is told.
        case survival
        /// The same at each of some times.
        case survivalAtTimes

        /// Where a report of so many classes has a metric.
        func slots(of metric: Metric, _ kind: Target.Kind, classes: Int, times: [Double]) -> [MetricSlot] {
            guard metric.kinds.contains(kind) else { return [] }
            let isBinary = kind == .class && classes == 2
            return switch self {
            case .order: [MetricSlot(metric, .whole, label: isBinary ? 1 : nil)]
            case .positives: isBinary ? [MetricSlot(metric, .whole, label: 1)] : []
            case .decisions, .grades, .labels, .numbers, .survival: [MetricSlot(metric, .whole)]
            case .probabilities: [MetricSlot(metric, .asTrained), MetricSlot(metric, .scaled)]
            case .survivalAtTimes: times.indices.map { MetricSlot(metric, .atTime($0)) }
            }
        }
    }
}

/// A sample made ready to be measured with any weights of its slides.
struct MetricSample {
    private let labels: [Int]
    private let decisions: [Int]
    private let classes: [String]
    private let `protocol`: EvaluationConfig.Convention
    /// One class against the rest: with two classes class 1, else every class.
    private let ranked: [RankedScores]
    private let asTrained: CalibrationTerms
    private let scaled: CalibrationTerms
    private let others: OtherScores
    private let count: Int

    init(_ all: [Judged], classes: [String], _ context: MetricContext) {
        let sample = all.compactMap(\.ofClass)
        let decided = all.compactMap(\.inClasses)
        self.classes = classes
        `protocol` = context.evaluation.protocol
        count = all.count
        labels = decided.map(\.label)
        decisions = decided.map(\.decision)
        ranked =
            (all.first?.answer.kind ?? .class) != .class
            ? []
            : Metrics.counted(classes.count).map { label in
                let (scores, positive) = Metrics.against(label, sample)
                return RankedScores(scores, positive: positive)
            }
        asTrained = CalibrationTerms(sample)
        scaled = CalibrationTerms(sample.map(\.temperatureScaled))
        others = OtherScores(all, classes: classes.count, context)
    }

    /// - Parameter weights: how often each slide counts.
    func weighted(_ weights: [Int]) -> WeightedSample {
        let confusion = confusion(weights)
        return WeightedSample(
            weights: weights,
            confusion: confusion,
            areas: ranked.map { $0.auc(weights) },
            precisions: ranked.map { $0.averagePrecision(weights) },
            // Honest: a mean over classes wants every class. The papers' libraries let an absent one count 0, or pass it over.
            isComplete: `protocol` == .paper || confusion.allSatisfy { $0.reduce(0, +) > 0 },
            calibration: asTrained,
            scaled: scaled,
            others: others
        )
    }

    /// nil where no survival is asked.
    var support: ConcordanceSupport? { others.survival?.support }

    /// Why the whole sample leaves a value undefined.
    func reason(of slot: MetricSlot) -> String {
        guard count > 0 else { return "nothing was tested" }
        if let reason = slot.figure(of: weighted([Int](repeating: 1, count: count)))?.reason {
            return "not defined: \(reason)"
        }
        if others.labels != nil { return "not defined: of a label all known slides have it, or none" }
        let absent = zip(classes, confusion(labels.map { _ in 1 })).filter { $1.reduce(0, +) == 0 }.map(\.0)
        guard !absent.isEmpty, !labels.isEmpty else { return "not defined: nothing was decided for the class" }
        return "not defined: absent class \(absent.joined(separator: ", "))"
    }

    private func confusion(_ weights: [Int]) -> [[Int]] {
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
        for (slide, label) in labels.enumerated() { counts[label][decisions[slide]] += weights[slide] }
        return counts
    }
}

/// What metrics are functions of: a sample, each of whose slides counts as often as its weight says.
struct WeightedSample {
    var weights: [Int]
    /// Counts by true class (row) and decision (column).
    var confusion: [[Int]]
    /// AUC and average precision of class 1 where there are two, else of every class, against the rest; nil without it.
    var areas: [Double?]
    var precisions: [Double?]
    /// Whether a mean over classes is defined: every class is there, or absent ones may be passed over.
    var isComplete: Bool
    var calibration: CalibrationTerms
    private var scaled: CalibrationTerms
    /// Where no class is asked.
    var others: OtherScores

    init(
        weights: [Int],
        confusion: [[Int]],
        areas: [Double?],
        precisions: [Double?],
        isComplete: Bool,
        calibration: CalibrationTerms,
        scaled: CalibrationTerms,
        others: OtherScores
    ) {
        (self.weights, self.confusion, self.areas, self.precisions) = (weights, confusion, areas, precisions)
        (self.isComplete, self.calibration, self.scaled, self.others) = (isComplete, calibration, scaled, others)
    }

    /// The same with the probabilities after temperature scaling.
    var temperatureScaled: WeightedSample {
        var sample = self
        sample.calibration = scaled
        return sample
    }
}

/// What metrics of other targets than classes are made of; nil where such a target is not asked.
struct OtherScores {
    var numbers: NumberScores?
    var grades: GradeAgreement?
    var labels: LabelScores?
    var survival: SurvivalScores?

    init(_ sample: [Judged], classes: Int, _ context: MetricContext) {
        switch sample.first?.answer.kind {
        case nil, .class: break
        case .ordinal:
            let graded = sample.compactMap(\.inClasses)
            grades = GradeAgreement(truth: graded.map(\.label), predicted: graded.map(\.decision), grades: classes)
        case .labels:
            let answers = sample.compactMap(\.answer.ofLabels)
            labels = LabelScores(
                truth: sample.compactMap(\.target.labels),
                scores: answers.map(\.probabilities),
                decisions: answers.map(\.called)
            )
        case .number:
            numbers = NumberScores(
                truth: sample.compactMap(\.target.number),
                predicted: sample.compactMap(\.answer.ofNumber?.value)
            )
        case .survival: survival = SurvivalScores(sample, context.survival)
        }
    }
}
