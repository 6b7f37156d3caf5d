import Foundation
public import Records

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
    case microAUC = "micro_auc"
    case microAveragePrecision = "micro_average_precision"
    case quadraticKappa = "qwk"
    case meanAbsoluteError = "mae"
    case rootMeanSquaredError = "rmse"
    case determination = "r2"
    case pearson, spearman
    case harrellC = "c_index_harrell"
    case unoC = "c_index_uno"
    case integratedBrier = "integrated_brier"
    case logRank = "logrank_p"
    case areaAtTime = "auc_at"
    case brierAtTime = "brier_at"

    private static let usual: [MetricRow.Place] = [.figures, .spread, .reasons, .printed]

    var row: MetricRow {
        switch self {
        case .auc:
            MetricRow("AUC", .higher, .order, Self.usual + [.headline, .classes, .printedClasses]) {
                if let labels = $0.labelAreas { return LabelScores.macro(labels).value }
                return $0.isComplete ? Metrics.meanWithGapsAsZero($0.areas) : nil
            } ofClass: {
                $0.labelAreas?[$1] ?? $0.areas[safely: $1]
            }
            .withDeLongsInterval
        case .averagePrecision:
            MetricRow("average precision", .higher, .order, Self.usual + [.classes]) {
                Metrics.meanWithoutGaps($0.labelPrecisions ?? $0.precisions)
            } ofClass: {
                $0.labelPrecisions?[$1] ?? $0.precisions[safely: $1]
            }
        case .accuracy:
            MetricRow("accuracy", .higher, .decisions, Self.usual) {
                Metrics.accuracy($0.confusion)
            }
        case .microF1:
            // Every slide has one class, so that it is the accuracy and needs no place beside that.
            MetricRow("micro F1", .higher, .decisions, []) {
                if let labels = $0.others.labels { return labels.microF1($0.weights) }
                return Metrics.accuracy($0.confusion)
            }
        case .balancedAccuracy:
            MetricRow("balanced accuracy", .higher, .decisions, Self.usual) {
                $0.isComplete ? Metrics.balancedAccuracy($0.confusion) : nil
            }
        case .macroF1:
            MetricRow("macro F1", .higher, .decisions, Self.usual) {
                if let labels = $0.labelF1s { return LabelScores.macro(labels).value }
                return Metrics.macroF1($0.confusion)
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
            MetricRow("F1", .higher, [.reasons]) { sample, label in
                if let labels = sample.labelF1s { return labels[label] }
                return Metrics.f1(sample.confusion, label)
            }
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
        case .microAUC, .microAveragePrecision, .quadraticKappa, .meanAbsoluteError, .rootMeanSquaredError,
            .determination,
            .pearson, .spearman, .harrellC, .unoC, .integratedBrier, .logRank, .areaAtTime, .brierAtTime:
            rowOfOthers
        }
    }
}

extension Metric {
    /// As in files.
    public var key: String { rawValue }
    /// For readers, as it stands inside a sentence.
    public var title: String { row.title }
    /// A value of it, or a bound of its interval, for readers: four digits where it has the number's own unit, else three decimals.
    public func text(_ value: Double) -> String {
        let isInUnits = self == .meanAbsoluteError || self == .rootMeanSquaredError
        let digits = isInUnits && value != 0 ? 3 - Int(log10(abs(value)).rounded(.down)) : 3
        return String(format: "%.\(max(0, min(12, digits)))f", value)
    }
    public var direction: MetricRow.Direction { row.direction }
    public var basis: MetricRow.Basis { row.basis }
    public var interval: MetricRow.Interval { row.interval }
    public var places: [MetricRow.Place] { row.places }

    /// The metrics of a place, in the table's order.
    public static func shown(in place: MetricRow.Place) -> [Metric] { allCases.filter { $0.places.contains(place) } }

    /// Of each class against the rest, or of each label.
    static func ofEach(_ kind: Target.Kind) -> [Metric] {
        kind == .labels ? [.auc, .averagePrecision, .f1] : shown(in: .classes, of: kind)
    }

    /// Those that there are of a kind of target.
    public static func shown(in place: MetricRow.Place, of kind: Target.Kind) -> [Metric] {
        shown(in: place).filter { $0.kinds.contains(kind) }
    }
}
