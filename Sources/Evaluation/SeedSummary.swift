import Config
import Files
public import Foundation
import Records
import Storage

/// The runs of a training that differ in their seed alone, each evaluated already, as one.
public struct SeedSummary {
    public private(set) var report: SummaryReport
    /// The report as a page that needs nothing else.
    public let page: String
    /// Every candidate of every fold as CSV; nil without a search.
    public let searchTable: String?
    /// Of several targets, of each but the first.
    public private(set) var further: [(target: String, summary: SeedSummary)] = []

    /// A seed's own evaluation.
    public struct Run {
        public var seed: UInt64
        /// With the folders `fold_K`.
        public var folder: URL
        /// Of several targets all of them.
        public var report: EvaluationReport

        public init(seed: UInt64, folder: URL, report: EvaluationReport) {
            (self.seed, self.folder, self.report) = (seed, folder, report)
        }
    }

    /// Reads every run's `metrics.json` and folds.
    /// - Parameters:
    ///   - name: of the training.
    ///   - folders: of the seeds, with the folders `fold_K`.
    ///   - missing: models of other seeds, which do not take part for want of them.
    /// - Throws: as the other; errors of `metrics.json`.
    public init(
        name: String,
        folders: [(seed: UInt64, folder: URL)],
        missing: [SeedEnsemble.Missing] = []
    ) throws {
        let runs = try folders.map { seed, folder in
            let metrics = TrainingFolder(at: folder).file(.metrics)
            return Run(seed: seed, folder: folder, report: try CanonicalJSON.read(EvaluationReport.self, from: metrics))
        }
        try self.init(name: name, of: runs, missing: missing)
    }

    /// - Parameter target: of several targets the one to be summed up; nil: the only one, or all of them.
    /// - Throws: `MILError` where the runs do not fit each other; errors of their files.
    public init(
        name: String,
        of own: [Run],
        missing: [SeedEnsemble.Missing] = [],
        target: String? = nil
    ) throws {
        let runs = try own.map { run in
            guard let report = target.map({ run.report.targets?[$0] }) ?? run.report else {
                let reason = "its metrics have no target \(target ?? "")"
                throw MILError.unusable(subject: "seed \(run.seed)", reason: reason)
            }
            let folds = report.folds.map(\.fold)
            let trained = try TrainedFolds(model: run.folder.path, folds: folds, target: target)
            return ReportPage.Run(seed: run.seed, trained: trained, report: report)
        }
        guard let first = runs.first, let card = first.trained.folds.first?.card else {
            throw MILError.unusable(subject: name, reason: "no run was named; train first")
        }
        if let other = runs.first(where: { $0.trained.classes != first.trained.classes }), let seed = other.seed {
            throw MILError.unusable(subject: "seed \(seed)", reason: "its classes are not those of the first seed")
        }
        guard Set(runs.map { $0.trained.testedByFold }).count == 1 else {
            throw MILError.unusable(subject: name, reason: "the runs do not test the same slides fold by fold")
        }
        var evaluation = first.report.evaluation
        evaluation.protocol = runs.contains { $0.report.protocol == .paper } ? .paper : .honest
        let context = ReportPage.Run.context(runs, evaluation, seed: card.seed)
        let judged = TestedSlide.averaged(runs.map(\.trained)).map(\.judged)
        let averaged = MetricReport(judged, classes: first.trained.classes, context)
        let ensemble = SeedEnsemble(runs.map { ($0.seed ?? 0, $0.trained) }, missing: missing, context)
        let cards = runs.flatMap { $0.trained.folds.map(\.card) }
        // They do not depend on the seed; a run of an earlier version has none.
        let baselines = runs.lazy.compactMap { BaselineReport.all($0.trained, beside: judged, context) }.first
        report = SummaryReport(
            name: name,
            classes: first.trained.classes,
            protocol: evaluation.protocol,
            slideAUC: averaged.auc.value,
            slideAUCInterval: averaged.auc.interval,
            headline: HeadlineFigure(averaged),
            seeds: runs.map {
                SummaryReport.Seed(
                    seed: $0.seed ?? 0,
                    pooled: $0.report.pooled,
                    overFolds: $0.report.overFolds,
                    patches: $0.report.patches
                )
            },
            overSeeds: EvaluationReport.spread(runs.map(\.report.pooled)),
            overFoldsAndSeeds: EvaluationReport.spread(runs.flatMap { $0.report.folds.map(\.test) }),
            averaged: averaged,
            ensemble: ensemble,
            baselines: baselines,
            controls: runs.lazy.map(\.report.controls).first { !$0.isEmpty },
            search: SearchSummary(cards)
        )
        searchTable = SearchTable(cards: cards).text
        let targets =
            try CanonicalJSON.read(
                CheckpointCard.self,
                from: TrainingFolder(at: own[0].folder).fold(card.fold).file(.card)
            ).targets?.map(\.name) ?? []
        var page = ReportPage(name: name, runs: runs, headline: averaged, baselines: baselines, ensemble: ensemble)
        (page.targets, page.target) = (targets, target)
        self.page = page.text
        guard target == nil, let main = targets.first else { return }
        report.target = main
        let all = try targets.map {
            ($0, try SeedSummary(name: name, of: own, missing: missing, target: $0))
        }
        report.targets = Dictionary(uniqueKeysWithValues: all.map { ($0, $1.report) })
        further = Array(all.dropFirst())
    }
}
