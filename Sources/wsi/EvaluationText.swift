import Config
import Evaluation
import Foundation
import Records

/// A training's metrics as people read them.
struct EvaluationText {
    private let summary: EvaluationReport

    init(_ summary: EvaluationReport) { self.summary = summary }

    /// Of several targets one behind the other, the first one in front.
    var text: String {
        let others = (summary.targets ?? [:]).filter { $0.key != summary.target }.sorted { $0.key < $1.key }
        return ([text(of: summary.target)] + others.map { EvaluationText($1).text(of: $0) }).joined(separator: "\n\n")
    }

    private func text(of target: String?) -> String {
        Self.joined([
            [head(target)] + Self.search(summary.search), pooled + Self.notes(summary.pooled), confusion, classes,
            Self.baselines(summary.baselines, of: summary.pooled.headline.metric, heading), patches,
            Self.controls(summary.controls), summary.faithfulness.map { FaithfulnessText($0, heading).lines } ?? [],
        ])
    }

    /// With an empty line between parts that have any.
    static func joined(_ parts: [[String]]) -> String {
        parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private func head(_ target: String?) -> String {
        "\(Self.head(summary.name, target, summary.pooled)), pooled over \(summary.folds.count) fold(s)"
            + Self.positive(summary.pooled, summary.classes)
    }

    /// `acmil, target grade: 40 slides, 20 cases`
    static func head(_ name: String, _ target: String?, _ report: MetricReport) -> String {
        "\(name)\(target.map { ", target \($0)" } ?? ""): \(report.slides) slides, \(report.cases) cases"
    }

    /// `; positive: tumor`, of two classes.
    static func positive(_ report: MetricReport, _ classes: [String]) -> String {
        report.target == .class && classes.count == 2 ? "; positive: \(classes[1])" : ""
    }

    /// What the folds have chosen among candidates; of several seeds the folds of all.
    static func search(_ summary: SearchSummary?) -> [String] {
        guard let search = summary else { return [] }
        let often = Dictionary(grouping: search.choices, by: \.candidate).sorted {
            ($1.value.count, $0.key) < ($0.value.count, $1.key)
        }
        let words = often.map { "\($0.key) (\($0.value.count) of \(search.choices.count) folds)" }
        return [
            "search: \(search.candidates) candidates by validation \(search.measure.rawValue); chosen: \(words.joined(separator: ", ")); "
                + "figures are of the nested procedure"
        ]
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

    static func notes(_ report: MetricReport) -> [String] { report.noteOnC.map { ["  \($0)"] } ?? [] }

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

    /// - Parameter metric: the one that stands for the report.
    static func baselines(_ baselines: [BaselineReport]?, of metric: Metric, _ heading: String) -> [String] {
        guard let baselines, !baselines.isEmpty else { return [] }
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

    static func controls(_ controls: [String: Double?]) -> [String] {
        guard !controls.isEmpty else { return [] }
        var table = TextTable()
        table.add("shortcut controls", Metric.auc.title)
        for (name, auc) in controls.sorted(by: { $0.key < $1.key }) {
            table.add("  \(name.replacing("_", with: " "))", auc.map(Self.number) ?? "–")
        }
        return table.lines
    }
}
