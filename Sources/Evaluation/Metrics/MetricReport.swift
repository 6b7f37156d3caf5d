public import Config
import Records

/// The metrics of one sample of bags (slides, or cases where those are the cohort's unit).
public struct MetricReport: Codable, Equatable, Sendable {
    /// One class against the rest.
    public struct OneClass: Codable, Equatable, Sendable {
        public var name: String
        public var slides: Int
        fileprivate var figures: MetricFigures

        enum CodingKeys: String, CodingKey, CaseIterable { case name, slides }

        public subscript(_ metric: Metric) -> Estimate? { figures[metric] }
    }

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
    /// More than two classes only.
    public var classes: [OneClass]?

    /// Beside these stand the keys of metrics.
    enum CodingKeys: String, CodingKey, CaseIterable {
        case slides, cases, calibration, confusion, classes
        case temperatureScaled = "temperature_scaled"
    }

    /// As trained; nil for a metric of two classes where there are more.
    public subscript(_ metric: Metric) -> Estimate? {
        metric.basis == .probabilities ? calibration[metric] : figures[metric]
    }

    /// The figure that stands for the whole report; of classes the AUC.
    var headline: (metric: Metric, estimate: Estimate) {
        Metric.shown(in: .headline).lazy.compactMap { metric in self[metric].map { (metric, $0) } }.first ?? (.auc, auc)
    }

    /// Macro one-against-rest AUC, with two classes that of class 1.
    public var auc: Estimate { self[.auc] ?? Estimate(reason: "not recorded") }

    /// - Parameters:
    ///   - classes: their names, in label order.
    ///   - seed: of the bootstrap behind the intervals.
    public init(_ sample: [Judged], classes names: [String], evaluation: EvaluationConfig, seed: UInt64) {
        slides = sample.count
        let caseIDs = sample.map(\.caseID)
        cases = Set(caseIDs).count
        let classified = sample.compactMap(\.ofClass)
        confusion = Metrics.confusion(classified, classes: names.count)
        let ready = MetricSample(sample, classes: names, protocol: evaluation.protocol)
        let slots = MetricSlot.all(sample.first?.answer.kind ?? .class, classes: names.count)
        let estimates = Bootstrap(evaluation, seed: seed).estimates(
            cases: caseIDs,
            undefined: [String](repeating: ready.reason, count: slots.count)
        ) { weights in
            let weighted = ready.weighted(weights)
            return slots.map { $0.value(of: weighted) }
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
        guard names.count > 2 else { return }
        classes = names.enumerated().map { label, name in
            OneClass(name: name, slides: classified.count { $0.label == label }, figures: figures(.oneClass(label)))
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
