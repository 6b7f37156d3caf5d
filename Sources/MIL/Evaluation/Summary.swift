import Foundation
public import Records
import Storage

/// `wsi-compute summarise`: the runs of a training that differ in their seed alone, as one.
public struct Summary {
    private let request: SummariseRequest
    private let runs: [ReportPage.Run]

    /// Reads every run's `metrics.json` and folds.
    public init(_ request: SummariseRequest) throws {
        self.request = request
        runs = try request.runs.map { run in
            let folder = URL(filePath: run.folder, directoryHint: .isDirectory)
            let report = try CanonicalJSON.read(EvaluationReport.self, from: folder.appending(path: "metrics.json"))
            let trained = try TrainedFolds(model: run.folder, folds: report.folds.map(\.fold))
            return ReportPage.Run(seed: run.seed, trained: trained, report: report)
        }
    }

    public func run() throws -> ComputeResult {
        guard let first = runs.first, let card = first.trained.folds.first?.card else {
            throw MILError.unusable(subject: request.name, reason: "no run was named; train first")
        }
        if let other = runs.first(where: { $0.trained.classes != first.trained.classes }), let seed = other.seed {
            throw MILError.unusable(subject: "seed \(seed)", reason: "its classes are not those of the first seed")
        }
        guard Set(runs.map { $0.trained.testedByFold }).count == 1 else {
            throw MILError.unusable(subject: request.name, reason: "the runs do not test the same slides fold by fold")
        }
        var evaluation = first.report.evaluation
        evaluation.protocol = runs.contains { $0.report.protocol == .paper } ? .paper : .honest
        let averaged = MetricReport(
            TestedSlide.averaged(runs.map(\.trained)).map(\.judged),
            classes: first.trained.classes,
            evaluation: evaluation,
            seed: card.seed
        )
        let report = SummaryReport(
            name: request.name,
            classes: first.trained.classes,
            protocol: evaluation.protocol,
            slideAUC: averaged.auc.value,
            slideAUCInterval: averaged.auc.interval,
            seeds: runs.map {
                SummaryReport.Seed(seed: $0.seed ?? 0, pooled: $0.report.pooled, overFolds: $0.report.overFolds)
            },
            overSeeds: EvaluationReport.spread(runs.map(\.report.pooled)),
            overFoldsAndSeeds: EvaluationReport.spread(runs.flatMap { $0.report.folds.map(\.test) }),
            averaged: averaged
        )
        let folder = URL(filePath: request.output, directoryHint: .isDirectory)
        let (json, page) = (folder.appending(path: "metrics.json"), folder.appending(path: "report.html"))
        try CanonicalJSON.write(report, to: json)
        try AtomicFile.write(ReportPage(name: request.name, runs: runs, headline: averaged).text, to: page)
        var figures: [String: Double] = [:]
        figures["slide_auc"] = averaged.auc.value
        return ComputeResult(outputs: [json.path, page.path], figures: figures)
    }
}

/// `metrics.json` of a training with several seeds.
struct SummaryReport: Codable, Equatable {
    struct Seed: Codable, Equatable {
        var seed: UInt64
        var pooled: MetricReport
        var overFolds: [String: EvaluationReport.Spread]

        enum CodingKeys: String, CodingKey {
            case seed, pooled
            case overFolds = "over_folds"
        }
    }

    var name: String
    var classes: [String]
    /// How epoch and threshold were chosen.
    var `protocol`: EvaluationConfig.Convention
    /// Of the averaged probabilities.
    var slideAUC: Double?
    var slideAUCInterval: [Double]?
    var seeds: [Seed]
    /// Of the pooled metrics.
    var overSeeds: [String: EvaluationReport.Spread]
    var overFoldsAndSeeds: [String: EvaluationReport.Spread]
    /// Every test slide's mean probability over the seeds.
    var averaged: MetricReport

    enum CodingKeys: String, CodingKey {
        case name, classes, `protocol`, seeds, averaged
        case slideAUC = "slide_auc"
        case slideAUCInterval = "slide_auc_ci"
        case overSeeds = "over_seeds"
        case overFoldsAndSeeds = "over_folds_and_seeds"
    }
}
