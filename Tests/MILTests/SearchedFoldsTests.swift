import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL
@testable import Messages

/// Folds that have chosen models of different kinds.
@Suite struct SearchedFoldsTests {
    private let stored: StoredProblem

    /// Fold 0 attends, fold 1 scores; the first candidate of each diverges.
    init() throws {
        stored = try StoredProblem()
        var (attending, scoring) = (ABMILConfig(), TransMILConfig())
        (attending.hidden, attending.attentionHidden, scoring.hidden) = (16, 16, 16)
        for (fold, model) in [ModelConfig.abmil(attending), .transmil(scoring)].enumerated() {
            var request = stored.problem.request(fold, in: stored.scratch.folder)
            request.features = stored.features
            let candidates = [1e30, 2e-3].enumerated().map { place, rate in
                var training = request.training
                (training.learningRate, training.epochs) = (rate, 8)
                training.standardise = fold == 0 ? .always : .never
                let config = SearchCandidate(
                    number: place + 1,
                    settings: [
                        SearchCandidate.Setting(key: "model", value: .string(model.kind.rawValue)),
                        SearchCandidate.Setting(key: "training.learning_rate", value: .number(rate)),
                    ],
                    model: model,
                    training: training
                )
                return FoldSearch.Candidate(config: config, fingerprint: "\(fold) \(place)")
            }
            request.search = FoldSearch(measure: .loss, candidates: candidates)
            _ = try FoldTraining(request, bags: FeatureFileBags(stored.features, encoder: "made")).run { _ in }
        }
    }

    @Test func predictTogetherAndTheMapIsOfThoseThatAttend() throws {
        func answer(_ folds: [Int]) throws -> PredictionFile {
            try Inference(stored.request { _ in folds }).run { #expect($0.way == .written) }
            return try stored.prediction(stored.problem.cohort.slides[0].slide)
        }
        let alone = try [0, 1].map { try answer([$0]) }
        #expect(alone.map(\.prediction.kind) == [.attention, .score])
        let joined = try answer([0, 1])
        #expect(
            joined.prediction.kind == .attention && joined.prediction.rowNames.allSatisfy { $0.hasPrefix("fold_0.") }
        )
        #expect(joined.prediction.attention == alone[0].prediction.attention)
        #expect(joined.prediction.mainRows == Array(joined.prediction.rowNames.indices))
        let means = zip(
            alone[0].prediction.answer.ofClass?.probabilities ?? [],
            alone[1].prediction.answer.ofClass?.probabilities ?? []
        ).map { ($0 + $1) / 2 }
        let told = joined.prediction.answer.ofClass?.probabilities ?? []
        #expect(told.count == 2 && zip(told, means).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test func areJudgedTogetherAndThePageSaysWhatEachChose() throws {
        var config = EvaluationConfig()
        config.bootstrap = 200
        let evaluation = try TrainingEvaluation(
            model: stored.scratch.folder,
            folds: [0, 1],
            evaluation: config,
            seed: 1
        )
        let report = try evaluation.report()
        let search = try #require(report.search)
        #expect((search.candidates, search.measure) == (2, .loss))
        #expect(search.choices.map(\.candidate) == [2, 2] && search.choices.map(\.fold) == [0, 1])
        let again = try JSONDecoder().decode(EvaluationReport.self, from: CanonicalJSON.data(report))
        #expect(again.search == search)
        let page = evaluation.page(of: report)
        #expect(page.contains("<h2>Search</h2>") && page.contains("of the nested procedure"))
        #expect(page.contains("model abmil, training.learning_rate 0.002"))
        #expect(page.contains("differs by fold, as the search has chosen"))
        #expect(page.contains("features from made, differs by fold"), "one is standardised, the other is not")
        let table = try #require(evaluation.searchTable)
        let lines = table.split(whereSeparator: \.isNewline)
        #expect(
            lines.first
                == "seed,fold,candidate,model,training.learning_rate,measure,validation,epoch,chosen,failure"
        )
        #expect(lines.count == 5 && lines.dropFirst().count { $0.hasSuffix(",1,") } == 2)
    }
}
