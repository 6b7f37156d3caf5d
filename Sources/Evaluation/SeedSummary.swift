import Config
import Files
public import Foundation
import Records
import Storage

/// The runs of a training that differ in their seed alone, each evaluated already, as one.
public struct SeedSummary {
    public let report: SummaryReport
    /// The report as a page that needs nothing else.
    public let page: String

    /// Reads every run's `metrics.json` and folds.
    /// - Parameters:
    ///   - name: of the training.
    ///   - folders: of the seeds, with the folders `fold_K`.
    /// - Throws: `MILError` where the runs do not fit each other; errors of their files.
    public init(name: String, folders: [(seed: UInt64, folder: URL)]) throws {
        let runs = try folders.map { seed, folder in
            let report = try CanonicalJSON.read(EvaluationReport.self, from: TrainingFolder(at: folder).file(.metrics))
            let trained = try TrainedFolds(model: folder.path, folds: report.folds.map(\.fold))
            return ReportPage.Run(seed: seed, trained: trained, report: report)
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
        let averaged = MetricReport(
            TestedSlide.averaged(runs.map(\.trained)).map(\.judged),
            classes: first.trained.classes,
            ReportPage.Run.context(runs, evaluation, seed: card.seed)
        )
        report = SummaryReport(
            name: name,
            classes: first.trained.classes,
            protocol: evaluation.protocol,
            slideAUC: averaged.auc.value,
            slideAUCInterval: averaged.auc.interval,
            headline: HeadlineFigure(averaged),
            seeds: runs.map {
                SummaryReport.Seed(seed: $0.seed ?? 0, pooled: $0.report.pooled, overFolds: $0.report.overFolds)
            },
            overSeeds: EvaluationReport.spread(runs.map(\.report.pooled)),
            overFoldsAndSeeds: EvaluationReport.spread(runs.flatMap { $0.report.folds.map(\.test) }),
            averaged: averaged
        )
        page = ReportPage(name: name, runs: runs, headline: averaged).text
    }
}
