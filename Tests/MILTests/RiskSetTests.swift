import Foundation
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

/// A step of Cox's loss over a set of bags: two passes of one function, the same in each run, and after a pause.
@Suite struct RiskSetTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// MHIM of version 2, whose recycling moves its queries.
    private func recycling() throws -> any MILModel {
        let fresh = FreshParameters(CounterDraws(seed: 5, fold: 0))
        return try ModelConfig.mhim(smallMHIM(version: 2))
            .model(featureWidth: 12, classes: 1, kind: .survival, from: fresh, on: .cpu)
    }

    private func step(isRehearsal: Bool) -> TrainingStep {
        var step = TrainingStep(draws: CounterDraws(seed: 1, fold: 0, epoch: 0, step: 0), progress: 0.5)
        (step.isRehearsal, step.movesLater) = (isRehearsal, !isRehearsal)
        return step
    }

    @Test func bothPassesOfASetAreOfOneFunction() throws {
        let model = try recycling()
        let bags = try (0..<3).map { try cosineBag(40 + 7 * $0, 12) }
        func heard() throws -> [[[Double]]] {
            try bags.map { bag in
                let turn = RiskTurn()
                _ = try withoutGrad { try model.trainingLoss(bag, target: .risk(turn), step(isRehearsal: true)) }
                return turn.heard
            }
        }
        func queries() throws -> [Float] {
            try #require(model.parameters.first { $0.name == "merge.global_q_mm" }).tensor.floats()
        }
        let (risks, before) = (try heard(), try queries())
        for bag in bags {
            let turn = RiskTurn()
            turn.begin([CoxLoss(value: 1, slopes: [1])])
            _ = try model.trainingLoss(bag, target: .risk(turn), step(isRehearsal: false))
        }
        #expect(
            try heard() == risks && queries() == before,
            "a bag of the set has moved what the next one is judged by"
        )
        try model.finish(step(isRehearsal: false))
        let after = try queries()
        #expect(after != before)
        // What was kept is gone.
        try model.finish(step(isRehearsal: false))
        #expect(try queries() == after)
    }

    private func trained(_ model: any MILModel, from file: String, keeping epoch: Int? = nil) throws
        -> TrainingLoop.Trained
    {
        var (slides, bags) = ([CohortSlide](), MemoryBags())
        for index in 0..<12 {
            let slide = try SlideID("s\(100 + index)")
            bags.add(slide, width: 12, try cosineBag(20 + index, 12).floats().map { $0 * Float(1 + index % 4) })
            let target = Target.survival(SurvivalTime(Double(30 - 2 * index), isEvent: index % 3 != 0))
            slides.append(CohortSlide(slide: slide, caseID: "p\(index)", target: target))
        }
        var config = TrainingConfig()
        (config.learningRate, config.epochs, config.selection) = (2e-3, 6, .last)
        let url = scratch.file(file)
        let loop = TrainingLoop(
            recipe: config.recipe(for: .mhim(smallMHIM(version: 2)), featureWidth: 12, classes: 1),
            readout: .risk(Readout.RiskScale(times: [10])),
            riskSet: 5,
            seed: 3,
            fold: 0,
            order: BagOrder(.shuffle, of: slides, seed: 3, fold: 0),
            classWeights: [],
            training: slides,
            validation: [],
            bags: DeviceBags(bags, standardiser: nil, on: .cpu),
            resume: ResumePoint(fingerprint: "one", file: url),
            savingInterval: .zero
        )
        return try loop.run(model) { record in
            if record.epoch == epoch { try? FileManager.default.copyItem(at: url, to: scratch.file("cut")) }
        }
    }

    @Test func coxsTrainingIsTheSameEachTimeAndGoesOnFromItsLastEpoch() throws {
        let whole = try trained(recycling(), from: "whole", keeping: 3)
        let again = try trained(recycling(), from: "again")
        #expect(whole.parameters == again.parameters && whole.history == again.history)
        let resumed = try trained(recycling(), from: "cut")
        #expect(resumed.parameters == whole.parameters && resumed.history == whole.history)
    }
}
