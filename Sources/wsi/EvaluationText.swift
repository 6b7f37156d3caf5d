import Config
import Evaluation
import Foundation
import Records

/// A training's metrics as people read them.
struct EvaluationText {
    private let summary: EvaluationReport

    init(_ summary: EvaluationReport) { self.summary = summary }

    var text: String {
        let parts = [[head], pooled, confusion, classes, baselines, patches, controls].filter { !$0.isEmpty }
        return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var head: String {
        let pooled = summary.pooled
        let positive = pooled.target == .class && summary.classes.count == 2 ? "; positive: \(summary.classes[1])" : ""
        return
            "\(summary.name): \(pooled.slides) slides, \(pooled.cases) cases, pooled over \(summary.folds.count) fold(s)\(positive)"
    }

    private var heading: String { "\(Self.percent(summary.evaluation.confidence)) interval" }

    /// `95 %`
    static func percent(_ share: Double) -> String {
        let percent = share * 100
        return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
    }

    static func number(_ value: Double) -> String { String(format: "%.3f", value) }

    /// `0.983 to 1.000`; nil for what is no interval.
    static func interval(_ bounds: [Double]?) -> String? {
        bounds.flatMap { $0.count == 2 ? "\(number($0[0])) to \(number($0[1]))" : nil }
    }

    private func cells(_ name: String, _ figure: Estimate, of metric: Metric? = nil) -> [String] {
        guard let value = figure.value else { return [name, "–", figure.reason ?? "not defined"] }
        let text = metric?.text ?? Self.number
        let interval = figure.interval.flatMap { $0.count == 2 ? "\(text($0[0])) to \(text($0[1]))" : nil }
        return [name, text(value)] + (interval.map { [$0] } ?? [])
    }

    private var pooled: [String] {
        let pooled = summary.pooled
        var table = TextTable()
        table.add("slides", "", heading)
        let isOfClasses = pooled.target == .class
        let several = isOfClasses && summary.classes.count > 2 ? ", mean of classes" : ""
        for basis in MetricRow.Basis.allCases {
            for metric in Metric.shown(in: .printed) where metric.basis == basis {
                let name = metric.title + (basis == .order ? several : "")
                if let figure = pooled[metric] { table.add(cells("  \(name)", figure, of: metric)) }
            }
        }
        for one in pooled.times {
            for metric in [Metric.areaAtTime, .brierAtTime] {
                let name = "\(metric.title), \(String(format: "%g", one.time)) \(summary.classes.first ?? "")"
                if let figure = one[metric] { table.add(cells("  \(name)", figure)) }
            }
        }
        return table.lines
    }

    private var confusion: [String] {
        guard [.class, .ordinal].contains(summary.pooled.target) else { return [] }
        var table = TextTable()
        table.add(["true class"] + summary.classes.map { "called \($0)" })
        for (name, row) in zip(summary.classes, summary.pooled.confusion) {
            table.add(["  \(name)"] + row.map(String.init))
        }
        return table.lines
    }

    private var classes: [String] {
        guard let classes = summary.pooled.classes else { return [] }
        let metrics =
            summary.pooled.target == .labels ? [.auc, .averagePrecision, .f1] : Metric.shown(in: .printedClasses)
        var table = TextTable()
        table.add(["class", "slides"] + metrics.map(\.title))
        for one in classes {
            table.add(["  \(one.name)", "\(one.slides)"] + metrics.map { one[$0]?.value.map(Self.number) ?? "–" })
        }
        return table.lines
    }

    private var baselines: [String] {
        guard let baselines = summary.baselines, !baselines.isEmpty else { return [] }
        let metric = summary.pooled.headline.metric
        var table = TextTable()
        table.add("baselines on mean features", metric.title, "model less baseline", heading)
        for one in baselines {
            let difference = one.difference?[metric]
            table.add(
                "  \(one.title)",
                one.pooled?[metric]?.value.map(Self.number) ?? "–",
                difference?.value.map(Self.number) ?? "–",
                Self.interval(difference?.interval) ?? difference?.reason ?? "–"
            )
        }
        let verdict = BaselineReport.sentence(baselines)
        return table.lines + (verdict.isEmpty ? [] : ["  \(verdict)"])
    }

    private var patches: [String] {
        guard let patches = summary.patches else { return [] }
        var table = TextTable()
        table.add("maps and annotations", "", heading)
        table.add(cells("  AUC of patches", patches.auc))
        table.add(cells("  average precision", patches.averagePrecision))
        table.add(cells("  Dice", patches.dice))
        let none = Estimate(value: nil, interval: nil, reason: patches.frocReason)
        table.add(cells("  FROC score", patches.froc?.score ?? none))
        return table.lines
    }

    private var controls: [String] {
        guard !summary.controls.isEmpty else { return [] }
        var table = TextTable()
        table.add("shortcut controls", Metric.auc.title)
        for (name, auc) in summary.controls.sorted(by: { $0.key < $1.key }) {
            table.add("  \(name.replacing("_", with: " "))", auc.map(Self.number) ?? "–")
        }
        return table.lines
    }
}
