/// Every figure of how well a model does on a test part, by its key in `metrics.json`: the one table that reports, pages and
/// printed results are made of. docs/metrics.md defines each.
public enum Metric: String, CaseIterable, CodingKey, Sendable {
    case auc
    case averagePrecision = "average_precision"
    case accuracy
    case microF1 = "micro_f1"
    case balancedAccuracy = "balanced_accuracy"
    case macroF1 = "macro_f1"
    case sensitivity, specificity, precision, f1, brier
    case expectedCalibrationError = "ece"
    case logLoss = "log_loss"

    private static let usual: [MetricRow.Place] = [.figures, .spread, .reasons, .printed]

    var row: MetricRow {
        switch self {
        case .auc:
            MetricRow("AUC", .higher, .order, Self.usual + [.headline, .classes, .printedClasses]) {
                $0.isComplete ? Metrics.meanWithGapsAsZero($0.areas) : nil
            } ofClass: {
                $0.areas[$1]
            }
            .withDeLongsInterval
        case .averagePrecision:
            MetricRow("average precision", .higher, .order, Self.usual + [.classes]) {
                Metrics.meanWithoutGaps($0.precisions)
            } ofClass: {
                $0.precisions[$1]
            }
        case .accuracy:
            MetricRow("accuracy", .higher, .decisions, Self.usual) {
                Metrics.accuracy($0.confusion)
            }
        case .microF1:
            // Every slide has one class, so that it is the accuracy and needs no place beside that.
            MetricRow("micro F1", .higher, .decisions, []) { Metrics.accuracy($0.confusion) }
        case .balancedAccuracy:
            MetricRow("balanced accuracy", .higher, .decisions, Self.usual) {
                $0.isComplete ? Metrics.balancedAccuracy($0.confusion) : nil
            }
        case .macroF1:
            MetricRow("macro F1", .higher, .decisions, Self.usual) {
                Metrics.macroF1($0.confusion)
            }
        case .sensitivity:
            MetricRow("sensitivity", .higher, [.figures, .classes, .reasons, .printed, .printedClasses]) {
                Metrics.recall($0.confusion, $1)
            }
        case .specificity:
            MetricRow("specificity", .higher, [.figures, .classes, .reasons, .printed, .printedClasses]) {
                Metrics.specificity($0.confusion, $1)
            }
        case .precision:
            MetricRow("precision", .higher, [.reasons]) { Metrics.precision($0.confusion, $1) }
        case .f1:
            MetricRow("F1", .higher, [.reasons]) { Metrics.f1($0.confusion, $1) }
        case .brier:
            MetricRow("Brier score", .lower, .probabilities, Self.usual + [.calibration]) {
                $0.calibration.brier($0.weights)
            }
            .named(column: "Brier")
        case .expectedCalibrationError:
            MetricRow("ECE", .lower, .probabilities, [.figures, .calibration, .spread, .reasons]) {
                $0.calibration.expectedError($0.weights)
            }
            .named(inFull: "expected calibration error")
        case .logLoss:
            MetricRow("log loss", .lower, .probabilities, [.figures, .calibration, .spread, .reasons]) {
                $0.calibration.logLoss($0.weights)
            }
        }
    }
}

extension Metric {
    /// As in files.
    public var key: String { rawValue }
    /// For readers, as it stands inside a sentence.
    public var title: String { row.title }
    public var direction: MetricRow.Direction { row.direction }
    public var basis: MetricRow.Basis { row.basis }
    public var interval: MetricRow.Interval { row.interval }
    public var places: [MetricRow.Place] { row.places }

    /// The metrics of a place, in the table's order.
    public static func shown(in place: MetricRow.Place) -> [Metric] { allCases.filter { $0.places.contains(place) } }
}
