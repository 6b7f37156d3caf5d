import Config
import Foundation
import Files
import Records
import Storage

/// `report.html`: what a training reached and how that was found out, as one page that needs nothing else; its figure comes
/// first.
struct ReportPage {
    /// One training of all folds.
    struct Run {
        /// nil for a training with one seed.
        var seed: UInt64?
        var trained: TrainedFolds
        var report: EvaluationReport

        /// Of the mean answers of several runs, or of a single one's own.
        static func context(_ runs: [Run], _ evaluation: EvaluationConfig, seed: UInt64) -> MetricContext {
            let all = runs.map { run in
                (runs.count > 1 ? run.trained.comparable : run.trained).context(evaluation, seed: seed)
            }
            guard var context = all.first else { return MetricContext(evaluation, seed: seed) }
            if all.count > 1 { context.survival = SurvivalContext(meanOf: all.map(\.survival)) }
            return context
        }
    }

    let name: String
    /// The names of several targets; empty where one is asked.
    var targets: [String] = []
    /// Of several targets the one that the page is of; nil: the first.
    var target: String?
    let runs: [Run]
    /// Of all test bags together.
    private let headline: MetricReport
    /// Beside the headline.
    private let baselines: [BaselineReport]
    private let ensemble: SeedEnsemble?
    /// What the curves and the list of errors show: a run's own test bags, or the mean of all runs.
    private let shown: [TestedSlide]
    private let classes: [String]
    private let unit: String

    /// - Parameter headline: of the mean probabilities of several runs, or of a single run's pooled test parts.
    init(name: String, runs: [Run], headline: MetricReport, baselines: [BaselineReport]?, ensemble: SeedEnsemble? = nil)
    {
        self.baselines = baselines ?? []
        self.ensemble = ensemble
        self.name = name
        self.runs = runs
        self.headline = headline
        classes = runs.first?.trained.classes ?? []
        unit = runs.first?.trained.unit ?? ""
        shown = TestedSlide.averaged(runs.map(\.trained))
    }

    var text: String {
        let sections = [
            heading, ReportFacts(runs: runs).text + SearchSection(runs: runs).text,
            MetricTables(runs: runs, headline: headline, ensemble: ensemble, unit: unit).text,
            BaselineTable(baselines: baselines, headline: headline, unit: unit).text, curves, others, trust,
            TrainingCurves(runs: runs).text, confusion, errors, undefined, ReportFacts(runs: runs).versions,
        ]
        return HTML.page(name, sections.joined(separator: "\n"))
    }

    /// Which of several targets the page is of, and where the others are.
    private func others(than own: String?) -> String {
        guard let own, let first = targets.first else { return "" }
        let links = targets.filter { $0 != own }.map { name in
            let page = name == first ? TrainingFolder.File.report.rawValue : TrainingFolder.reportName(of: name)
            return "<a href=\"\(HTML.escaped(page))\">\(HTML.escaped(name))</a>"
        }
        return
            "<p>Target <strong>\(HTML.escaped(own))</strong>, one of \(targets.count) that one model was asked at once; the "
            + "others have a page each: \(links.joined(separator: ", ")). Figures are of the bags of which the target is known.</p>\n"
    }

    private var heading: String {
        let title =
            "<h1>\(HTML.escaped(name))</h1>\n" + others(than: target ?? targets.first)
            + ReportHeadline(runs: runs, headline: headline, classes: classes, unit: unit).text
            + missing
        guard runs.contains(where: { $0.report.protocol == .paper }) else { return title }
        let cards = runs.flatMap { $0.trained.folds.map(\.card) }
        let seen =
            cards.contains { $0.evaluation.selectsOnTest($0.model) }
            ? """
             \(isOfClasses ? "Epoch and threshold" : "The epoch") of these models \(isOfClasses ? "were" : "was") chosen on the very test \(unit)s that are reported; what training
            calls validation is the test part.
            """ : ""
        let chosen = isOfClasses ? "How epoch and threshold were chosen" : "How the epoch was chosen"
        return title + """
            <p class="warning"><strong>Protocol of the papers.</strong> These figures follow the looser selection and
            conventions of the original experiments, see “\(chosen)”.\(seen) They are for comparison
            with published numbers, not an estimate of what the model does on new patients.</p>

            """
    }

    /// Models that the config asks for and that did not take part.
    private var missing: String {
        guard let missing = ensemble?.missing, !missing.isEmpty else { return "" }
        let list = missing.map { "seed \($0.seed), fold \($0.fold): \($0.reason)" }
        let seeds = Set(missing.map(\.seed)).count
        return """
            <p class="warning"><strong>\(seeds) of \(seeds + runs.count) seeds did not take part</strong>, since models of
            theirs are missing: \(HTML.escaped(list.joined(separator: "; "))).</p>

            """
    }

    /// Whether a class was asked of each bag.
    private var isOfClasses: Bool { runs.first?.trained.kind == .class }

    private var curves: String {
        guard isOfClasses else { return "" }
        let parts = runs.count > 1 ? runs.map(\.trained.pooled) : runs.first?.trained.folds.map(\.test) ?? []
        return CurveCharts(
            shown: shown.compactMap(\.judged.ofClass),
            parts: parts.map { $0.compactMap(\.ofClass) },
            partWord: runs.count > 1 ? "seed" : "fold",
            classes: classes,
            unit: unit
        ).text
    }

    /// Charts of other targets than classes.
    private var others: String {
        guard let run = runs.first else { return "" }
        let judged = shown.map(\.judged)
        switch run.trained.kind {
        case .class, .ordinal, .labels: return ""
        case .number: return NumberCharts(shown: judged, name: classes.first ?? "number").text
        case .survival:
            let context = Run.context(runs, run.report.evaluation, seed: 0)
            return SurvivalCharts(shown: judged, context: context, report: headline, unit: classes.first ?? "").text
        }
    }

    /// Of a single run: an ensemble has no fold of its own.
    private var trust: String {
        guard runs.count == 1, let report = runs.first?.report else { return "" }
        return TrustSection(report: report, unit: unit).text
    }

    private var confusion: String {
        guard isOfClasses || runs.first?.trained.kind == .ordinal else { return "" }
        let counts = Metrics.confusion(shown.compactMap(\.judged.inClasses), classes: classes.count)
        let rows = zip(classes, counts).map { name, row in [name] + row.map(String.init) }
        return "<h2>Confusion matrix</h2>\n"
            + HTML.table(["True class \\ decided"] + classes, rows, class: "numbers matrix")
    }

    private var errors: String {
        guard isOfClasses else { return "" }
        // The smaller the probability of the true class, the surer the wrong decision.
        func doubt(_ judged: JudgedClass) -> Double { judged.probabilities[judged.label] }
        let wrong = shown.compactMap { tested in tested.judged.ofClass.map { (tested, $0) } }
            .filter { $1.label != $1.decision }
            .sorted { one, other in
                (doubt(one.1), one.0.slide.text, one.0.fold) < (doubt(other.1), other.0.slide.text, other.0.fold)
            }
        let rows = wrong.map { tested, judged in
            [
                tested.slide.text, judged.caseID, "\(tested.fold)", classes[judged.label], classes[judged.decision],
                HTML.number(doubt(judged)),
                tested.threshold.map { HTML.number($0) } ?? "most probable",
            ]
        }
        let mean =
            runs.count > 1
            ? " The mean probability of all seeds decides, by their mean threshold where each has one." : ""
        let heading =
            "<h2>\(unit.capitalized)s it got wrong</h2>\n<p>\(wrong.count) of \(shown.count), the surest first.\(mean)</p>\n"
        guard !wrong.isEmpty else { return heading }
        return heading
            + HTML.table(
                [unit.capitalized, "Case", "Fold", "True class", "Decided", "P(true class)", "Threshold"],
                rows,
                class: "words"
            )
    }

    private var undefined: String {
        let isOne = runs.count == 1
        var samples = [(isOne ? "pooled" : "mean of the seeds", headline)]
        for run in runs {
            let seed = isOne ? "" : "seed \(run.seed ?? 0), "
            samples += (isOne ? [] : [(seed + "pooled", run.report.pooled)])
            samples += run.report.folds.map { (seed + "fold \($0.fold)", $0.test) }
        }
        let rows = samples.flatMap { part, report in
            // Metrics that share a reason share a line.
            Dictionary(grouping: report.named.filter { $0.1.reason != nil }, by: { $0.1.reason ?? "" })
                .sorted { $0.key < $1.key }
                .map { reason, metrics in [part, metrics.map(\.0).joined(separator: ", "), reason] }
        }
        guard !rows.isEmpty else { return "" }
        return "<h2>What is not defined, or says too little</h2>\n"
            + HTML.table(["Test part", "Metrics", "Reason"], rows, class: "words")
    }
}
