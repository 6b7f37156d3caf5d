import Config
import Foundation
import Imaging
import Records
import Storage

/// The figures of a report as tables: the headline with intervals, calibration, single classes, means over folds and seeds.
struct MetricTables {
    let runs: [ReportPage.Run]
    /// Of all test bags: a run's pooled folds, or the mean probabilities of several runs.
    let headline: MetricReport
    /// Of the whole cohort, `slide` or `case`.
    let unit: String

    private static var columns: [(String, (MetricReport) -> Estimate?)] {
        [
            ("AUC", \.auc), ("Average precision", \.averagePrecision), ("Accuracy", \.accuracy),
            ("Balanced accuracy", \.balancedAccuracy), ("Macro F1", \.macroF1), ("Sensitivity", \.sensitivity),
            ("Specificity", \.specificity), ("Brier", \.calibration.brier),
            ("ECE", \.calibration.expectedCalibrationError), ("Log loss", \.calibration.logLoss),
        ]
    }

    var text: String {
        "<h2>Metrics on the test \(unit)s</h2>\n" + figures + classes + calibration + spread
            + "<p class=\"note\">\(HTML.escaped(note))</p>\n"
    }

    private var figures: String {
        let columns = Self.columns.filter { $0.1(headline) != nil }
        func row(_ name: String, _ report: MetricReport) -> [String] {
            [name] + columns.map { HTML.estimate($0.1(report)) } + ["\(report.slides)", "\(report.cases)"]
        }
        let rows =
            runs.count > 1
            ? [row("mean of the seeds’ probabilities", headline)]
                + runs.map { row("seed \($0.seed ?? 0), pooled", $0.report.pooled) }
            : [row("pooled", headline)]
                + runs.flatMap { $0.report.folds.map { row("fold \($0.fold)", $0.test) } }
        let counts = unit == "case" ? ["Tests", "Cases"] : ["Slides", "Cases"]
        return HTML.table(["Test part"] + columns.map(\.0) + counts, rows, class: "numbers")
    }

    private var classes: String {
        guard let classes = headline.classes else { return "" }
        return HTML.table(
            [
                "Class against the rest", "AUC", "Average precision", "Sensitivity", "Specificity",
                "\(unit)s".capitalized,
            ],
            classes.map {
                [
                    $0.name, HTML.estimate($0.auc), HTML.estimate($0.averagePrecision), HTML.estimate($0.sensitivity),
                    HTML.estimate($0.specificity), "\($0.slides)",
                ]
            },
            class: "numbers"
        )
    }

    private var calibration: String {
        guard let scaled = headline.temperatureScaled else { return "" }
        let metrics: [(String, (MetricReport.Calibrated) -> Estimate)] = [
            ("Brier score", \.brier), ("Expected calibration error", \.expectedCalibrationError),
            ("Log loss", \.logLoss),
        ]
        return HTML.table(
            ["Calibration (smaller is better)", "As trained", "Temperature scaled"],
            metrics.map { [$0.0, HTML.estimate($0.1(headline.calibration)), HTML.estimate($0.1(scaled))] },
            class: "numbers"
        )
    }

    private var spread: String {
        let folds = runs.flatMap { $0.report.folds.map(\.test) }
        var spreads = [("folds", EvaluationReport.spread(folds))]
        if runs.count > 1 {
            spreads = [
                ("seeds", EvaluationReport.spread(runs.map(\.report.pooled))), ("folds and seeds", spreads[0].1),
            ]
        } else if let repetitions = runs.first?.report.overRepetitions {
            spreads.append(("repetitions", repetitions))
        }
        let rows = spreads[0].1.keys.sorted().map { name in
            [Self.words[name] ?? name]
                + spreads.map { _, spread in
                    guard let spread = spread[name], spread.folds > 0 else { return "–" }
                    return "\(HTML.number(spread.mean)) ± \(HTML.number(spread.sd)) (\(spread.folds))"
                }
        }
        return HTML.table(["Metric"] + spreads.map { "Mean ± sd over \($0.0) (number)" }, rows, class: "numbers")
    }

    private static let words = [
        "auc": "AUC", "average_precision": "Average precision", "accuracy": "Accuracy",
        "balanced_accuracy": "Balanced accuracy", "macro_f1": "Macro F1", "brier": "Brier score", "ece": "ECE",
        "log_loss": "Log loss",
    ]

    private var note: String {
        let evaluation = runs.first?.report.evaluation ?? EvaluationConfig()
        let isMulticlass = headline.classes != nil
        let sentences = [
            "Below each value: the interval that holds \(HTML.number(evaluation.confidence * 100, digits: 0)) %, by DeLong for an AUC "
                + "where no case has more than one test, else by the bootstrap over cases (\(evaluation.bootstrap) resamples).",
            isMulticlass ? "AUC, average precision and F1 are means over the classes, each against the rest." : "",
            "Decisions are made by each fold’s own rule. Accuracy is also the micro-averaged F1.",
            "ECE: \(Calibration.bins) bins of equal width over the confidence in the most probable class.",
            runs.contains { $0.report.repeats }
                ? "Every \(unit) may be tested in several folds: pooled figures count each test, and cases are resampled."
                : "",
        ]
        return sentences.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension MetricReport {
    /// The metrics with their names for readers.
    var named: [(String, Estimate)] {
        let all: [(String, Estimate?)] = [
            ("AUC", auc), ("average precision", averagePrecision), ("accuracy", accuracy),
            ("balanced accuracy", balancedAccuracy), ("macro F1", macroF1), ("sensitivity", sensitivity),
            ("specificity", specificity), ("precision", precision), ("F1", f1), ("Brier score", calibration.brier),
            ("ECE", calibration.expectedCalibrationError), ("log loss", calibration.logLoss),
        ]
        let single = (classes ?? []).flatMap { one in
            [
                ("AUC of \(one.name)", one.auc), ("average precision of \(one.name)", one.averagePrecision),
                ("sensitivity of \(one.name)", one.sensitivity), ("specificity of \(one.name)", one.specificity),
            ]
        }
        return all.compactMap { name, estimate in estimate.map { (name, $0) } } + single
    }
}
