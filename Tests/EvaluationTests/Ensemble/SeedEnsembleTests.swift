import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import Messages

/// The seeds of a training as one, and beside baselines.
@Suite struct SeedEnsembleTests {
    private let scratch: Scratch
    private let problem: MadeTraining
    private let evaluation: EvaluationConfig

    init() throws {
        (scratch, problem) = (try Scratch(), try MadeTraining(shift: 0.7))
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 400
        self.evaluation = evaluation
    }

    /// - Parameter drawn: what each seed's scores are drawn with.
    private func runs(drawn seeds: [UInt64], baselines: Bool = false) throws -> [(seed: UInt64, folder: URL)] {
        try seeds.enumerated().map { place, seed in
            let folder = scratch.file("seed_\(place)")
            for fold in 0..<3 {
                var request = problem.request(fold, in: folder)
                request.training.seed = seed
                try problem.write(request)
                if baselines { try writeBaselines(fold, in: folder) }
            }
            let trained = try TrainingEvaluation(model: folder, folds: [0, 1, 2], evaluation: evaluation, seed: seed)
            try CanonicalJSON.write(trained.report(), to: folder.appending(path: "metrics.json"))
            return (UInt64(place), folder)
        }
    }

    /// Mean features that tell the classes without a fault.
    private func writeBaselines(_ fold: Int, in folder: URL) throws {
        let slides = Dictionary(uniqueKeysWithValues: problem.cohort.slides.map { ($0.slide, $0) })
        func bags(_ ids: [SlideID]) -> [MeanBag] {
            ids.compactMap { slides[$0] }.map { slide in
                MeanBag(slide: slide, features: [Double(slide.target.label ?? 0), Double(slide.slide.text.count)])
            }
        }
        let split = problem.splits[fold]
        let baselines = FoldBaselines(
            .class,
            classes: 2,
            training: bags(split.train),
            validation: bags(split.validation),
            test: bags(split.test),
            decidesByYouden: true
        )
        try CanonicalJSON.write(baselines, to: folder.appending(path: "fold_\(fold)/baselines.json"))
    }

    private func width(_ estimate: Estimate?) throws -> Double {
        let bounds = try #require(estimate?.interval)
        return bounds[1] - bounds[0]
    }

    @Test func seedsThatDifferWidenTheInterval() throws {
        let report = try SeedSummary(name: "three", folders: runs(drawn: [1, 2, 3])).report
        let ensemble = try #require(report.ensemble)
        let both = try #require(ensemble.overCasesAndSeeds[.averagePrecision])
        let cases = try #require(report.averaged[.averagePrecision])
        #expect(both.value == cases.value && both.method == .bootstrapOverSeeds)
        #expect(try width(both) > width(cases))
        #expect(ensemble.models.map(\.seed) == [0, 1, 2] && ensemble.models.allSatisfy { $0.folds == [0, 1, 2] })
        #expect(ensemble.missing.isEmpty)
    }

    @Test func seedsThatAgreeLeaveTheIntervalAsItIs() throws {
        let report = try SeedSummary(name: "same", folders: runs(drawn: [4, 4, 4])).report
        let ensemble = try #require(report.ensemble)
        for metric in [Metric.averagePrecision, .accuracy, .brier] {
            let (both, cases) = (ensemble.overCasesAndSeeds[metric], report.averaged[metric])
            #expect(both?.interval == cases?.interval && both?.interval != nil, "\(metric)")
        }
    }

    @Test func equalRunsGiveEqualBytes() throws {
        let folders = try runs(drawn: [1, 2, 3])
        let (one, other) = (try SeedSummary(name: "a", folders: folders), try SeedSummary(name: "a", folders: folders))
        #expect(try CanonicalJSON.data(one.report) == CanonicalJSON.data(other.report))
        #expect(one.page == other.page)
    }

    @Test func aSeedThatDidNotTakePartIsNamed() throws {
        let missing = [SeedEnsemble.Missing(seed: 9, fold: 2, reason: "the loss was no number")]
        let summary = try SeedSummary(name: "two", folders: runs(drawn: [1, 2]), missing: missing)
        #expect(summary.report.ensemble?.missing == missing)
        #expect(summary.page.contains("1 of 3 seeds did not take part"))
        #expect(summary.page.contains("seed 9, fold 2: the loss was no number"))
    }

    @Test func aModelThatIsBehindAPlainOneIsSaidToBe() throws {
        let folders = try runs(drawn: [1, 2], baselines: true)
        let summary = try SeedSummary(name: "two", folders: folders)
        let single = try CanonicalJSON.read(
            EvaluationReport.self,
            from: folders[0].folder.appending(path: "metrics.json")
        )
        for (baselines, model) in [
            (summary.report.baselines, summary.report.averaged), (single.baselines, single.pooled),
        ] {
            let all = try #require(baselines)
            #expect(all.map(\.baseline) == Baseline.allCases)
            let linear = try #require(all.first)
            #expect(linear.pooled?.auc.value == 1 && linear.verdict == .behind)
            let difference = try #require(linear.difference?[.auc])
            #expect(difference.value == (model.auc.value ?? 0) - 1 && difference.interval?.count == 2)
            #expect(linear.chosen.map(\.fold) == [0, 1, 2])
            #expect(BaselineReport.sentence(all).hasPrefix("The model is behind: logistic regression on mean features"))
        }
        #expect(
            summary.page.contains("Baselines that look at no patch") && summary.page.contains("The model is behind")
        )
    }

    @Test func aModelIsOnlyAheadWhereTheIntervalSaysSo() throws {
        let folders = try runs(drawn: [1, 2], baselines: true)
        let page = try SeedSummary(name: "two", folders: folders).page
        #expect(!page.contains("beats each of these"))
        // A training of an earlier version has no such file.
        for fold in 0..<3 {
            for run in folders {
                try FileManager.default.removeItem(at: run.folder.appending(path: "fold_\(fold)/baselines.json"))
            }
        }
        let report = try SeedSummary(name: "two", folders: folders)
        #expect(report.report.baselines == nil && !report.page.contains("Baselines that look at no patch"))
    }
}
