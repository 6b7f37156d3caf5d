import Config
import Foundation
import Files
import Records
import Storage

/// The figures of a report as tables: the headline with intervals, calibration, single classes, means over folds and seeds.
struct MetricTables {
    let runs: [ReportPage.Run]
    /// Of all test bags: a run's pooled folds, or the mean probabilities of several runs.
    let headline: MetricReport
    /// Of several runs.
    let ensemble: SeedEnsemble?
    /// Of the whole cohort, `slide` or `case`.
    let unit: String

    var text: String {
        "<h2>Metrics on the test \(unit)s</h2>\n" + figures + classes + times + calibration + spread
            + "<p class=\"note\">\(HTML.escaped(note))</p>\n"
    }

    private var figures: String {
        let metrics = Metric.shown(in: .figures).filter { headline[$0] != nil }
        func row(_ name: String, _ report: MetricReport) -> [String] {
            [name] + metrics.map { HTML.estimate(report[$0], of: $0) } + ["\(report.slides)", "\(report.cases)"]
        }
        let rows =
            runs.count > 1
            ? [row("mean of the seeds’ \(headline.target == .class ? "probabilities" : "answers")", headline)]
                + runs.map { row("seed \($0.seed ?? 0), pooled", $0.report.pooled) }
            : [row("pooled", headline)]
                + runs.flatMap { $0.report.folds.map { row("fold \($0.fold)", $0.test) } }
        let overSeeds = ensemble.map { ensemble in
            ["the same, resampled by case and seed"]
                + metrics.map { HTML.estimate(ensemble.overCasesAndSeeds[$0], of: $0) }
                + ["\(headline.slides)", "\(headline.cases)"]
        }
        let counts = unit == "case" ? ["Tests", "Cases"] : ["Slides", "Cases"]
        let all = Array(rows.prefix(1)) + (overSeeds.map { [$0] } ?? []) + Array(rows.dropFirst())
        return HTML.table(["Test part"] + metrics.map(\.row.column) + counts, all, class: "numbers")
    }

    private var classes: String {
        guard let classes = headline.classes else { return "" }
        let metrics = Metric.ofEach(headline.target)
        return HTML.table(
            [headline.target == .labels ? "Label" : "Class against the rest"] + metrics.map(\.row.column) + [
                "\(unit)s".capitalized
            ],
            classes.map { one in [one.name] + metrics.map { HTML.estimate(one[$0], of: $0) } + ["\(one.slides)"] },
            class: "numbers"
        )
    }

    /// Of survival at single times.
    private var times: String {
        guard !headline.times.isEmpty else { return "" }
        let rows = headline.times.map { one in
            [String(format: "%.4g", one.time)]
                + [Metric.areaAtTime, .brierAtTime].map { HTML.estimate(one[$0], of: $0) }
        }
        return HTML.table(["At", "AUC", "Brier"], rows, class: "numbers")
    }

    private var calibration: String {
        guard let scaled = headline.temperatureScaled else { return "" }
        let metrics = Metric.shown(in: .calibration)
        let areErrors = metrics.allSatisfy { $0.direction == .lower }
        return HTML.table(
            ["Calibration\(areErrors ? " (smaller is better)" : "")", "As trained", "Temperature scaled"],
            metrics.map {
                [$0.row.inFull, HTML.estimate(headline.calibration[$0], of: $0), HTML.estimate(scaled[$0], of: $0)]
            },
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
        let rows = Metric.shown(in: .spread, of: headline.target).sorted { $0.key < $1.key }.map { metric in
            [metric.row.heading]
                + spreads.map { _, spread in
                    guard let spread = spread[metric.key], spread.folds > 0 else { return "–" }
                    let (mean, sd) = (spread.mean.map(metric.text) ?? "–", spread.sd.map(metric.text) ?? "–")
                    return "\(mean) ± \(sd) (\(spread.folds))"
                }
        }
        return HTML.table(["Metric"] + spreads.map { "Mean ± sd over \($0.0) (number)" }, rows, class: "numbers")
    }

    private var note: String {
        let evaluation = runs.first?.report.evaluation ?? EvaluationConfig()
        let isMulticlass = headline.target == .class && headline.classes != nil
        let isOfClasses = headline.target == .class
        let deLong = isOfClasses ? "by DeLong for an AUC where no case has more than one test, else " : ""
        let sentences = [
            "Below each value: the interval that holds \(HTML.number(evaluation.confidence * 100, digits: 0)) %, \(deLong)"
                + "by the bootstrap over cases (\(evaluation.bootstrap) resamples).",
            isMulticlass ? "AUC, average precision and F1 are means over the classes, each against the rest." : "",
            isOfClasses ? "Decisions are made by each fold’s own rule. Accuracy is also the micro-averaged F1." : "",
            isOfClasses
                ? "ECE: \(Calibration.bins) bins of equal width over the confidence in the most probable class." : "",
            ensemble == nil
                ? ""
                : "By case and seed: the seeds are drawn again too, and the answers of those drawn are averaged anew.",
            headline.target == .survival && runs.count > 1
                ? "Before they are averaged, each model’s risks are told in standard deviations of its own validation part."
                : "",
            headline.target == .survival
                ? "C and AUC compare cases of one fold alone; τ is \(headline.tau.map { String(format: "%.4g", $0) } ?? "not known")."
                : "",
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
        let metrics = Metric.shown(in: .reasons)
        let whole = metrics.compactMap { metric in self[metric].map { (metric.title, $0) } }
        let single = (classes ?? []).flatMap { one in
            metrics.compactMap { metric in one[metric].map { ("\(metric.title) of \(one.name)", $0) } }
        }
        let timed = times.flatMap { one in
            [Metric.areaAtTime, .brierAtTime].compactMap { metric in
                one[metric].map { ("\(metric.title), \(String(format: "%.4g", one.time))", $0) }
            }
        }
        return whole + single + timed
    }
}
