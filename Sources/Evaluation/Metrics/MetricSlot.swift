import Records

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

    /// Everything that a report of a kind and of so many classes holds.
    static func all(_ kind: Target.Kind, classes: Int) -> [MetricSlot] {
        let own = Metric.allCases.filter { $0.basis.kind == kind }
        let labels = classes > 2 ? 0..<classes : 0..<0
        return own.flatMap { $0.basis.slots(of: $0, classes: classes) }
            + labels.flatMap { label in
                Metric.shown(in: .classes).map { MetricSlot($0, .oneClass(label), label: label) }
            }
    }

    init(_ metric: Metric, _ part: Part, label: Int? = nil) {
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
    func deLong(_ sample: [JudgedClass], confidence: Double) -> [Double]? {
        guard row.interval == .deLong, let label else { return nil }
        let (scores, positive) = Metrics.against(label, sample)
        return DeLong(scores, positive: positive)?.interval(confidence: confidence)
    }
}
