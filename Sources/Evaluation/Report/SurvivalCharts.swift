import Config
import Files
import Foundation
import Records
import Storage

/// Survival of the test bags by risk group, with the numbers at risk below, and whether the survival that is told comes true.
struct SurvivalCharts {
    let shown: [Judged]
    let context: MetricContext
    let report: MetricReport
    /// Of time.
    let unit: String

    private let whole = 0.0...1.0

    var text: String {
        let scores = SurvivalScores(shown, context.survival)
        let end = scores.followUp.moments.last ?? 1
        let groups = (scores.riskGroups ?? [("all", Array(scores.cases.indices))]).filter { !$0.rows.isEmpty }
        let curves = groups.compactMap { group -> (name: String, curve: KaplanMeier)? in
            let followUp = FollowUp(group.rows.map { scores.cases[$0] })
            return (try? KaplanMeier.fitted(followUp).get()).map { (group.name, $0) }
        }
        var chart = SVGChart(
            title: "Survival by risk group",
            xLabel: unit,
            yLabel: "Share without event",
            x: 0...end,
            y: whole
        )
        chart.lines = curves.enumerated().map { index, group in
            SVGChart.Line(points: steps(group.curve), colour: SVGChart.colours[index], name: group.name)
        }
        let ticks = SVGChart.ticks(0...end)
        let atRisk = HTML.table(
            ["At risk at \(unit)"] + ticks.map(Self.short),
            curves.map { group in [group.name] + ticks.map { "\(group.curve.atRisk(at: $0))" } },
            class: "numbers"
        )
        let calibrations = context.survival.times.compactMap { calibration($0, scores.cases) }.map(\.text).joined()
        let p =
            report[.logRank]?.value.map { "log-rank p \(HTML.number($0, digits: 4))" }
            ?? "the log-rank test is not defined"
        let words =
            "Who is of high risk is cut at the median risk of each fold’s own validation part; the groups of all folds are pooled"
        let cut = scores.riskGroups == nil ? "" : " \(words), \(p)."
        return """
            <h2>Survival</h2>
            <div class="charts">\(chart.text)\(calibrations)</div>
            \(atRisk)
            <p class="note">Kaplan–Meier estimates of all tested cases, each with the mean of its slides’ answers.\(cut) Calibration: each dot \
            is a fifth of the cases by the survival that is told for them, with what came; on the diagonal both are the same.</p>

            """
    }

    private func steps(_ curve: KaplanMeier) -> [(x: Double, y: Double)] {
        var points = [(x: 0.0, y: 1.0)]
        for (time, value) in zip(curve.survival.times, curve.survival.values) {
            points.append((time, points[points.count - 1].y))
            points.append((time, value))
        }
        return points
    }

    /// As axes have it.
    private static func short(_ value: Double) -> String { String(format: "%.4g", value) }

    private func calibration(_ time: Double, _ cases: [Judged]) -> SVGChart? {
        let told = cases.compactMap { $0.answer.ofSurvival?.survival(at: time) }
        guard told.count == cases.count,
            let groups = try? SurvivalCalibration.groups(
                FollowUp(cases),
                survival: told,
                at: time,
                count: 5,
                confidence: context.evaluation.confidence
            ).get()
        else { return nil }
        var chart = SVGChart(
            title: "Calibration at \(Self.short(time)) \(unit)",
            xLabel: "Survival that is told",
            yLabel: "Survival that came",
            x: whole,
            y: whole
        )
        chart.lines = [SVGChart.Line(points: [(0, 0), (1, 1)], colour: "#bbbbbb", width: 1, isDashed: true)]
        for group in groups {
            guard let observed = group.observed.value else { continue }
            if let interval = group.interval.value {
                let ends = [(group.predicted, interval.lowerBound), (group.predicted, interval.upperBound)]
                chart.lines.append(SVGChart.Line(points: ends.map { (x: $0.0, y: $0.1) }, colour: "#888888", width: 1))
            }
            let dot = [(x: group.predicted, y: observed)]
            chart.lines.append(SVGChart.Line(points: dot, colour: SVGChart.colours[0], hasDots: true))
        }
        return chart
    }
}
