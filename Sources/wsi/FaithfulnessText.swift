import Evaluation
import Foundation

/// Whether the maps of a training point to what its models used, as people read it.
struct FaithfulnessText {
    private let summary: FaithfulnessSummary
    /// What intervals are called.
    private let heading: String

    init(_ summary: FaithfulnessSummary, _ heading: String) { (self.summary, self.heading) = (summary, heading) }

    var lines: [String] {
        let means =
            summary.hasRunningSums
            ? "by running sums, \(summary.orders) random orders of each slide"
            : "run on what is left in steps of 5 %, \(summary.orders) random orders of each slide: it tells of the cohort, not of a slide"
        return ["faithfulness of the maps: \(summary.slides) slides, \(means)", "  followed: \(summary.score)"]
            + table("patches leave one by one", summary.byPatch)
            + (summary.byRegion.map { table("regions leave one by one", $0) } ?? []) + sufficient + random + branches
            + leftOut
            + summary.failed.sorted { $0.key < $1.key }.map { "  \($0.key) took no part: \($0.value)" }
    }

    private func table(_ title: String, _ rows: [String: FaithfulnessSummary.Row]) -> [String] {
        var table = TextTable()
        table.add(title, "gain", heading, "less random", heading, "less attention", heading, "above random 95 %")
        let last = SlideFaithfulness.random
        for (name, row) in rows.sorted(by: { ($0.key == last ? 1 : 0, $0.key) < ($1.key == last ? 1 : 0, $1.key) }) {
            let figures = [row.gain, row.lessRandom, row.lessAttention].flatMap(Self.cells)
            table.add(["  \(name)"] + figures + [row.above.map { "\($0) of \(row.slides)" } ?? "–"])
        }
        return table.lines
    }

    private var leftOut: [String] {
        Dictionary(grouping: summary.leftOut ?? [:], by: \.value).sorted { $0.key < $1.key }.map { reason, slides in
            "  \(slides.count) slide\(slides.count == 1 ? "" : "s") left out of these figures (--json names them): \(reason)"
        }
    }

    private static func cells(_ figure: Estimate?) -> [String] {
        [figure?.value.map(EvaluationText.number) ?? "–", EvaluationText.interval(figure?.interval) ?? "–"]
    }

    private var sufficient: [String] {
        summary.sufficient.sorted { $0.key < $1.key }.map { name, found in
            let share = EvaluationText.number(100 * found.share)
            let about = summary.hasRunningSums ? "" : "about "
            return "  patches that suffice by \(name): \(about)median \(String(format: "%g", found.patches)) "
                + "(\(share) % of the bag), on \(found.slides) slides"
        }
    }

    private var random: [String] {
        summary.randomWeights.sorted { $0.key < $1.key }.map { name, figure in
            let interval = EvaluationText.interval(figure.interval).map { " (\($0))" } ?? ""
            let value = figure.value.map(EvaluationText.number) ?? "–"
            return "  \(name) with random weights: rank correlation with the trained map \(value)\(interval)"
        }
    }

    private var branches: [String] {
        guard let branches = summary.branches else { return [] }
        var table = TextTable()
        table.add("without a branch", "slides", "AUC lost", heading, "gain lost", heading)
        for one in branches {
            table.add(
                ["  fold \(one.fold), branch \(one.branch)", "\(one.slides)"]
                    + [one.lessAUC, one.lessGain].flatMap { Self.cells($0) }
            )
        }
        return table.lines
    }
}
