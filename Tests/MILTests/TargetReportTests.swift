import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL

/// Trainings of other targets than classes, through protocols, seeds and pages.
@Suite struct TargetReportTests {
    private static let kinds: [Target.Kind] = [.ordinal, .labels, .number, .survival]
    private static let dsmil = #"{"kind": "dsmil", "hidden": 16, "attention_hidden": 16}"#
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Its hosts choose the epoch on the test part, which then is all that there is beside training.
    @Test(arguments: kinds) func thePapersProtocolTakesEveryTarget(kind: Target.Kind) throws {
        let card = try AmountProblem(kind).train(Self.dsmil, epochs: 2, in: scratch, by: .paper)
        #expect(card.parts["validation"] == card.parts["test"])
        #expect(card.threshold == nil && card.temperature == nil && card.kind == kind)
        let rows = try FoldPredictions(folder: scratch.file("fold_0"), kind: kind, classes: card.classes).rows
        #expect(Set(rows.map(\.part)) == ["train", "test"])
        let evaluation = try TrainingEvaluation(model: scratch.folder, folds: [0], evaluation: card.evaluation, seed: 0)
        let page = evaluation.page(of: try evaluation.report())
        #expect(page.contains("Protocol of the papers.") && page.contains("see “How the epoch was chosen”"))
        #expect(!page.contains("threshold of these models"))
    }

    @Test(arguments: [
        (Target.Kind.number, "squared error"), (.labels, "labels that are known"),
        (.survival, "Cox’s partial likelihood over 16 bags"),
    ])
    func thePageNamesTheLoss(kind: Target.Kind, words: String) throws {
        let card = try AmountProblem(kind).train(#"{"kind": "mean"}"#, epochs: 2, in: scratch) {
            if kind == .survival { $0.survivalLoss = .cox }
        }
        let evaluation = try TrainingEvaluation(model: scratch.folder, folds: [0], evaluation: card.evaluation, seed: 0)
        #expect(evaluation.page(of: try evaluation.report()).contains(words))
    }

    @Test func severalSeedsOfSurvivalAreOneSummary() throws {
        let problem = try AmountProblem(.survival)
        var runs: [(seed: UInt64, folder: URL)] = []
        for seed in [UInt64(4), 5] {
            var evaluation = EvaluationConfig()
            for fold in 0..<2 {
                evaluation = try problem.train(
                    #"{"kind": "mean"}"#,
                    epochs: 12,
                    in: scratch,
                    fold: fold,
                    folder: "seed_\(seed)"
                ) {
                    ($0.survivalLoss, $0.seed) = (.cox, seed)
                }
                .evaluation
            }
            let folder = scratch.file("seed_\(seed)")
            let trained = try TrainingEvaluation(model: folder, folds: [0, 1], evaluation: evaluation, seed: seed)
            try CanonicalJSON.write(trained.report(), to: folder.appending(path: "metrics.json"))
            runs.append((seed, folder))
        }
        let summary = try SeedSummary(name: "two", folders: runs)
        let report = summary.report
        #expect(report.headline?.metric == Metric.unoC.key && (report.headline?.value ?? 0) > 0.6)
        #expect(report.overSeeds[Metric.harrellC.key]?.folds == 2 && report.slideAUC == nil)
        #expect(report.averaged.times.first?[.brierAtTime]?.value != nil)
        #expect(summary.page.contains("mean of the seeds’ answers") && summary.page.contains("At risk at"))
    }
}
