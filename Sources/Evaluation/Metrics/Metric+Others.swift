import Records

/// The metrics of targets that are no single class.
extension Metric {
    private static let told: [MetricRow.Place] = [.figures, .spread, .reasons, .printed]

    /// Of what targets it is.
    var kinds: [Target.Kind] {
        switch self {
        case .auc, .averagePrecision: [.class, .labels]
        case .microF1, .macroF1: [.class, .ordinal, .labels]
        case .accuracy, .balancedAccuracy: [.class, .ordinal]
        case .f1: [.class, .labels]
        case .sensitivity, .specificity, .precision, .brier, .expectedCalibrationError, .logLoss: [.class]
        case .microAUC, .microAveragePrecision: [.labels]
        case .quadraticKappa: [.ordinal]
        case .meanAbsoluteError, .rootMeanSquaredError, .determination, .pearson, .spearman: [.number]
        case .harrellC, .unoC, .integratedBrier, .logRank, .areaAtTime, .brierAtTime: [.survival]
        }
    }

    var rowOfOthers: MetricRow {
        switch self {
        case .microAUC:
            MetricRow("micro AUC", .higher, .labels, Self.told) {
                $0.others.labels?.microArea($0.weights)
            }
        case .microAveragePrecision:
            MetricRow("micro average precision", .higher, .labels, Self.told) {
                $0.others.labels?.microAveragePrecision($0.weights)
            }
        case .quadraticKappa:
            MetricRow(
                "weighted kappa",
                .higher,
                .grades,
                Self.told + [.headline],
                told: {
                    $0.others.grades?.quadraticKappa($0.weights)
                }
            )
            .named(inFull: "quadratic weighted kappa")
        case .meanAbsoluteError:
            MetricRow(
                "mean absolute error",
                .lower,
                .numbers,
                Self.told,
                told: {
                    $0.others.numbers?.meanAbsoluteError($0.weights)
                }
            )
            .named(column: "MAE")
        case .rootMeanSquaredError:
            MetricRow(
                "root mean squared error",
                .lower,
                .numbers,
                Self.told,
                told: {
                    $0.others.numbers?.rootMeanSquaredError($0.weights)
                }
            )
            .named(column: "RMSE")
        case .determination:
            MetricRow("R²", .higher, .numbers, Self.told, told: { $0.others.numbers?.determination($0.weights) })
        case .pearson:
            MetricRow(
                "Pearson’s r",
                .higher,
                .numbers,
                Self.told + [.headline],
                told: {
                    $0.others.numbers?.pearson($0.weights)
                }
            )
        case .spearman:
            MetricRow(
                "Spearman’s ρ",
                .higher,
                .numbers,
                Self.told,
                told: {
                    $0.others.numbers?.spearman($0.weights)
                }
            )
        case .harrellC:
            MetricRow(
                "Harrell’s C",
                .higher,
                .survival,
                Self.told,
                told: {
                    $0.others.survival?.harrell($0.weights)
                }
            )
        case .unoC:
            MetricRow(
                "Uno’s C",
                .higher,
                .survival,
                Self.told + [.headline],
                told: {
                    $0.others.survival?.uno($0.weights)
                }
            )
        case .integratedBrier:
            MetricRow(
                "integrated Brier score",
                .lower,
                .survival,
                Self.told,
                told: {
                    $0.others.survival?.integratedBrier($0.weights)
                }
            )
            .named(column: "Integrated Brier")
        case .logRank:
            MetricRow(
                "log-rank p",
                .lower,
                .survival,
                [.figures, .reasons, .printed],
                told: {
                    $0.others.survival?.logRank()
                }
            )
            .named(inFull: "log-rank p of risk groups that are pooled over folds")
            .withoutInterval
        case .areaAtTime:
            MetricRow("AUC at a time", .higher, [.reasons], atTime: { $0.others.survival?.area($1, $0.weights) })
        case .brierAtTime:
            MetricRow(
                "Brier score at a time",
                .lower,
                [.reasons],
                atTime: { $0.others.survival?.brier($1, $0.weights) }
            )
        default: row
        }
    }
}

extension WeightedSample {
    /// Of each label; nil where labels are not asked.
    var labelAreas: [Double?]? { others.labels?.areas(weights) }
    var labelPrecisions: [Double?]? { others.labels?.averagePrecisions(weights) }
    var labelF1s: [Double?]? { others.labels?.f1s(weights) }
}

extension [Double?] {
    /// nil for a place that there is not.
    subscript(safely place: Int) -> Double? { indices.contains(place) ? self[place] : nil }
}
