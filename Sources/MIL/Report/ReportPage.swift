import Records

/// `report.html`: what a training reached and how that was found out, as one page that needs nothing else.
struct ReportPage {
    /// One training of all folds.
    struct Run {
        /// nil for a training with one seed.
        var seed: UInt64?
        var trained: TrainedFolds
        var report: EvaluationReport
    }

    let name: String
    let runs: [Run]
    /// What the curves and the list of errors show: a run's own test slides, or the mean of all runs.
    private let shown: [TestedSlide]
    private let classes: [String]

    init(name: String, runs: [Run]) {
        self.name = name
        self.runs = runs
        classes = runs.first?.trained.classes ?? []
        shown = TestedSlide.averaged(runs.map(\.trained))
    }

    var text: String {
        let sections = [
            heading, ReportFacts(runs: runs).text, metrics, curves, TrainingCurves(runs: runs).text, confusion, errors,
            undefined, ReportFacts(runs: runs).versions,
        ]
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(HTML.escaped(name))</title><style>\(Self.style)</style></head><body><main>
            \(sections.joined(separator: "\n"))</main></body></html>

            """
    }

    private var heading: String {
        let isPaper = runs.contains { $0.report.protocol == .paper }
        let warning = """
            <p class="warning"><strong>Protocol of the papers.</strong> These figures follow the looser selection and
            conventions of the original experiments, see “How epoch and threshold were chosen”. They are for comparison with
            published numbers, not an estimate of what the model does on new patients.</p>
            """
        return "<h1>\(HTML.escaped(name))</h1>\n" + (isPaper ? warning : "")
    }

    private var metrics: String {
        let columns: [(String, (MetricReport) -> Estimate?)] = [
            ("AUC", \.auc), ("Average precision", \.averagePrecision), ("Accuracy", \.accuracy),
            ("Balanced accuracy", \.balancedAccuracy), ("Macro F1", \.macroF1), ("Sensitivity", \.sensitivity),
            ("Specificity", \.specificity), ("Brier", \.calibration.brier),
            ("ECE", \.calibration.expectedCalibrationError),
        ].filter { column in classes.count == 2 || !["Sensitivity", "Specificity"].contains(column.0) }
        let names = columns.map(\.0)
        var text = "<h2>Metrics on the test slides</h2>\n"
        for run in runs {
            if let seed = run.seed { text += "<h3>Seed \(seed)</h3>\n" }
            let pooled = ["pooled"] + columns.map { HTML.estimate($0.1(run.report.pooled)) }
            let folds = run.report.folds.map { fold in
                ["fold \(fold.fold)"] + columns.map { HTML.number($0.1(fold.test)?.value) }
            }
            text += HTML.table(["Test part"] + names, [pooled] + folds, class: "numbers")
            if let classes = run.report.pooled.classes {
                text += HTML.table(
                    ["Class against the rest", "Slides", "AUC", "Average precision", "Sensitivity", "Specificity"],
                    classes.map {
                        [
                            $0.name, "\($0.slides)", HTML.estimate($0.auc), HTML.estimate($0.averagePrecision),
                            HTML.estimate($0.sensitivity), HTML.estimate($0.specificity),
                        ]
                    },
                    class: "numbers"
                )
            }
        }
        return text + overRuns + "<p class=\"note\">\(HTML.escaped(intervals))</p>\n"
    }

    private var overRuns: String {
        let spread = EvaluationReport.spread(
            runs.count > 1 ? runs.map(\.report.pooled) : runs.first?.report.folds.map(\.test) ?? []
        )
        let rows = spread.sorted { $0.key < $1.key }.map { name, spread in
            let word = name.replacing("_", with: " ")
            return [word, "\(HTML.number(spread.mean)) ± \(HTML.number(spread.sd))", "\(spread.folds)"]
        }
        let unit = runs.count > 1 ? "seeds" : "folds"
        return HTML.table(["Metric", "Mean ± sd over \(unit)", "Defined in"], rows, class: "numbers")
    }

    private var intervals: String {
        let evaluation = runs.first?.trained.folds.first?.card.evaluation ?? EvaluationConfig()
        let repeats = runs.contains { $0.report.repeats }
        return
            "Intervals hold \(Int((evaluation.confidence * 100).rounded())) %: DeLong's for the AUC where every case "
            + "has one slide, else the bootstrap over cases (\(evaluation.bootstrap) resamples). Decisions are made with "
            + "each fold's own threshold."
            + (repeats
                ? " Slides are tested in several folds; pooled figures count each test, and cases are resampled." : "")
    }

    private var curves: String {
        let labels = classes.count == 2 ? [1] : Array(classes.indices)
        func lines(_ curve: ([Double], [Bool]) -> [(x: Double, y: Double)]) -> [SVGChart.Line] {
            func line(_ sample: [Judged], _ label: Int, _ colour: String) -> SVGChart.Line {
                let (scores, positive) = Metrics.against(label, sample)
                return SVGChart.Line(points: curve(scores, positive), colour: colour)
            }
            let parts = runs.count > 1 ? runs.map(\.trained.pooled) : runs.first?.trained.folds.map(\.test) ?? []
            let faint: [SVGChart.Line] = (classes.count > 2 ? [] : parts).map { sample in
                var thin = line(sample, 1, "#888888")
                (thin.width, thin.opacity) = (1, 0.45)
                return thin
            }
            return faint
                + labels.map { label in
                    var bold = line(shown.map(\.judged), label, SVGChart.colours[label % SVGChart.colours.count])
                    bold.name = classes[label]
                    return bold
                }
        }
        let unit = 0.0...1.0
        var roc = SVGChart(title: "ROC", xLabel: "False positive rate", yLabel: "True positive rate", x: unit, y: unit)
        roc.lines =
            [SVGChart.Line(points: [(0, 0), (1, 1)], colour: "#bbbbbb", width: 1, isDashed: true)] + lines(Curves.roc)
        var precision = SVGChart(title: "Precision and recall", xLabel: "Recall", yLabel: "Precision", x: unit, y: unit)
        precision.lines = lines(Curves.precisionRecall)
        let faint = classes.count > 2 ? "" : " Grey: single \(runs.count > 1 ? "seeds" : "folds")."
        return "<h2>Curves</h2>\n<div class=\"charts\">\(roc.text)\(precision.text)\(reliability.text)</div>\n"
            + "<p class=\"note\">Test slides pooled.\(faint) Reliability: dots on the diagonal mean that a confidence of "
            + "80 % is right in 80 % of the slides; bars are the share of slides per bin before scaling. Temperatures were "
            + "fitted on the validation parts.</p>\n"
    }

    private var reliability: SVGChart {
        let unit = 0.0...1.0
        var chart = SVGChart(
            title: "Reliability",
            xLabel: "Confidence in the most probable class",
            yLabel: "Share that was right",
            x: unit,
            y: unit
        )
        func line(_ sample: [Judged], _ name: String, _ colour: String) -> SVGChart.Line {
            let bins = Calibration.reliability(sample).filter { $0.count > 0 }
            return SVGChart.Line(points: bins.map { ($0.confidence, $0.frequency) }, colour: colour, name: name)
        }
        let sample = shown.map(\.judged)
        let scaled = sample.compactMap { judged in
            judged.calibrated.map {
                Judged(caseID: judged.caseID, label: judged.label, probabilities: $0, decision: judged.decision)
            }
        }
        let width = 1 / Double(Calibration.bins)
        chart.bars = Calibration.reliability(sample).enumerated().map { index, bin in
            let height = sample.isEmpty ? 0 : Double(bin.count) / Double(sample.count)
            return SVGChart.Bar(from: Double(index) * width, to: Double(index + 1) * width, height: height)
        }
        chart.lines = [
            SVGChart.Line(points: [(0, 0), (1, 1)], colour: "#bbbbbb", width: 1, isDashed: true),
            line(sample, "as trained", SVGChart.colours[1]),
        ]
        if !scaled.isEmpty, scaled.count == sample.count {
            chart.lines.append(line(scaled, "temperature scaled", SVGChart.colours[0]))
        }
        return chart
    }

    private var confusion: String {
        let counts = Metrics.confusion(shown.map(\.judged), classes: classes.count)
        let rows = zip(classes, counts).map { name, row in [name] + row.map(String.init) }
        return "<h2>Confusion matrix</h2>\n"
            + HTML.table(["True class \\ decided"] + classes, rows, class: "numbers matrix")
    }

    private var errors: String {
        let wrong = shown.filter { $0.judged.label != $0.judged.decision }.sorted {
            ($0.doubt, $0.slide.text, $0.fold) < ($1.doubt, $1.slide.text, $1.fold)
        }
        let rows = wrong.map { tested in
            let judged = tested.judged
            return [
                tested.slide.text, judged.caseID, "\(tested.fold)", classes[judged.label], classes[judged.decision],
                HTML.number(judged.probabilities[judged.label]),
                tested.threshold.map { HTML.number($0) } ?? "most probable",
            ]
        }
        let heading = "<h2>Slides it got wrong</h2>\n<p>\(wrong.count) of \(shown.count), the surest first.</p>\n"
        guard !wrong.isEmpty else { return heading }
        return heading
            + HTML.table(
                ["Slide", "Case", "Fold", "True class", "Decided", "P(true class)", "Threshold"],
                rows,
                class: "words"
            )
    }

    private var undefined: String {
        var rows: [[String]] = []
        for run in runs {
            let samples = [("pooled", run.report.pooled)] + run.report.folds.map { ("fold \($0.fold)", $0.test) }
            for (part, report) in samples {
                for (metric, estimate) in report.named where estimate.reason != nil {
                    rows.append([run.seed.map { "seed \($0), \(part)" } ?? part, metric, estimate.reason ?? ""])
                }
            }
        }
        guard !rows.isEmpty else { return "" }
        return "<h2>What is not defined</h2>\n" + HTML.table(["Test part", "Metric", "Reason"], rows, class: "words")
    }
}

extension MetricReport {
    /// The metrics with their names for readers.
    var named: [(String, Estimate)] {
        let all: [(String, Estimate?)] = [
            ("AUC", auc), ("average precision", averagePrecision), ("accuracy", accuracy),
            ("balanced accuracy", balancedAccuracy), ("macro F1", macroF1), ("sensitivity", sensitivity),
            ("specificity", specificity), ("precision", precision), ("F1", f1), ("Brier score", calibration.brier),
        ]
        return all.compactMap { name, estimate in estimate.map { (name, $0) } }
    }
}
