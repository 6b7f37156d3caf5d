/// Loss and validation metric of every fold, epoch by epoch.
struct TrainingCurves {
    let runs: [ReportPage.Run]

    /// A page with hundreds of charts helps nobody; the rest is in `history.csv`.
    private static let most = 12

    var text: String {
        let folds = runs.flatMap { run in run.trained.folds.map { (seed: run.seed, fold: $0) } }
        let charts = folds.prefix(Self.most).flatMap { seed, fold in
            let name = (seed.map { "Seed \($0), fold" } ?? "Fold") + " \(fold.card.fold)"
            return [losses(fold, name), validation(fold, name)].compactMap { $0?.text }
        }
        let left = folds.count - Self.most
        let more = left > 0 ? " \(left) more fold(s) are in their history.csv." : ""
        return "<h2>Training</h2>\n<div class=\"charts\">\(charts.joined())</div>\n"
            + "<p class=\"note\">The dotted line is the epoch whose weights were kept.\(more)</p>\n"
    }

    private func losses(_ fold: TrainedFolds.Fold, _ name: String) -> SVGChart? {
        chart(
            fold,
            "\(name): loss",
            "Mean over bags",
            fold.history.filter { $0.name.hasSuffix("_loss") || $0.name.hasPrefix("train_") }
        )
    }

    private func validation(_ fold: TrainedFolds.Fold, _ name: String) -> SVGChart? {
        let metrics = fold.history.filter { $0.name.hasPrefix("validation_") && $0.name != "validation_loss" }
        return chart(fold, "\(name): validation", "Value", metrics, range: 0...1)
    }

    private func chart(
        _ fold: TrainedFolds.Fold,
        _ title: String,
        _ yLabel: String,
        _ columns: [(name: String, values: [Double?])],
        range: ClosedRange<Double>? = nil
    ) -> SVGChart? {
        let lines = columns.enumerated().compactMap { index, column -> SVGChart.Line? in
            let points = column.values.enumerated().compactMap { epoch, value in
                value.map { (x: Double(epoch), y: $0) }
            }
            guard points.count > 1 else { return nil }
            let colour = SVGChart.colours[index % SVGChart.colours.count]
            return SVGChart.Line(
                points: points,
                colour: colour,
                width: 1.5,
                name: column.name.replacing("_", with: " ")
            )
        }
        guard !lines.isEmpty else { return nil }
        let values = lines.flatMap { $0.points.map(\.y) }.filter(\.isFinite)
        let low = min(0, values.min() ?? 0)
        let last = Double(max(1, (columns.first?.values.count ?? 2) - 1))
        var chart = SVGChart(
            title: title,
            xLabel: "Epoch",
            yLabel: yLabel,
            x: 0...last,
            y: range ?? low...max(values.max() ?? 1, low + 1e-6)
        )
        (chart.lines, chart.marks) = (lines, [Double(fold.card.epoch)])
        return chart
    }
}
