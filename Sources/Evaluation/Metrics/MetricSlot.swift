import Records

/// One value of a report: which metric, and of what.
struct MetricSlot {
    enum Part: Hashable {
        /// All but probabilities.
        case whole
        /// Of probabilities, before and after temperature scaling.
        case asTrained, scaled
        /// One class against the rest, or one label.
        case oneClass(Int)
        /// At the time with this index.
        case atTime(Int)
    }

    let metric: Metric
    let part: Part
    private let row: MetricRow
    /// The class that stands against the rest; nil for a mean over classes.
    private let label: Int?

    /// Everything that a report of a kind and of so many classes holds.
    /// - Parameters:
    ///   - classes: or labels.
    ///   - times: at which survival is told.
    static func all(_ kind: Target.Kind, classes: Int, times: [Double]) -> [MetricSlot] {
        let hasOwn = kind == .class && classes > 2 || kind == .labels
        return Metric.allCases.flatMap { $0.basis.slots(of: $0, kind, classes: classes, times: times) }
            + (0..<(hasOwn ? classes : 0)).flatMap { label in
                Metric.ofEach(kind).map { MetricSlot($0, .oneClass(label), label: label) }
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
        case .atTime: figure(of: sample)?.value
        }
    }

    /// With the reason where there is none, where the metric tells it.
    func figure(of sample: WeightedSample) -> Figure? {
        switch part {
        case .whole: row.told?(sample)
        case .atTime(let place): row.atTime?(sample, place)
        case .asTrained, .scaled, .oneClass: nil
        }
    }

    var hasInterval: Bool { row.interval != .none }

    /// DeLong's interval of it; nil where there is none.
    func deLong(_ sample: [JudgedClass], confidence: Double) -> [Double]? {
        guard row.interval == .deLong, let label else { return nil }
        let (scores, positive) = Metrics.against(label, sample)
        return DeLong(scores, positive: positive)?.interval(confidence: confidence)
    }
}
