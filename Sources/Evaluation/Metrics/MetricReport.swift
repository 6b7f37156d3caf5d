import Config
public import Records

/// The metrics of one sample of bags (slides, or cases where those are the cohort's unit).
public struct MetricReport: Codable, Equatable, Sendable {
    /// One class against the rest, or one label.
    public struct OneClass: Codable, Equatable, Sendable {
        public var name: String
        public var slides: Int
        fileprivate var figures: MetricFigures

        enum CodingKeys: String, CodingKey, CaseIterable { case name, slides }

        public subscript(_ metric: Metric) -> Estimate? { figures[metric] }
    }

    /// Figures of survival at a time; in files under keys that end with it, such as `auc_at_365.0`.
    public struct OneTime: Equatable, Sendable {
        /// In the cohort's unit.
        public var time: Double
        var figures: MetricFigures

        public subscript(_ metric: Metric) -> Estimate? { figures[metric] }
    }

    /// What was asked of each bag.
    public var target: Target.Kind
    public var slides: Int
    public var cases: Int
    /// All but those of probabilities.
    private var figures: MetricFigures
    /// How far probabilities are from the truth.
    public var calibration: MetricFigures
    /// The same after temperature scaling; nil where there is no temperature.
    public var temperatureScaled: MetricFigures?
    /// Rows are true classes, columns decisions.
    public var confusion: [[Int]]
    /// More than two classes only, and labels.
    public var classes: [OneClass]?
    /// Where survival is asked.
    public var times: [OneTime] = []
    /// Up to where Uno's C compares, in the cohort's unit: where every training part knows the censoring.
    public var tau: Double?
    /// Of Uno's C, where survival is asked; nil in reports of earlier versions.
    public var support: ConcordanceSupport?

    /// Beside these stand the keys of metrics.
    enum CodingKeys: String, CodingKey, CaseIterable {
        case slides, cases, calibration, confusion, classes, tau
        case support = "c_index_uno_support"
        case target
        case temperatureScaled = "temperature_scaled"
    }

    /// As trained; nil for a metric of two classes where there are more.
    public subscript(_ metric: Metric) -> Estimate? {
        metric.basis == .probabilities ? calibration[metric] : figures[metric]
    }

    /// The figure that stands for the whole report; of classes the AUC.
    public var headline: (metric: Metric, estimate: Estimate) {
        Metric.shown(in: .headline).lazy.compactMap { metric in self[metric].map { (metric, $0) } }.first ?? (.auc, auc)
    }

    /// Macro one-against-rest AUC, with two classes that of class 1.
    public var auc: Estimate { self[.auc] ?? Estimate(reason: "not recorded") }

    /// - Parameter classes: their names, in label order, or the labels'.
    public init(_ sample: [Judged], classes names: [String], _ context: MetricContext) {
        let evaluation = context.evaluation
        target = sample.first?.answer.kind ?? context.target
        slides = sample.count
        let caseIDs = sample.map(\.caseID)
        cases = Set(caseIDs).count
        let classified = sample.compactMap(\.ofClass)
        confusion = Metrics.confusion(sample.compactMap(\.inClasses), classes: names.count)
        let ready = MetricSample(sample, classes: names, context)
        let all = MetricSlot.all(target, classes: names.count, times: context.survival.times)
        // The last ones have no interval.
        let slots = all.filter(\.hasInterval) + all.filter { !$0.hasInterval }
        let resampled = slots.prefix { $0.hasInterval }
        var estimates = Bootstrap(evaluation, seed: context.seed).estimates(
            cases: caseIDs,
            undefined: resampled.map(ready.reason)
        ) { weights in
            let weighted = ready.weighted(weights)
            return resampled.map { $0.value(of: weighted) }
        }
        let whole = ready.weighted(sample.map { _ in 1 })
        estimates += slots.dropFirst(resampled.count).map { slot in
            slot.value(of: whole).map { Estimate(value: $0) } ?? Estimate(reason: ready.reason(of: slot))
        }
        // DeLong's interval takes slides as independent, which those of one case, or tests of one slide, are not.
        let areIndependent = slides == cases && evaluation.bootstrap > 0
        func figures(_ part: MetricSlot.Part) -> MetricFigures {
            let own = zip(slots, estimates).filter { $0.0.part == part }.map { slot, estimate in
                let deLong = areIndependent ? slot.deLong(classified, confidence: evaluation.confidence) : nil
                return (slot.metric, estimate.value == nil ? estimate : estimate.with(deLong: deLong))
            }
            return MetricFigures(Dictionary(uniqueKeysWithValues: own))
        }
        self.figures = figures(.whole)
        calibration = figures(.asTrained)
        let isScaled = !sample.isEmpty && sample.allSatisfy(\.answer.isCalibrated)
        temperatureScaled = isScaled ? figures(.scaled) : nil
        times = context.survival.times.enumerated().map { OneTime(time: $1, figures: figures(.atTime($0))) }
        tau = target == .survival ? context.survival.tau : nil
        support = ready.support
        guard target == .class && names.count > 2 || target == .labels else { return }
        classes = zip(names, TargetNeed.groups(target, classes: names)).enumerated().map { label, named in
            let count = sample.count { named.1.isMet($0.target) }
            return OneClass(name: named.0, slides: count, figures: figures(.oneClass(label)))
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        slides = try container.decode(Int.self, forKey: .slides)
        cases = try container.decode(Int.self, forKey: .cases)
        figures = try MetricFigures(from: decoder)
        calibration = try container.decode(MetricFigures.self, forKey: .calibration)
        temperatureScaled = try container.decodeIfPresent(MetricFigures.self, forKey: .temperatureScaled)
        confusion = try container.decode([[Int]].self, forKey: .confusion)
        classes = try container.decodeIfPresent([OneClass].self, forKey: .classes)
        target = try container.decodeIfPresent(Target.Kind.self, forKey: .target) ?? .class
        tau = try container.decodeIfPresent(Double.self, forKey: .tau)
        support = try container.decodeIfPresent(ConcordanceSupport.self, forKey: .support)
        times = try OneTime.all(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(slides, forKey: .slides)
        try container.encode(cases, forKey: .cases)
        try container.encode(calibration, forKey: .calibration)
        try container.encodeIfPresent(temperatureScaled, forKey: .temperatureScaled)
        try container.encode(confusion, forKey: .confusion)
        try container.encodeIfPresent(classes, forKey: .classes)
        guard target != .class else { return }
        try container.encode(target, forKey: .target)
        guard target == .survival else { return }
        try container.encode(tau, forKey: .tau)
        try container.encodeIfPresent(support, forKey: .support)
        for time in times { try time.encode(to: encoder) }
    }
}

extension MetricReport.OneClass {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        slides = try container.decode(Int.self, forKey: .slides)
        figures = try MetricFigures(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(slides, forKey: .slides)
    }
}
