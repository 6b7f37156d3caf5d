import Config
import Records

/// Every metric of a sample, in the order in which `MetricReport` takes them, for any weights of its slides.
struct MetricValues {
    private let labels: [Int]
    private let decisions: [Int]
    private let classes: [String]
    private let `protocol`: EvaluationConfig.Convention
    /// One class against the rest: with two classes class 1, else every class.
    private let ranked: [RankedScores]
    private let asTrained: CalibrationTerms
    private let scaled: CalibrationTerms

    init(_ sample: [Judged], classes: [String], protocol: EvaluationConfig.Convention) {
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
    func values(_ weights: [Int]) -> [Double?] {
        let confusion = confusion(weights)
        let areas = ranked.map { $0.auc(weights) }
        let precisions = ranked.map { $0.averagePrecision(weights) }
        // Honest: a mean over classes wants every class. The papers' libraries let an absent one count 0, or pass it over.
        let isCounted = `protocol` == .paper || confusion.allSatisfy { $0.reduce(0, +) > 0 }
        var values = [
            isCounted ? Metrics.meanWithGapsAsZero(areas) : nil, Metrics.meanWithoutGaps(precisions),
            Metrics.accuracy(confusion), isCounted ? Metrics.balancedAccuracy(confusion) : nil,
            Metrics.macroF1(confusion),
        ]
        for terms in [asTrained, scaled] {
            values += [terms.brier(weights), terms.expectedError(weights), terms.logLoss(weights)]
        }
        guard classes.count > 2 else {
            return values + [
                Metrics.recall(confusion, 1), Metrics.recall(confusion, 0), Metrics.precision(confusion, 1),
                Metrics.f1(confusion, 1),
            ]
        }
        return values
            + classes.indices.flatMap { label in
                [
                    areas[label], precisions[label], Metrics.recall(confusion, label),
                    Metrics.specificity(confusion, label),
                ]
            }
    }

    /// Why the whole sample leaves a value undefined, place by place.
    var reasons: [String] {
        let confusion = confusion(labels.map { _ in 1 })
        let places = values(labels.map { _ in 1 }).indices
        guard !labels.isEmpty else { return places.map { _ in "nothing was tested" } }
        let absent = zip(classes, confusion).filter { $1.reduce(0, +) == 0 }.map(\.0)
        guard !absent.isEmpty else { return places.map { _ in "not defined: nothing was decided for the class" } }
        let reason = "not defined: absent class \(absent.joined(separator: ", "))"
        return places.map { _ in reason }
    }

    private func confusion(_ weights: [Int]) -> [[Int]] {
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
        for (slide, weight) in weights.enumerated() { counts[labels[slide]][decisions[slide]] += weight }
        return counts
    }
}
