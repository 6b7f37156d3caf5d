import Files
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

/// 60 cases whose bags hold 0 to 24 shifted instances of 32; a time, that number and two labels follow from it, each with holes.
struct SeveralProblem {
    let cohort: Cohort
    let bags: MemoryBags
    let split: Split

    init(asking places: [Int] = [0, 1, 2]) throws {
        var slides: [CohortSlide] = []
        let all = try AmountBags(60)
        for (index, bag) in all.made.enumerated() {
            let amount = bag.amount
            let time = SurvivalTime(Double(2 + (29 - amount) * 3 + index % 5), isEvent: index % 3 != 0)
            let known: [Target?] = [
                index % 5 == 4 ? nil : .survival(time), index % 4 == 3 ? nil : .number(Double(amount)),
                .labels([amount > 12, index % 2 == 0 ? nil : amount > 18]),
            ]
            let asked = places.map { known[$0] }
            guard asked.contains(where: { $0 != nil }) else { continue }
            slides.append(CohortSlide(slide: bag.slide, caseID: bag.caseID, target: .several(asked)))
        }
        let questions = [
            Question(name: "os", kind: .survival, classes: ["days"], weight: 0.5),
            Question(name: "amount", kind: .number, classes: ["amount"]),
            Question(name: "marks", kind: .labels, classes: ["many", "most"], weight: 2),
        ]
        let targets = places.map { questions[$0] }
        bags = all.bags
        cohort = Cohort(classes: targets[0].classes, slides: slides, targets: targets)
        split = try Splits.folds(3, of: cohort, validationFraction: 0.25, seed: 1)[0]
    }

    func request(_ model: String, epochs: Int, in folder: URL, _ change: (inout TrainingConfig) -> Void = { _ in })
        throws -> TrainRequest
    {
        var training = TrainingConfig()
        (training.learningRate, training.epochs, training.device) = (5e-3, epochs, .cpu)
        change(&training)
        return try AmountBags.request(model, cohort, split, training, to: folder.appending(path: "fold_0"))
    }

    @discardableResult
    func train(_ model: String, epochs: Int, in folder: URL, _ change: (inout TrainingConfig) -> Void = { _ in })
        throws -> Checkpoint
    {
        let request = try request(model, epochs: epochs, in: folder, change)
        _ = try FoldTraining(request, bags: bags).run { _ in }
        return try Checkpoint(folder: folder.appending(path: "fold_0"))
    }
}

private let models = AmountBags.models.filter { !$0.contains("dtfd") && !$0.contains("rrt") }

@Suite struct SeveralTargetsTests {
    @Test(arguments: models, [TrainingConfig.SurvivalLoss.hazards, .cox])
    func everyModelTakesSeveralTargets(model: String, loss: TrainingConfig.SurvivalLoss) throws {
        let scratch = try Scratch()
        let problem = try SeveralProblem()
        let card = try problem.train(model, epochs: 2, in: scratch.folder) {
            ($0.survivalLoss, $0.riskSet) = (loss, loss == .cox ? 16 : nil)
        }.card
        let targets = try #require(card.targets)
        #expect(targets.map(\.name) == ["os", "amount", "marks"] && targets.map(\.weight) == [0.5, 1, 2])
        #expect(card.kind == .survival && card.readout == targets[0].readout)
        let tested = Set(problem.split.test)
        for (place, target) in targets.enumerated() {
            let name = place == 0 ? nil : target.name
            let table = try FoldPredictions(
                folder: scratch.file("fold_0"),
                target: name,
                kind: target.kind,
                classes: target.classes
            )
            let known = problem.cohort.asking(place).slides.filter { tested.contains($0.slide) }
            #expect(table.part("test").map(\.slide) == known.map(\.slide))
            #expect(target.parts["test"]?.cases == known.count && target.metrics["test"] != nil)
            #expect(table.rows.allSatisfy { $0.judged.answer.isFinite })
        }
        let history = try Table(contentsOf: scratch.file("fold_0/history.csv"))
        #expect(history.columns.suffix(3) == ["validation_loss_os", "validation_loss_amount", "validation_loss_marks"])
        let row = try #require(history.rows.first)
        let own = targets.map { (Double(row["validation_loss_\($0.name)"]) ?? .nan) * $0.weight }
        #expect(abs((Double(row["validation_loss"]) ?? .nan) - own.reduce(0, +)) < 1e-9)
    }

    @Test(arguments: [TrainingConfig.SurvivalLoss.hazards, .cox])
    func allTargetsAreLearnedAtOnce(loss: TrainingConfig.SurvivalLoss) throws {
        let card = try SeveralProblem().train(models[0], epochs: 40, in: Scratch().folder) {
            ($0.survivalLoss, $0.riskSet) = (loss, loss == .cox ? 16 : nil)
        }.card
        let targets = try #require(card.targets)
        #expect((targets[0].metrics["test"]?[.harrellC]?.value ?? 0) > 0.7)
        #expect((targets[1].metrics["test"]?[.pearson]?.value ?? 0) > 0.8)
        #expect((targets[2].metrics["test"]?[.auc]?.value ?? 0) > 0.85)
    }

    @Test func aLossIsTheWeightedSumOfWhatIsKnownAndTheHeadOfWhatIsNotStays() throws {
        let readout = try Readout(SeveralProblem().cohort, fittedOn: SeveralProblem().cohort.slides, TrainingConfig())
        let time = Target.survival(SurvivalTime(30, isEvent: true))
        let targets: [Target?] = [time, .number(3), .labels([true, nil])]
        let fresh = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let features = try Tensor((0..<80).map { Float($0 % 7) - 3 }, shape: [10, 8])
        func gradients(_ known: [Target?]) throws -> (loss: Double, head: [Float], first: [Float]) {
            let model = try ModelConfig.abmil(ABMILConfig()).model(
                featureWidth: 8,
                readout: readout,
                from: fresh,
                on: .cpu
            )
            let aim = try #require(readout.aim(at: .several(known)))
            let step = TrainingStep(draws: CounterDraws(seed: 1, fold: 0, epoch: 0, step: 0))
            let loss = try model.trainingLoss(features, target: aim, step).total
            try loss.backward()
            func slopes(_ name: String) throws -> [Float] {
                let parameter = try #require(model.parameters.first { $0.name == name })
                return try #require(try parameter.tensor.grad).floats()
            }
            return (Double(try loss.item()), try slopes("classifier.fc.weight"), try slopes("dimreduction.fc1.weight"))
        }
        let whole = try gradients(targets)
        let single = try targets.indices.map { place in
            try gradients(targets.indices.map { $0 == place ? targets[$0] : nil })
        }
        #expect(abs(whole.loss - single.map(\.loss).reduce(0, +)) < 1e-5)
        for (sum, parts) in [(whole.head, single.map(\.head)), (whole.first, single.map(\.first))] {
            for place in sum.indices {
                #expect(abs(sum[place] - parts.reduce(0) { $0 + $1[place] }) < 1e-5)
            }
        }
        // A weight is what a loss is multiplied with.
        guard case .several(let parts) = readout else { return #expect(Bool(false)) }
        #expect(parts.map(\.weight) == [0.5, 1, 2])
        let width = whole.head.count / readout.outputs
        for (place, columns) in readout.columns.enumerated() {
            for (other, result) in single.enumerated() {
                let own = result.head[columns.lowerBound * width..<columns.upperBound * width]
                #expect(own.allSatisfy { $0 == 0 } == (place != other))
            }
        }
    }

    /// Scales are fitted on the slides of which a target is known, and those alone are counted.
    @Test(arguments: [0, 1, 2]) func aTargetsFactsAreThoseOfItsOwnSlides(place: Int) throws {
        let (scratch, other) = (try Scratch(), try Scratch())
        let problem = try SeveralProblem()
        let card = try problem.train(models[2], epochs: 1, in: scratch.folder).card
        var request = try problem.request(models[2], epochs: 1, in: other.folder)
        request.cohort = problem.cohort.asking(place)
        let known = Set(request.cohort.slides.map(\.slide))
        request.split.train.removeAll { !known.contains($0) }
        request.split.validation.removeAll { !known.contains($0) }
        request.split.test.removeAll { !known.contains($0) }
        _ = try FoldTraining(request, bags: problem.bags).run { _ in }
        let alone = try Checkpoint(folder: other.file("fold_0")).card
        let target = try #require(card.targets?[place])
        #expect(target.kind == alone.kind && target.readout == alone.readout && target.parts == alone.parts)
    }

    @Test(arguments: [models[2], models[5]]) func eachTargetCanHaveAnAttention(model: String) throws {
        let scratch = try Scratch()
        let problem = try SeveralProblem()
        let checkpoint = try problem.train(model, epochs: 2, in: scratch.folder) { $0.targetAttention = .each }
        let features = try problem.bags.bag(problem.split.test[0]).tensor(nil, .fp32, on: .cpu)
        let built = try checkpoint.makeModel(on: .cpu)
        let output = try built(features)
        #expect(output.names == ["os", "amount", "marks"] && output.main == 0..<1)
        let rows = try output.rows().floats()
        #expect(rows.count == 3 * 32 && rows.prefix(32) != rows.suffix(32))
        #expect(output.logits.shape == [1, checkpoint.card.wholeReadout.outputs])
        #expect(throws: ConfigError.self) {
            try problem.train(models[0], epochs: 2, in: scratch.folder) { $0.targetAttention = .each }
        }
    }

    @Test func aTrainingOfSeveralTargetsIsRepeatableAndGoesOn() throws {
        let folders = try [Scratch(), Scratch()]
        let problem = try SeveralProblem()
        let checkpoints = try folders.map {
            try problem.train(models[3], epochs: 4, in: $0.folder) { ($0.survivalLoss, $0.riskSet) = (.cox, 16) }
        }
        #expect(checkpoints[0].card.weightsDigest == checkpoints[1].card.weightsDigest)
        #expect(checkpoints[0].card.targets == checkpoints[1].card.targets)
    }

    @Test func aKilledTrainingOfSeveralTargetsGoesOn() throws {
        let (scratch, problem) = (try Scratch(), try SeveralProblem())
        var config = TrainingConfig()
        (config.learningRate, config.epochs, config.survivalLoss) = (2e-3, 4, .cox)
        let slides = problem.cohort.slides
        let readout = try Readout(problem.cohort, fittedOn: slides, config)
        func train(_ file: String, _ progress: (EpochRecord) -> Void) throws -> TrainingLoop.Trained {
            let fresh = FreshParameters(CounterDraws(seed: 3, fold: 0))
            let model = ModelConfig.abmil(ABMILConfig())
            return try TrainingLoop(
                recipe: config.recipe(for: model, featureWidth: 8, classes: 2, kind: .survival),
                readout: readout,
                riskSet: 16,
                seed: 3,
                fold: 0,
                order: BagOrder(.shuffle, of: slides, seed: 3, fold: 0),
                classWeights: [],
                training: slides,
                validation: Array(slides.prefix(20)),
                bags: DeviceBags(problem.bags, standardiser: nil, on: .cpu),
                resume: ResumePoint(fingerprint: "one", file: scratch.file(file)),
                savingInterval: .zero
            ).run(model.model(featureWidth: 8, readout: readout, from: fresh, on: .cpu), progress: progress)
        }
        let whole = try train("whole") { record in
            guard record.epoch == 1 else { return }
            try? FileManager.default.copyItem(at: scratch.file("whole"), to: scratch.file("cut"))
        }
        let resumed = try train("cut") { _ in }
        #expect(resumed.parameters == whole.parameters && resumed.history == whole.history)
        #expect(resumed.history.allSatisfy { $0.validationLosses?.count == 3 })
    }

    @Test func eachTargetIsJudgedUnderItsName() throws {
        let scratch = try Scratch()
        try SeveralProblem().train(models[0], epochs: 5, in: scratch.folder)
        let trained = try TrainingEvaluation(
            model: scratch.folder,
            folds: [0],
            evaluation: EvaluationConfig(),
            seed: 0
        )
        let report = try trained.report()
        #expect(report.target == "os" && report.targets?.keys.sorted() == ["amount", "marks", "os"])
        #expect(report.targets?["os"]?.pooled == report.pooled)
        #expect(report.targets?["amount"]?.pooled[.rootMeanSquaredError]?.interval != nil)
        #expect(trained.page(of: report).contains("report_amount.html"))
        let further = trained.furtherPages(of: report)
        #expect(further.map(\.target) == ["amount", "marks"] && further.allSatisfy { $0.page.contains("report.html") })
        let text = try CanonicalJSON.line(report)
        #expect(try JSONDecoder().decode(EvaluationReport.self, from: text) == report)
    }
}
