public import Records

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
        let wanted = MetricFigures(classes: names, protocol: evaluation.protocol)
        var estimates = Bootstrap(evaluation, seed: seed).estimates(on: sample, wanted.figures)[...]
        func next() -> Estimate { estimates.popFirst() ?? Estimate(reason: "not defined") }
        // DeLong's interval takes slides as independent, which those of one case are not.
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

/// The figures of a sample in the order in which `MetricReport` takes them.
private struct MetricFigures {
    let classes: [String]
    let `protocol`: EvaluationConfig.Convention

    init(classes: [String], protocol: EvaluationConfig.Convention) {
        self.classes = classes
        self.protocol = `protocol`
    }

    func figures(_ sample: [Judged]) -> [Figure] {
        let confusion = Metrics.confusion(sample, classes: classes.count)
        let reason = sample.isEmpty ? "no slides" : absence(confusion)
        func figure(_ value: Double?) -> Figure { Figure(value: value, reason: reason) }
        // Honest: a mean over classes wants every class. The papers' libraries let an absent one count 0.
        let hasAll = confusion.allSatisfy { $0.reduce(0, +) > 0 }
        let isCounted = hasAll || `protocol` == .paper
        var figures = [
            figure(isCounted ? Metrics.macroAUC(sample) : nil), figure(Metrics.macroAveragePrecision(sample)),
            figure(Metrics.accuracy(confusion)), figure(hasAll ? Metrics.balancedAccuracy(confusion) : nil),
            figure(Metrics.macroF1(confusion)),
        ]
        let scaled = sample.map { judged in
            var scaled = judged
            scaled.probabilities = judged.calibrated ?? judged.probabilities
            return scaled
        }
        for judged in [sample, scaled] {
            figures += [
                figure(Calibration.brier(judged)), figure(Calibration.expectedError(judged)),
                figure(Calibration.logLoss(judged)),
            ]
        }
        guard classes.count > 2 else {
            return figures + [
                figure(Metrics.recall(confusion, 1)), figure(Metrics.recall(confusion, 0)),
                Figure(value: Metrics.precision(confusion, 1), reason: reason ?? "no slide was decided positive"),
                figure(Metrics.f1(confusion, 1)),
            ]
        }
        return figures
            + classes.indices.flatMap { label in
                let (scores, positive) = Metrics.against(label, sample)
                return [
                    figure(Metrics.auc(scores, positive: positive)),
                    figure(Metrics.averagePrecision(scores, positive: positive)),
                    figure(Metrics.recall(confusion, label)), figure(Metrics.specificity(confusion, label)),
                ]
            }
    }

    private func absence(_ confusion: [[Int]]) -> String? {
        let absent = zip(classes, confusion).filter { $1.reduce(0, +) == 0 }.map(\.0)
        guard !absent.isEmpty else { return nil }
        return "not defined: no slide of class \(absent.joined(separator: ", "))"
    }
}
