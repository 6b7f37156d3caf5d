import Files
import Records
import Storage

/// Predicted against true numbers, and their differences (Bland and Altman, Lancet 327, 1986).
struct NumberCharts {
    let shown: [Judged]
    /// Of the number.
    let name: String

    var text: String {
        let pairs = shown.compactMap { judged in
            judged.target.number.flatMap { truth in judged.answer.ofNumber.map { (truth: truth, told: $0.value) } }
        }
        guard !pairs.isEmpty else { return "" }
        let scores = NumberScores(truth: pairs.map(\.truth), predicted: pairs.map(\.told))
        let agreement = try? scores.agreement(pairs.map { _ in 1 }).get()
        let words = agreement.map { agreement in
            "The difference is \(HTML.number(agreement.bias)) in the mean; 95 % of differences lie between "
                + "\(HTML.number(agreement.limits.lowerBound)) and \(HTML.number(agreement.limits.upperBound)), if they are normal."
        }
        return
            "<h2>Predicted and true</h2>\n<div class=\"charts\">\(against(pairs).text)\(differences(pairs, agreement).text)</div>\n"
            + "<p class=\"note\">\(words ?? "")</p>\n"
    }

    private func against(_ pairs: [(truth: Double, told: Double)]) -> SVGChart {
        let range = Self.range(pairs.flatMap { [$0.truth, $0.told] })
        var chart = SVGChart(
            title: "Predicted against true",
            xLabel: "True \(name)",
            yLabel: "Predicted",
            x: range,
            y: range
        )
        let ends = [(x: range.lowerBound, y: range.lowerBound), (x: range.upperBound, y: range.upperBound)]
        chart.lines = [SVGChart.Line(points: ends, colour: "#bbbbbb", width: 1, isDashed: true)]
        chart.lines += dots(pairs.map { (x: $0.truth, y: $0.told) })
        return chart
    }

    private func differences(_ pairs: [(truth: Double, told: Double)], _ agreement: NumberScores.Agreement?) -> SVGChart
    {
        let points = pairs.map { (x: ($0.truth + $0.told) / 2, y: $0.told - $0.truth) }
        let x = Self.range(points.map(\.x))
        let limits = agreement.map { [$0.limits.lowerBound, $0.bias, $0.limits.upperBound] } ?? []
        var chart = SVGChart(
            title: "Bland–Altman",
            xLabel: "Mean of both",
            yLabel: "Predicted − true",
            x: x,
            y: Self.range(points.map(\.y) + limits)
        )
        chart.lines = limits.enumerated().map { index, level in
            let ends = [(x: x.lowerBound, y: level), (x: x.upperBound, y: level)]
            return SVGChart.Line(points: ends, colour: SVGChart.colours[1], width: 1, isDashed: index != 1)
        }
        chart.lines += dots(points)
        return chart
    }

    private func dots(_ points: [(x: Double, y: Double)]) -> [SVGChart.Line] {
        points.map { SVGChart.Line(points: [$0], colour: SVGChart.colours[0], opacity: 0.6, hasDots: true) }
    }

    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        guard let low = values.min(), let high = values.max() else { return 0...1 }
        let margin = high > low ? (high - low) / 20 : 1
        return (low - margin)...(high + margin)
    }
}
