/// One value of a report: which metric, and of what.
struct MetricSlot {
    enum Part: Hashable {
        /// All but probabilities.
        case whole
        /// Of probabilities, before and after temperature scaling.
        case asTrained, scaled
        /// One class against the rest.
        case oneClass(Int)
    }

    let metric: Metric
    let part: Part
    private let row: MetricRow
    /// The class that stands against the rest; nil for a mean over classes.
    private let label: Int?

    /// Everything that a report of so many classes holds.
    static func all(classes: Int) -> [MetricSlot] {
        let isBinary = classes == 2
        let whole = Metric.allCases.flatMap { metric -> [MetricSlot] in
            switch metric.basis {
            case .order: [MetricSlot(metric, .whole, label: isBinary ? 1 : nil)]
            case .positives: isBinary ? [MetricSlot(metric, .whole, label: 1)] : []
            case .decisions: [MetricSlot(metric, .whole)]
            case .probabilities: [MetricSlot(metric, .asTrained), MetricSlot(metric, .scaled)]
            }
        }
        let labels = classes > 2 ? 0..<classes : 0..<0
        return whole
            + labels.flatMap { label in
                Metric.shown(in: .classes).map { MetricSlot($0, .oneClass(label), label: label) }
            }
    }

    private init(_ metric: Metric, _ part: Part, label: Int? = nil) {
        (self.metric, self.part, self.label) = (metric, part, label)
        row = metric.row
    }

    func value(of sample: WeightedSample) -> Double? {
        switch part {
        case .whole, .asTrained: row.value(sample)
        case .scaled: row.value(sample.temperatureScaled)
        case .oneClass(let label): row.ofClass?(sample, label)
        }
    }

    /// DeLong's interval of it; nil where there is none.
    func deLong(_ sample: [Judged], confidence: Double) -> [Double]? {
        guard row.interval == .deLong, let label else { return nil }
        let (scores, positive) = Metrics.against(label, sample)
        return DeLong(scores, positive: positive)?.interval(confidence: confidence)
    }
}
