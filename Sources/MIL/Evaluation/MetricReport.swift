public import Records

/// A metric with its confidence interval; a value that is not defined is null, with the reason beside it.
public struct Estimate: Codable, Equatable, Sendable {
    public var value: Double?
    /// Bounds of the interval, lower and upper.
    public var interval: [Double]?
    /// Why `value` or `interval` is missing.
    public var reason: String?

    enum CodingKeys: String, CodingKey { case value, interval, reason }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(interval, forKey: .interval)
        try container.encodeIfPresent(reason, forKey: .reason)
    }
}

/// The metrics of one sample of slides.
public struct MetricReport: Codable, Equatable, Sendable {
    public var slides: Int
    public var cases: Int
    /// Macro one-against-rest AUC; with two classes that of class 1.
    public var auc: Estimate
    public var accuracy: Estimate
    public var balancedAccuracy: Estimate
    public var macroF1: Estimate
    /// Equal to the accuracy, since every slide has one class.
    public var microF1: Estimate
    /// Two classes only: recall of class 1 and of class 0.
    public var sensitivity: Estimate?
    public var specificity: Estimate?
    /// Rows are true classes, columns decisions.
    public var confusion: [[Int]]

    enum CodingKeys: String, CodingKey {
        case slides, cases, auc, accuracy, sensitivity, specificity, confusion
        case balancedAccuracy = "balanced_accuracy"
        case macroF1 = "macro_f1"
        case microF1 = "micro_f1"
    }

    /// - Parameter seed: of the bootstrap behind the intervals.
    public init(_ sample: [Judged], classes: Int, evaluation: EvaluationConfig, seed: UInt64) {
        slides = sample.count
        cases = Set(sample.map(\.caseID)).count
        confusion = Metrics.confusion(sample, classes: classes)
        var wanted: [([Judged]) -> Double?] = [
            Metrics.macroAUC,
            { Metrics.accuracy(Metrics.confusion($0, classes: classes)) },
            { Metrics.balancedAccuracy(Metrics.confusion($0, classes: classes)) },
            { Metrics.macroF1(Metrics.confusion($0, classes: classes)) },
        ]
        if classes == 2 {
            wanted.append { Metrics.recall(Metrics.confusion($0, classes: 2), 1) }
            wanted.append { Metrics.recall(Metrics.confusion($0, classes: 2), 0) }
        }
        let estimates = Bootstrap(evaluation, seed: seed).estimates(of: wanted, on: sample)
        auc = estimates[0]
        accuracy = estimates[1]
        microF1 = estimates[1]
        balancedAccuracy = estimates[2]
        macroF1 = estimates[3]
        sensitivity = classes == 2 ? estimates[4] : nil
        specificity = classes == 2 ? estimates[5] : nil
    }
}

/// Percentile intervals by resampling cases: slides of one case are not independent of each other.
struct Bootstrap {
    private let resamples: Int
    private let confidence: Double
    private let seed: UInt64

    init(_ evaluation: EvaluationConfig, seed: UInt64) {
        resamples = evaluation.bootstrap
        confidence = evaluation.confidence
        self.seed = seed
    }

    func estimates(of metrics: [([Judged]) -> Double?], on sample: [Judged]) -> [Estimate] {
        let byCase = Dictionary(grouping: sample, by: \.caseID).sorted { $0.key < $1.key }.map(\.value)
        var draws = metrics.map { _ in [Double]() }
        var random = CounterRandom(seed: seed, "bootstrap")
        if byCase.count > 1 {
            for _ in 0..<resamples {
                let resample = (0..<byCase.count).flatMap { _ in byCase[random.index(below: byCase.count)] }
                for (index, metric) in metrics.enumerated() {
                    if let value = metric(resample) { draws[index].append(value) }
                }
            }
        }
        return zip(metrics, draws).map { metric, values in
            guard let value = metric(sample) else {
                return Estimate(reason: sample.isEmpty ? "no slides" : "not defined: a class is missing")
            }
            guard resamples > 0 else { return Estimate(value: value, reason: "no interval was asked for") }
            guard byCase.count > 1 else { return Estimate(value: value, reason: "an interval wants two cases") }
            // A metric that most resamples leave undefined has no interval worth the name.
            guard values.count * 10 >= resamples * 9 else {
                return Estimate(
                    value: value,
                    reason: "not defined in \(resamples - values.count) of \(resamples) resamples"
                )
            }
            let sorted = values.sorted()
            let tail = (1 - confidence) / 2
            return Estimate(value: value, interval: [quantile(sorted, tail), quantile(sorted, 1 - tail)])
        }
    }

    /// Linear between order statistics.
    private func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}
