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

/// Folds of a plain problem with candidates to be compared.
struct SearchProblem {
    let problem: Problem
    let scratch: Scratch

    init() throws { (problem, scratch) = (try Problem(), try Scratch()) }

    static let plain: ModelConfig = {
        var config = ABMILConfig()
        (config.hidden, config.attentionHidden) = (16, 16)
        return .abmil(config)
    }()

    /// - Parameter rate: 1e-9 learns nothing.
    func candidate(_ number: Int, _ model: ModelConfig = SearchProblem.plain, rate: Double = 2e-3) throws
        -> FoldSearch.Candidate
    {
        var training = problem.request(0, in: scratch.folder).training
        (training.learningRate, training.selection) = (rate, .loss)
        let config = SearchCandidate(
            number: number,
            settings: [SearchCandidate.Setting(key: "training.learning_rate", value: .number(rate))],
            model: model,
            training: training
        )
        let fingerprint = try CanonicalJSON.fingerprint([
            CanonicalJSON.fingerprint(model), CanonicalJSON.fingerprint(training),
        ])
        return FoldSearch.Candidate(config: config, fingerprint: fingerprint)
    }

    func request(
        _ candidates: [FoldSearch.Candidate],
        _ measure: Recipe.Selection = .loss,
        fold: Int = 0,
        in folder: URL? = nil
    ) -> TrainRequest {
        var request = problem.request(fold, in: folder ?? scratch.folder)
        request.search = FoldSearch(measure: measure, candidates: candidates)
        return request
    }

    @discardableResult
    func run(
        _ request: TrainRequest,
        progress: (TrainProgress) -> Void = { _ in }
    ) throws -> (answer: TrainAnswer, search: ComparedCandidates) {
        let answer = try FoldTraining(request, bags: problem.bags).run(progress: progress)
        let card = try Checkpoint(folder: URL(filePath: request.output)).card
        return (answer, try #require(card.search))
    }

    static let mhim: ModelConfig = {
        var config = MHIMConfig()
        config.hidden = 16
        return .mhim(config)
    }()
}

/// A suite that has candidates compared.
protocol ComparingCandidates {
    var fixture: SearchProblem { get }
}

extension ComparingCandidates {
    var problem: Problem { fixture.problem }
    var scratch: Scratch { fixture.scratch }

    func candidate(
        _ number: Int,
        _ model: ModelConfig = SearchProblem.plain,
        rate: Double = 2e-3
    ) throws -> FoldSearch.Candidate {
        try fixture.candidate(number, model, rate: rate)
    }

    func request(
        _ candidates: [FoldSearch.Candidate],
        _ measure: Recipe.Selection = .loss,
        fold: Int = 0,
        in folder: URL? = nil
    ) -> TrainRequest {
        fixture.request(candidates, measure, fold: fold, in: folder)
    }

    @discardableResult
    func run(
        _ request: TrainRequest,
        progress: (TrainProgress) -> Void = { _ in }
    ) throws -> (answer: TrainAnswer, search: ComparedCandidates) {
        try fixture.run(request, progress: progress)
    }
}
