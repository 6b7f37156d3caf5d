import Files
import Records

/// What plain models of mean features reach on the same test bags, which the model has to beat.
struct BaselineTable {
    let baselines: [BaselineReport]
    /// Of the model.
    let headline: MetricReport
    let unit: String

    var text: String {
        guard !baselines.isEmpty else { return "" }
        let metrics = Metric.shown(in: .figures, of: headline.target).filter { headline[$0] != nil }
        let (main, _) = headline.headline
        func row(_ name: String, _ report: MetricReport, _ difference: Estimate?) -> [String] {
            [name] + metrics.map { HTML.estimate(report[$0], of: $0) }
                + [difference.map { HTML.estimate($0, of: main) } ?? "–"]
        }
        let rows = baselines.compactMap { one in
            one.pooled.map { row(one.title, $0, one.difference?[main]) }
        }
        let missing = baselines.filter { $0.pooled == nil }.map { one in
            "No figures of \(one.title): \(one.chosen.compactMap(\.reason).first ?? "a bag has no answer")."
        }
        let verdict = BaselineReport.sentence(baselines)
        let lead = HTML.escaped(([verdict] + missing).joined(separator: " "))
        return "<h2>Baselines that look at no patch</h2>\n<p>\(lead)</p>\n"
            + HTML.table(
                ["Model"] + metrics.map(\.row.column) + ["\(main.row.heading), model less baseline"],
                [row("this training", headline, nil)] + rows,
                class: "numbers"
            )
            + "<p class=\"note\">\(HTML.escaped(note))</p>\n"
    }

    private var note: String {
        let chosen = baselines.compactMap { one in
            let penalties = Set(one.chosen.compactMap(\.penalty)).sorted().map { "\($0)" }
            return penalties.isEmpty ? nil : "\(one.baseline.rawValue): \(penalties.joined(separator: ", "))"
        }
        return
            "Plain models of each \(unit)’s mean features, fitted on the training part of each fold. The validation part has chosen "
            + "the penalty (\(chosen.joined(separator: "; "))) and the kernel’s width. Differences are resampled by case, with model and "
            + "baseline on the same cases."
    }
}
