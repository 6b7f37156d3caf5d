import Foundation
import Messages
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL

/// A model that counts its training passes.
private final class CountedModel: MILModel {
    let model: any MILModel
    private(set) var passes = 0

    init(_ model: any MILModel) { self.model = model }

    var parameters: [Parameter] { model.parameters }
    var trainable: [Parameter] { model.trainable }

    func callAsFunction(_ features: Tensor) throws -> BagOutput { try model(features) }

    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        passes += 1
        return try model.trainingLoss(features, target: target, step)
    }
}

@Suite struct ResumeTests {
    private let problem: Problem
    private let scratch: Scratch
    private let split: Split

    init() throws {
        problem = try Problem(shift: 1)
        scratch = try Scratch()
        split = problem.splits[0]
    }

    private func slides(_ ids: [SlideID]) -> [CohortSlide] {
        let wanted = Set(ids)
        return problem.cohort.slides.filter { wanted.contains($0.slide) }
    }

    private func model() throws -> CountedModel {
        let fresh = FreshParameters(CounterDraws(seed: 3, fold: 0))
        return CountedModel(try Problem.acmil.model(featureWidth: 8, classes: 2, from: fresh))
    }

    private func loop(_ file: String, fingerprint: String = "one", epochs: Int = 6) -> TrainingLoop {
        var config = TrainingConfig()
        (config.learningRate, config.epochs) = (2e-3, epochs)
        let training = slides(split.train)
        return TrainingLoop(
            recipe: config.recipe(for: Problem.acmil, featureWidth: 8, classes: 2),
            readout: .class(count: 2),
            seed: 3,
            fold: 0,
            order: BagOrder(.shuffle, of: training, seed: 3, fold: 0),
            classWeights: [1, 1],
            training: training,
            validation: slides(split.validation),
            bags: DeviceBags(problem.bags, standardiser: nil, on: .cpu),
            resume: ResumePoint(fingerprint: fingerprint, file: scratch.file(file)),
            savingInterval: .zero
        )
    }

    /// Trains to the end and keeps the file as it stood after `epoch`.
    private func uninterrupted(keeping epoch: Int, _ model: (any MILModel)? = nil) throws -> TrainingLoop.Trained {
        let file = scratch.file("whole")
        let trained = try model ?? self.model()
        return try loop("whole").run(trained) { record in
            guard record.epoch == epoch else { return }
            try? FileManager.default.copyItem(at: file, to: scratch.file("cut"))
        }
    }

    @Test func aKilledTrainingGoesOnFromItsLastEpochAndEndsTheSame() throws {
        let whole = try uninterrupted(keeping: 3)
        let second = try model()
        let resumed = try loop("cut").run(second) { _ in }
        #expect(resumed.parameters == whole.parameters)
        #expect(resumed.history == whole.history)
        #expect((resumed.epoch, resumed.score) == (whole.epoch, whole.score))
        #expect(second.passes == 2 * split.train.count, "epochs 4 and 5 alone were left to train")
    }

    /// What an option draws depends on the step alone, not on how the step was come to.
    @Test func aTrainingWithOptionsGoesOnWithTheDrawsThatItWouldHaveHad() throws {
        var options = TrainingConfig()
        (options.mixup, options.instanceDropout) = (0.5, 0.3)
        (options.attentionEntropy, options.featureNoise) = (0.01, 0.1)
        func optioned() throws -> OptionedModel {
            let bags = DeviceBags(problem.bags, standardiser: nil, on: .cpu)
            let own = try model()
            return try #require(OptionedModel(own, options, slides(split.train), .class(count: 2), bags))
        }
        let whole = try uninterrupted(keeping: 2, optioned())
        let resumed = try loop("cut").run(optioned()) { _ in }
        #expect(resumed.parameters == whole.parameters && resumed.history == whole.history)
        let plain = try loop("plain").run(model()) { _ in }
        #expect(plain.parameters != whole.parameters)
    }

    /// Of a fold the file is written once a second; baselines are fitted after its last epoch.
    @Test func aFoldThatGoesOnLeavesWhatAWholeOneDoes() throws {
        func request(_ folder: String) -> TrainRequest {
            var request = problem.request(0, in: scratch.file(folder))
            request.training.epochs = 6
            return request
        }
        let (whole, cut) = (scratch.file("one/fold_0"), scratch.file("other/fold_0"))
        try FileManager.default.createDirectory(at: cut, withIntermediateDirectories: true)
        var told = 0
        _ = try FoldTraining(request("one"), bags: problem.bags).run { _ in
            told += 1
            if told == 2 { usleep(1_200_000) }
            guard told == 3 else { return }
            let name = TrainRequest.resumeFiles[0]
            try? FileManager.default.copyItem(at: whole.appending(path: name), to: cut.appending(path: name))
        }
        #expect(FileManager.default.fileExists(atPath: cut.appending(path: TrainRequest.resumeFiles[0]).path))
        _ = try FoldTraining(request("other"), bags: problem.bags).run { _ in }
        for file in [FoldFolder.File.baselines, .predictions, .history, .weights, .card] {
            let name = file.rawValue
            let (one, other) = (whole.appending(path: name), cut.appending(path: name))
            #expect(try Data(contentsOf: one) == Data(contentsOf: other), "\(name)")
        }
    }

    @Test func aFileOfAnotherTrainingIsNotGoneOnFrom() throws {
        _ = try uninterrupted(keeping: 3)
        let second = try model()
        _ = try loop("cut", fingerprint: "two").run(second) { _ in }
        #expect(second.passes == 6 * split.train.count)
    }

    @Test func aFileThatDoesNotFitTheModelIsRefused() throws {
        _ = try uninterrupted(keeping: 3)
        var config = ACMILConfig()
        (config.hidden, config.attentionHidden) = (16, 8)
        let fresh = FreshParameters(CounterDraws(seed: 3, fold: 0))
        let other = try ModelConfig.acmil(config).model(featureWidth: 8, classes: 2, from: fresh)
        #expect(throws: MILError.self) { try loop("cut").run(other) { _ in } }
    }

    @Test func anEndedFoldLeavesNoFileToGoOnFrom() throws {
        try problem.train(0, in: scratch.folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.file("fold_0").path)
        #expect(!names.contains("resume.safetensors"))
    }
}

@Suite struct BagOrderTests {
    private func slides(_ labels: [Int]) throws -> [CohortSlide] {
        try labels.enumerated().map { CohortSlide(slide: try SlideID("s\($0)"), caseID: "p\($0)", target: .class($1)) }
    }

    @Test func shufflingTakesEveryBagOnceAndAnotherOrderInEveryEpoch() throws {
        let order = BagOrder(.shuffle, of: try slides([0, 1, 0, 1, 0, 0, 0, 0]), seed: 1, fold: 2)
        #expect(order(0).sorted() == Array(0..<8) && order(1).sorted() == Array(0..<8))
        #expect(order(0) != order(1) && order(0) == order(0))
    }

    @Test func balancedSamplingDrawsEveryClassAlike() throws {
        let slides = try slides((0..<100).map { $0 < 10 ? 1 : 0 })
        let order = BagOrder(.balanced, of: slides, seed: 1, fold: 0)
        let drawn = (0..<40).flatMap(order.callAsFunction)
        let share = Double(drawn.count { slides[$0].target == .class(1) }) / Double(drawn.count)
        #expect(drawn.count == 4000 && abs(share - 0.5) < 0.04)
        #expect(Set(drawn).count == 100)
    }

    @Test func balancedClassWeightsGiveEveryClassTheSameSum() throws {
        let slides = try slides([0, 0, 0, 1])
        let weights = try TrainingConfig.ClassWeights.balanced.factors(for: slides, classes: 2)
        #expect(weights == [4.0 / 6, 2])
        #expect(try TrainingConfig.ClassWeights.none.factors(for: slides, classes: 2) == [1, 1])
        #expect(throws: ConfigError.self) {
            try TrainingConfig.ClassWeights.given([1]).factors(for: slides, classes: 2)
        }
    }

    @Test func aClassWeightScalesTheLossOfItsBags() throws {
        let problem = try Problem()
        func losses(_ weights: TrainingConfig.ClassWeights) throws -> Double {
            let scratch = try Scratch()
            var request = problem.request(0, in: scratch.folder)
            (request.training.epochs, request.training.learningRate) = (1, 1e-9)
            request.training.classWeights = weights
            _ = try FoldTraining(request, bags: problem.bags).run { _ in }
            let history = try Table(contentsOf: scratch.file("fold_0/history.csv"))
            return try #require(Double(history.rows[0]["train_total"]))
        }
        let plain = try losses(.none)
        #expect(abs(try losses(.given([3, 3])) - 3 * plain) < 1e-4 * plain)
    }
}
