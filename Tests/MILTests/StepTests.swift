import Foundation
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import MIL
@testable import Messages

/// A model that notes what it is given to learn from.
private final class WatchedModel: MILModel {
    let model: any MILModel
    private(set) var rows: [Int] = []
    private(set) var steps = 0

    init(_ model: any MILModel) { self.model = model }

    var parameters: [Parameter] { model.parameters }
    var trainable: [Parameter] { model.trainable }

    func callAsFunction(_ features: Tensor) throws -> BagOutput { try model(features) }

    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        rows.append(features.shape[0])
        return try model.trainingLoss(features, target: target, step)
    }

    func finish(_ step: TrainingStep) throws { steps += 1 }
}

/// Several bags and a part of the patches at a step, a mean of weights, and a selection that looks at several epochs.
@Suite struct StepTests {
    private let problem: Problem
    private let scratch: Scratch

    init() throws { (problem, scratch) = (try Problem(shift: 1), try Scratch()) }

    private var training: [CohortSlide] {
        let wanted = Set(problem.splits[0].train)
        return problem.cohort.slides.filter { wanted.contains($0.slide) }
    }

    private var validation: [CohortSlide] {
        let wanted = Set(problem.splits[0].validation)
        return problem.cohort.slides.filter { wanted.contains($0.slide) }
    }

    private func model(_ config: ModelConfig = Problem.acmil) throws -> WatchedModel {
        let fresh = FreshParameters(CounterDraws(seed: 3, fold: 0))
        return WatchedModel(try config.model(featureWidth: 8, classes: 2, from: fresh))
    }

    private func loop(
        _ file: String = "resume",
        order: [[Int]]? = nil,
        _ change: (inout TrainingConfig) -> Void
    ) -> TrainingLoop {
        var config = TrainingConfig()
        (config.learningRate, config.epochs) = (2e-3, 6)
        change(&config)
        return TrainingLoop(
            recipe: config.recipe(for: Problem.acmil, featureWidth: 8, classes: 2),
            readout: .class(count: 2),
            seed: 3,
            fold: 0,
            order: order.map { BagOrder(recorded: $0) } ?? BagOrder(.shuffle, of: training, seed: 3, fold: 0),
            classWeights: [1, 1],
            training: training,
            validation: validation,
            bags: DeviceBags(problem.bags, standardiser: nil, on: .cpu),
            resume: ResumePoint(fingerprint: "one", file: scratch.file(file)),
            savingInterval: .zero
        )
    }

    @Test func theBagsOfAnEpochAreSharedOutToStepsOfAboutOneSize() {
        var recipe = Recipe.published(for: Problem.acmil, featureWidth: 8, classes: 2)
        #expect(recipe.steps(of: 3) == [0..<1, 1..<2, 2..<3])
        recipe.bagsPerStep = 4
        #expect(recipe.steps(of: 9) == [0..<3, 3..<6, 6..<9] && recipe.steps(of: 3) == [0..<3])
    }

    @Test func aStepOfTwoEqualBagsIsThatOfOne() throws {
        let one = try model(.abmil(ABMILConfig()))
        let single = try loop("a", order: [[0]]) { ($0.epochs, $0.selection) = (1, .last) }.run(one) { _ in }
        let two = try model(.abmil(ABMILConfig()))
        let double = try loop("b", order: [[0, 0]]) { ($0.epochs, $0.selection, $0.bagsPerStep) = (1, .last, 2) }
            .run(two) { _ in }
        #expect((one.steps, two.steps, two.rows.count) == (1, 1, 2))
        for (name, values) in single.parameters {
            let (ours, theirs) = (try #require(values.floats), try #require(double.parameters[name]?.floats))
            #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
        }
    }

    @Test func anEpochHasAStepForEveryFewBags() throws {
        let model = try model()
        _ = try loop { ($0.epochs, $0.bagsPerStep) = (2, 5) }.run(model) { _ in }
        #expect(model.rows.count == 2 * training.count && model.steps == 2 * ((training.count + 4) / 5))
    }

    @Test func aStepSeesSoManyPatchesAndOthersEachTime() throws {
        let model = try model()
        _ = try loop { ($0.epochs, $0.patchesPerStep) = (1, 40) }.run(model) { _ in }
        #expect(model.rows == Array(repeating: 40, count: training.count))
        let bag = try Tensor((0..<10).map { Float($0) }, shape: [10, 1])
        func drawn(_ step: Int, _ count: Int) throws -> [Float] {
            try PatchDraw(count: count)(bag, CounterDraws(seed: 1, fold: 0, epoch: 0, step: step)).floats()
        }
        let first = try drawn(0, 4)
        #expect(try first.count == 4 && Set(first).count == 4 && first == first.sorted() && first == drawn(0, 4))
        #expect(try first != drawn(1, 4) && drawn(0, 10).count == 10 && drawn(0, 50).count == 10)
    }

    @Test func theMeanOfWeightsForgetsTheFirstOnesSoon() throws {
        let weight = try Parameter("w", [0], shape: [1])
        let average = try WeightAverage(0.5, of: [weight])
        var wanted: Float = 0
        for step in 1...12 {
            try withoutGrad { try weight.tensor.assign(try Tensor([Float(step)], shape: [1])) }
            try average.add()
            let kept = min(0.5, Float(1 + step) / Float(10 + step))
            wanted = kept * wanted + (1 - kept) * Float(step)
        }
        #expect(try average.standingIn { abs(try weight.tensor.floats()[0] - wanted) < 1e-4 })
        #expect(try weight.tensor.floats() == [12], "what is trained is back in its place")
        #expect(throws: CancellationError.self) { try average.standingIn { throw CancellationError() } }
        #expect(try weight.tensor.floats() == [12])
    }

    @Test func theMeanOfWeightsIsJudgedAndKept() throws {
        let plain = try loop("a") { $0.selection = .last }.run(model()) { _ in }
        let mean = try loop("b") { ($0.selection, $0.weightAverage) = (.last, 0.9) }.run(model()) { _ in }
        #expect(plain.history.map(\.terms) == mean.history.map(\.terms), "steps are the same")
        #expect(plain.history.map(\.validationLoss) != mean.history.map(\.validationLoss))
        #expect(plain.parameters != mean.parameters)
    }

    @Test func aKilledTrainingWithAllOfThatEndsTheSame() throws {
        func loop(_ file: String) -> TrainingLoop {
            self.loop(file) {
                ($0.bagsPerStep, $0.patchesPerStep, $0.testDraws) = (3, 32, 2)
                ($0.weightAverage, $0.selectionWindow, $0.selection) = (0.9, 2, .loss)
            }
        }
        let file = scratch.file("whole")
        let whole = try loop("whole").run(model()) { record in
            guard record.epoch == 3 else { return }
            try? FileManager.default.copyItem(at: file, to: scratch.file("cut"))
        }
        let second = try model()
        let resumed = try loop("cut").run(second) { _ in }
        #expect(second.rows.count == 2 * training.count, "epochs 4 and 5 alone were left to train")
        #expect(resumed.parameters == whole.parameters && resumed.history == whole.history)
        #expect((resumed.epoch, resumed.score) == (whole.epoch, whole.score))
    }

    @Test func aTrainingWithoutAMeanOfWeightsSavesNone() throws {
        _ = try loop { $0.epochs = 1 }.run(model()) { _ in }
        let saved = try SafeTensors(contentsOf: scratch.file("resume"))
        #expect(saved.metadata["averaged_steps"] == nil && !saved.tensors.keys.contains { $0.hasPrefix("average.") })
    }

    @Test func theAnswerOfABagIsTheMeanOfItsDraws() throws {
        var recipe = Recipe.published(for: Problem.acmil, featureWidth: 8, classes: 2)
        #expect(TestDraws(recipe, seed: 1, fold: 0) == nil)
        (recipe.patchesPerStep, recipe.testDraws) = (24, 3)
        let draws = try #require(TestDraws(recipe, seed: 1, fold: 0))
        let (model, bag) = (try model(), try #require(problem.bags.bags[training[0].slide]))
        let features = try Tensor(bag.features, shape: [bag.count, bag.width])
        let wanted = try withoutGrad {
            try (0..<3).map { draw in
                let drawn = try PatchDraw(count: 24)(features, CounterDraws(seed: 1, fold: 0, epoch: -1, step: draw))
                return try model(drawn).logits.floats().map { Double($0) }
            }
        }
        let found = try withoutGrad { try draws.logits(features, by: model) }
        for place in 0..<2 { #expect(abs(found[place] - wanted.map { $0[place] }.reduce(0, +) / 3) < 1e-12) }
        let few = try features.narrow(dim: 0, start: 0, length: 20)
        let whole = try withoutGrad { try model(few).logits.floats().map { Double($0) } }
        #expect(try withoutGrad { try draws.logits(few, by: model) } == whole)
    }
}
