import Config
import Records

extension MetricRow {
    /// What a metric is made of, in the order in which metrics are printed.
    public enum Basis: CaseIterable, Sendable {
        /// The order of the scores, each class against the rest.
        case order
        /// Decisions for class 1 and against it; reported where there are two classes.
        case positives
        /// Decisions for any class.
        case decisions
        /// Probabilities; reported as trained and once more after temperature scaling.
        case probabilities

        /// The kind of answers that there are such metrics of.
        var kind: Target.Kind {
            switch self {
            case .order, .positives, .decisions, .probabilities: .class
            }
        }

        /// Where a report of so many classes has a metric.
        func slots(of metric: Metric, classes: Int) -> [MetricSlot] {
            let isBinary = classes == 2
            return switch self {
            case .order: [MetricSlot(metric, .whole, label: isBinary ? 1 : nil)]
            case .positives: isBinary ? [MetricSlot(metric, .whole, label: 1)] : []
            case .decisions: [MetricSlot(metric, .whole)]
            case .probabilities: [MetricSlot(metric, .asTrained), MetricSlot(metric, .scaled)]
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

    init(_ all: [Judged], classes: [String], protocol: EvaluationConfig.Convention) {
        let sample = all.compactMap(\.ofClass)
        self.classes = classes
        self.protocol = `protocol`
        labels = sample.map(\.label)
        decisions = sample.map(\.decision)
        ranked = Metrics.counted(classes.count).map { label in
            let (scores, positive) = Metrics.against(label, sample)
            return RankedScores(scores, positive: positive)
        }
        asTrained = CalibrationTerms(sample)
        scaled = CalibrationTerms(sample.map(\.temperatureScaled))
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
            scaled: scaled
        )
    }

    /// Why the whole sample leaves a value undefined.
    var reason: String {
        guard !labels.isEmpty else { return "nothing was tested" }
        let absent = zip(classes, confusion(labels.map { _ in 1 })).filter { $1.reduce(0, +) == 0 }.map(\.0)
        guard !absent.isEmpty else { return "not defined: nothing was decided for the class" }
        return "not defined: absent class \(absent.joined(separator: ", "))"
    }

    private func confusion(_ weights: [Int]) -> [[Int]] {
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
        for (slide, weight) in weights.enumerated() { counts[labels[slide]][decisions[slide]] += weight }
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

    init(
        weights: [Int],
        confusion: [[Int]],
        areas: [Double?],
        precisions: [Double?],
        isComplete: Bool,
        calibration: CalibrationTerms,
        scaled: CalibrationTerms
    ) {
        (self.weights, self.confusion, self.areas, self.precisions) = (weights, confusion, areas, precisions)
        (self.isComplete, self.calibration, self.scaled) = (isComplete, calibration, scaled)
    }

    /// The same with the probabilities after temperature scaling.
    var temperatureScaled: WeightedSample {
        var sample = self
        sample.calibration = scaled
        return sample
    }
}
