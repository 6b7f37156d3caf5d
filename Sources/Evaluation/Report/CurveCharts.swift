/// ROC, precision–recall and reliability of the test bags.
struct CurveCharts {
    let shown: [JudgedClass]
    /// Drawn faintly behind: single folds, or single seeds.
    let parts: [[JudgedClass]]
    let partWord: String
    let classes: [String]
    let unit: String

    private let whole = 0.0...1.0

    var text: String {
        var roc = SVGChart(
            title: "ROC",
            xLabel: "False positive rate",
            yLabel: "True positive rate",
            x: whole,
            y: whole
        )
        roc.lines = [diagonal] + lines(Curves.roc)
        var precision = SVGChart(
            title: "Precision and recall",
            xLabel: "Recall",
            yLabel: "Precision",
            x: whole,
            y: whole
        )
        precision.lines = lines(Curves.precisionRecall)
        let faint = isFaint ? " Grey: single \(partWord)s." : ""
        return "<h2>Curves</h2>\n<div class=\"charts\">\(roc.text)\(precision.text)\(reliability.text)</div>\n"
            + "<p class=\"note\">All test \(unit)s.\(faint) Reliability: a dot on the diagonal means that a confidence of, "
            + "say, 80 % is right for 80 % of its \(unit)s; bars are the share of \(unit)s per bin as trained.</p>\n"
    }

    private var diagonal: SVGChart.Line {
        SVGChart.Line(points: [(0, 0), (1, 1)], colour: "#bbbbbb", width: 1, isDashed: true)
    }

    /// With more than two classes, curves of single folds would hide those of the classes.
    private var isFaint: Bool { classes.count == 2 && parts.count > 1 }

    private func lines(_ curve: ([Double], [Bool]) -> [(x: Double, y: Double)]) -> [SVGChart.Line] {
        func line(_ sample: [JudgedClass], _ label: Int, _ colour: String) -> SVGChart.Line {
            let (scores, positive) = Metrics.against(label, sample)
            return SVGChart.Line(points: curve(scores, positive), colour: colour)
        }
        let faint = (isFaint ? parts : []).map { sample in
            var thin = line(sample, 1, "#888888")
            (thin.width, thin.opacity) = (1, 0.45)
            return thin
        }
        return faint
            + Metrics.counted(classes.count).map { label in
                var bold = line(shown, label, SVGChart.colours[label % SVGChart.colours.count])
                bold.name = classes[label]
                return bold
            }
    }

    private var reliability: SVGChart {
        var chart = SVGChart(
            title: "Reliability",
            xLabel: "Confidence in the most probable class",
            yLabel: "Share that was right",
            x: whole,
            y: whole
        )
        func line(_ sample: [JudgedClass], _ name: String, _ colour: String) -> SVGChart.Line {
            let bins = Calibration.reliability(sample).filter { $0.count > 0 }
            let points = bins.map { (x: $0.confidence, y: $0.frequency) }
            return SVGChart.Line(points: points, colour: colour, hasDots: true, name: name)
        }
        let width = 1 / Double(Calibration.bins)
        chart.bars = Calibration.reliability(shown).enumerated().map { index, bin in
            let height = shown.isEmpty ? 0 : Double(bin.count) / Double(shown.count)
            return SVGChart.Bar(from: Double(index) * width, to: Double(index + 1) * width, height: height)
        }
        chart.lines = [diagonal, line(shown, "as trained", SVGChart.colours[1])]
        if shown.allSatisfy({ $0.calibrated != nil }) {
            chart.lines.append(line(shown.map(\.temperatureScaled), "temperature scaled", SVGChart.colours[0]))
        }
        return chart
    }
}
