import Config
import Foundation
import Files
import Records
import Storage

/// What a training reached, in one figure, and in one breath how that was judged.
struct ReportHeadline {
    let runs: [ReportPage.Run]
    /// Of all test bags: a run's pooled folds, or the mean probabilities of several runs.
    let headline: MetricReport
    let classes: [String]
    /// Of the whole cohort, `slide` or `case`.
    let unit: String

    var text: String {
        let (metric, estimate) = headline.headline
        let isMean = headline.target == .class && classes.count > 2 || headline.target == .labels && classes.count > 1
        let name = isMean ? "Macro \(metric.title)" : metric.row.heading
        let figure = estimate.value.map { "\(name) \(metric.text($0))" } ?? "\(name) is not defined"
        let interval = estimate.interval.map {
            " <small>\(confidence) % interval \(metric.text($0[0]))–\(metric.text($0[1]))</small>"
        }
        let note = headline.noteOnC.map { "\($0)." } ?? ""
        let sentences = [sample + ".", judges + selection + ".", method, note].filter { !$0.isEmpty }
        return """
            <p class="headline"><strong>\(figure)</strong>\(interval ?? "")</p>
            <p class="lead">\(HTML.escaped(sentences.joined(separator: " ")))</p>

            """
    }

    private var cards: [CheckpointCard] { runs.flatMap { $0.trained.folds.map(\.card) } }
    private var evaluation: EvaluationConfig { runs.first?.report.evaluation ?? EvaluationConfig() }
    private var confidence: String { String(format: "%g", evaluation.confidence * 100) }

    /// What stands against what, on how many.
    private var sample: String {
        let question = (runs.first?.trained.kind ?? .class).question(classes: classes)
        let ofCases = unit == "case" ? "" : " of \(counted(headline.cases, "case"))"
        let tests =
            runs.contains { $0.report.repeats } ? counted(headline.slides, "test") : counted(headline.slides, unit)
        return "\(question), on \(tests)\(ofCases)"
    }

    private func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private var judges: String {
        let folds = runs.first?.trained.folds ?? []
        let rows = folds.flatMap(\.predictions.rows)
        let all = Set(rows.map(\.slide)) == Set(rows.filter { $0.part == "test" }.map(\.slide))
        let whose = folds.count == 1 ? "the model" : runs.contains { $0.report.repeats } ? "each fold" : "the fold"
        // Who has chosen by a bag has seen it.
        let blind = selectsOnTest ? "was not trained on it" : "had not seen it"
        let judged = "Every \(all ? "" : "test ")\(unit) was judged by \(whose) that \(blind)"
        let text = headline.headline.metric.text
        let figures = runs.compactMap(\.report.pooled.headline.estimate.value)
        guard runs.count > 1, let low = figures.min(), let high = figures.max() else { return judged }
        return
            "\(judged), by the mean of \(runs.count) seeds, which alone reach \(text(low))–\(text(high))"
    }

    private var selectsOnTest: Bool { cards.contains { $0.evaluation.selectsOnTest($0.model) } }

    /// Where what was chosen beside the weights comes from.
    private var selection: String {
        let isYouden = cards.contains { [.validationYouden, .testYouden].contains($0.thresholdSource) }
        let isLast = cards.allSatisfy { $0.recipe.selection == .last }
        let chosen = [
            cards.contains { $0.search != nil } ? "candidate" : nil, isLast ? nil : "epoch",
            isYouden ? "threshold" : nil,
            cards.contains { $0.temperature != nil } ? "temperature" : nil,
        ].compactMap { $0 }
        let kept = isLast ? "; the last epoch was kept" : ""
        guard let last = chosen.last else { return kept }
        let names = chosen.count > 1 ? "\(chosen.dropLast().joined(separator: ", ")) and \(last)" : last
        let verb = chosen.count > 1 ? "come" : "comes"
        return selectsOnTest
            ? "\(kept), but \(names) \(verb) from these very test \(unit)s, which flatters the figure"
            : "\(kept); \(names) \(verb) from validation \(unit)s"
    }

    /// How the interval came about, or why there is none.
    private var method: String {
        let (metric, estimate) = headline.headline
        let reason = estimate.reason ?? ""
        guard estimate.value != nil else { return reason.isEmpty ? "" : "The \(metric.title) is \(reason)." }
        guard estimate.interval != nil else { return reason.isEmpty ? "" : "No interval: \(reason)." }
        let way =
            estimate.method == .delong
            ? "DeLong" : "bootstrap over cases, \(evaluation.bootstrap) resamples"
        return "\(confidence) % interval: \(way).\(reason.isEmpty ? "" : " Note: \(reason).")"
    }
}
