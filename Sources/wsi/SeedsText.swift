import Config
import Evaluation
import Foundation
import Records

/// The metrics of a training with several seeds as people read them: each seed, their mean, and the mean of their answers.
struct SeedsText {
    private let summary: SummaryReport

    init(_ summary: SummaryReport) { self.summary = summary }

    /// Of several targets one behind the other, the first one in front.
    var text: String {
        let others = (summary.targets ?? [:]).filter { $0.key != summary.target }.sorted { $0.key < $1.key }
        return ([text(of: summary.target)] + others.map { SeedsText($1).text(of: $0) }).joined(separator: "\n\n")
    }

    private func text(of target: String?) -> String {
        let averaged = summary.averaged
        let head = EvaluationText.head(summary.name, target, averaged)
        let seeds = summary.seeds.map { "\($0.seed)" }.joined(separator: ", ")
        let positive = EvaluationText.positive(averaged, summary.classes)
        return EvaluationText.joined([
            ["\(head), by \(summary.seeds.count) seed(s): \(seeds)\(positive)"] + EvaluationText.search(summary.search),
            figures + EvaluationText.notes(averaged) + missing,
            EvaluationText.baselines(summary.baselines, of: averaged.headline.metric, "interval"), patches,
            EvaluationText.controls(summary.controls ?? [:]),
        ])
    }

    private var figures: [String] {
        var table = TextTable()
        let own = summary.seeds.map { "seed \($0.seed)" }
        table.add([""] + own + ["mean ± sd", "ensemble", "interval", "over seeds too"])
        for basis in MetricRow.Basis.allCases {
            for metric in Metric.shown(in: .printed) where metric.basis == basis {
                guard let figure = summary.averaged[metric] else { continue }
                table.add(
                    ["  \(metric.title)"] + summary.seeds.map { Self.value($0.pooled[metric], metric) }
                        + [
                            spread(metric), Self.value(figure, metric), Self.interval(figure, metric),
                            Self.interval(summary.ensemble?.overCasesAndSeeds[metric], metric),
                        ]
                )
            }
        }
        return table.lines
    }

    private func spread(_ metric: Metric) -> String {
        guard let spread = summary.overSeeds[metric.key], let mean = spread.mean else { return "–" }
        return metric.text(mean) + (spread.sd.map { " ± \(metric.text($0))" } ?? "")
    }

    private static func value(_ figure: Estimate?, _ metric: Metric) -> String {
        figure?.value.map(metric.text) ?? "–"
    }

    private static func interval(_ figure: Estimate?, _ metric: Metric) -> String {
        figure?.interval.flatMap { $0.count == 2 ? "\(metric.text($0[0])) to \(metric.text($0[1]))" : nil } ?? "–"
    }

    private var missing: [String] {
        (summary.ensemble?.missing ?? []).map { "  seed \($0.seed), fold \($0.fold) took no part: \($0.reason)" }
    }

    /// Maps are each seed's own.
    private var patches: [String] {
        let told = summary.seeds.compactMap { seed in seed.patches.map { (seed.seed, $0) } }
        guard !told.isEmpty else { return [] }
        var table = TextTable()
        table.add(["maps and annotations"] + told.map { "seed \($0.0)" })
        let rows: [(String, (Localisation) -> Estimate?)] = [
            ("AUC of patches", { $0.auc }), ("average precision", { $0.averagePrecision }), ("Dice", { $0.dice }),
            ("FROC score", { $0.froc?.score }),
        ]
        for (name, figure) in rows {
            table.add(["  \(name)"] + told.map { figure($0.1)?.value.map(EvaluationText.number) ?? "–" })
        }
        return table.lines
    }
}
