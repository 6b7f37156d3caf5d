public import Config
import Records

/// The metrics of one sample of bags (slides, or cases where those are the cohort's unit).
public struct MetricReport: Codable, Equatable, Sendable {
    /// One class against the rest.
    public struct OneClass: Codable, Equatable, Sendable {
        public var name: String
        public var slides: Int
        public var auc: Estimate
        public var averagePrecision: Estimate
        public var sensitivity: Estimate
        public var specificity: Estimate

        enum CodingKeys: String, CodingKey {
            case name, slides, auc, sensitivity, specificity
            case averagePrecision = "average_precision"
        }
    }

    /// How far probabilities are from the truth; smaller is better.
    public struct Calibrated: Codable, Equatable, Sendable {
        public var brier: Estimate
        public var expectedCalibrationError: Estimate
        public var logLoss: Estimate

        enum CodingKeys: String, CodingKey {
            case brier
            case expectedCalibrationError = "ece"
            case logLoss = "log_loss"
        }
    }

    public var slides: Int
    public var cases: Int
    /// Macro one-against-rest AUC; with two classes that of class 1.
    public var auc: Estimate
    /// Macro one-against-rest; with two classes that of class 1.
    public var averagePrecision: Estimate
    public var accuracy: Estimate
    public var balancedAccuracy: Estimate
    public var macroF1: Estimate
    /// Equal to the accuracy, since every slide has one class.
    public var microF1: Estimate
    /// Two classes only, of class 1: recall, recall of class 0, precision and F1.
    public var sensitivity: Estimate?
    public var specificity: Estimate?
    public var precision: Estimate?
    public var f1: Estimate?
    public var calibration: Calibrated
    /// The same after temperature scaling; nil where there is no temperature.
    public var temperatureScaled: Calibrated?
    /// Rows are true classes, columns decisions.
    public var confusion: [[Int]]
    /// More than two classes only.
    public var classes: [OneClass]?

    enum CodingKeys: String, CodingKey {
        case slides, cases, auc, accuracy, sensitivity, specificity, precision, f1, calibration, confusion, classes
        case averagePrecision = "average_precision"
        case balancedAccuracy = "balanced_accuracy"
        case macroF1 = "macro_f1"
        case microF1 = "micro_f1"
        case temperatureScaled = "temperature_scaled"
    }

    /// - Parameters:
    ///   - classes: their names, in label order.
    ///   - seed: of the bootstrap behind the intervals.
    public init(_ sample: [Judged], classes names: [String], evaluation: EvaluationConfig, seed: UInt64) {
        slides = sample.count
        cases = Set(sample.map(\.caseID)).count
        confusion = Metrics.confusion(sample, classes: names.count)
        let values = MetricValues(sample, classes: names, protocol: evaluation.protocol)
        let bootstrap = Bootstrap(evaluation, seed: seed)
        var estimates = bootstrap.estimates(on: sample, reasons: values.reasons, values.values)[...]
        func next() -> Estimate { estimates.popFirst() ?? Estimate(reason: "not defined") }
        // DeLong's interval takes slides as independent, which those of one case, or tests of one slide, are not.
        let independent = slides == cases && evaluation.bootstrap > 0
        func area(_ label: Int, _ resampled: Estimate) -> Estimate {
            let (scores, positive) = Metrics.against(label, sample)
            guard independent, resampled.value != nil,
                let interval = DeLong(scores, positive: positive)?.interval(confidence: evaluation.confidence)
            else { return resampled }
            return Estimate(value: resampled.value, interval: interval, method: .delong)
        }
        let isBinary = names.count == 2
        auc = isBinary ? area(1, next()) : next()
        averagePrecision = next()
        accuracy = next()
        microF1 = accuracy
        (balancedAccuracy, macroF1) = (next(), next())
        func calibrated() -> Calibrated {
            Calibrated(brier: next(), expectedCalibrationError: next(), logLoss: next())
        }
        calibration = calibrated()
        temperatureScaled = calibrated()
        if sample.isEmpty || sample.contains(where: { $0.calibrated == nil }) { temperatureScaled = nil }
        if isBinary {
            (sensitivity, specificity, precision, f1) = (next(), next(), next(), next())
        } else {
            self.classes = names.enumerated().map { label, name in
                OneClass(
                    name: name,
                    slides: sample.count { $0.label == label },
                    auc: area(label, next()),
                    averagePrecision: next(),
                    sensitivity: next(),
                    specificity: next()
                )
            }
        }
    }
}
