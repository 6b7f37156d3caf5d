import Foundation
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL
@testable import Messages

/// 24 cases of one or two slides in two classes; positive bags hold 16 of 96 instances that are shifted in
/// two features.
struct Problem {
    var cohort: Cohort
    var bags: MemoryBags
    var splits: [Split]

    /// ACMIL as the paper has it, narrow enough for eight features.
    static let acmil: ModelConfig = {
        var config = ACMILConfig()
        (config.hidden, config.attentionHidden) = (16, 16)
        return .acmil(config)
    }()

    init(shift: Float = 3) throws {
        var slides: [CohortSlide] = []
        bags = MemoryBags()
        for index in 0..<24 {
            for part in 0...(index % 2) {
                let slide = try SlideID("s\(index)-\(part)")
                slides.append(CohortSlide(slide: slide, caseID: "p\(index)", target: .class(index / 2 % 2)))
                var random = CounterRandom(seed: 11, "bag", index, part)
                var features = (0..<(96 * 8)).map { _ in Float(random.uniform(-1, 1) + random.uniform(-1, 1)) }
                if index / 2 % 2 == 1 {
                    for instance in 0..<16 {
                        features[instance * 8] += shift
                        features[instance * 8 + 3] -= shift
                    }
                }
                bags.add(slide, width: 8, features)
            }
        }
        cohort = Cohort(classes: ["negative", "positive"], slides: slides)
        splits = try Splits.folds(3, of: cohort, seed: 1)
    }

    func request(_ fold: Int, in folder: URL, _ model: ModelConfig = Problem.acmil) -> TrainRequest {
        var training = TrainingConfig()
        (training.learningRate, training.epochs, training.device) = (2e-3, 15, .cpu)
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 200
        return TrainRequest(
            name: "test",
            cohort: cohort,
            split: splits[fold],
            features: [:],
            encoder: EncoderFacts(name: "made", digest: "0", licence: "none", isHandcrafted: true),
            model: model,
            training: training,
            evaluation: evaluation,
            output: folder.appending(path: "fold_\(fold)").path,
            fingerprint: "abc",
            provenance: ["wsi": "test"]
        )
    }

    @discardableResult
    func train(
        _ fold: Int,
        in folder: URL,
        _ model: ModelConfig = Problem.acmil,
        memory: Int = 1 << 30
    ) throws -> TrainAnswer {
        var request = request(fold, in: folder, model)
        request.memory = memory
        return try FoldTraining(request, bags: bags).run { _ in }
    }
}

@Suite struct TrainingTests {
    @Test(arguments: [Problem.acmil, .abmil(ABMILConfig())])
    func aPlainProblemIsLearned(model: ModelConfig) throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        let result = try problem.train(0, in: scratch.folder, model)
        #expect((result.figures["test_auc"] ?? 0) >= 0.95)
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.file("fold_0").path)
            .sorted()
        let kept = ["baselines.json", "belonging.safetensors", "checkpoint.json", "checkpoint.safetensors"]
        #expect(names == kept + ["history.csv", "predictions.csv"])
        let baselines = try CanonicalJSON.read(FoldBaselines.self, from: scratch.file("fold_0/baselines.json"))
        #expect(baselines.fits.map(\.baseline) == Baseline.allCases)
        let split = problem.request(0, in: scratch.folder).split
        for fit in baselines.fits {
            #expect((split.validation + split.test).allSatisfy { fit[$0]?.ofClass != nil })
            #expect(split.train.allSatisfy { fit[$0] == nil })
        }
        let history = try Table(contentsOf: scratch.file("fold_0/history.csv"))
        #expect(history.rows.count == 15)
        #expect(history.columns.prefix(4) == ["epoch", "learning_rate", "train_total", "train_bag"])
        #expect(
            history.columns.suffix(4) == [
                "validation_loss", "validation_auc", "validation_macro_f1", "validation_balanced_accuracy",
            ]
        )
        let losses = history.rows.compactMap { Double($0["train_total"]) }
        #expect(losses.count == 15 && losses[14] < losses[0])
    }

    @Test func aPlainProblemIsLearnedInBF16WithOtherBytesThanInFP32() throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        func weights(_ precision: TrainingConfig.Precision) throws -> Data? {
            var request = problem.request(0, in: scratch.folder)
            request.training.precision = precision
            request.output = scratch.file(precision.rawValue).path
            let result = try FoldTraining(request, bags: problem.bags).run { _ in }
            #expect((result.figures["test_auc"] ?? 0) >= 0.95)
            return FileManager.default.contents(atPath: "\(request.output)/checkpoint.safetensors")
        }
        #expect(try weights(.bf16) != weights(.fp32))
    }

    /// Each model has a step of its own from instances in bf16 to a loss in fp32.
    @Test(
        arguments: [
            #"{"kind": "mean"}"#, #"{"kind": "max"}"#, #"{"kind": "abmil", "gated": false}"#, #"{"kind": "acmil"}"#,
            #"{"kind": "acmil", "variant": "mha"}"#, #"{"kind": "clam"}"#, #"{"kind": "clam", "variant": "mb"}"#,
            #"{"kind": "dsmil", "hidden": 16}"#, #"{"kind": "transmil", "hidden": 16}"#,
            #"{"kind": "mhim", "host": "abmil", "hidden": 16}"#, #"{"kind": "mhim", "host": "dsmil", "hidden": 16}"#,
            #"{"kind": "mhim", "host": "transmil", "hidden": 16}"#,
        ]
    )
    func everyModelTakesAStepInBF16NearThatInFP32(json: String) throws {
        let config = try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
        func losses(_ precision: DType) throws -> [Float] {
            let fresh = FreshParameters(CounterDraws(seed: 1, fold: 0))
            let model = try config.model(featureWidth: 16, classes: 2, from: fresh)
            let features = try cosineBag(60, 16).to(precision)
            let step = TrainingStep(draws: CounterDraws(seed: 1, fold: 0, epoch: 0, step: 0))
            let loss = try model.trainingLoss(features, target: .class(1), step)
            try loss.total.backward()
            let grads = try model.trainable.compactMap { try $0.tensor.grad }
            #expect(try grads.allSatisfy { try $0.dtype == .float32 && $0.floats().allSatisfy(\.isFinite) })
            return [
                try loss.total.item(), try withoutGrad { try crossEntropy(model(features).logits, label: 1).item() },
            ]
        }
        #expect(agree(try losses(.bfloat16), try losses(.float32), 0.05))
    }

    @Test func equalSeedsGiveEqualBytesAndOtherSeedsDoNot() throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        var request = problem.request(1, in: scratch.folder)
        request.training.epochs = 3
        func bytes(_ name: String, _ seed: UInt64) throws -> [Data?] {
            request.training.seed = seed
            request.output = scratch.file(name).path
            let result = try FoldTraining(request, bags: problem.bags).run { _ in }
            return result.outputs.map { FileManager.default.contents(atPath: $0) }
        }
        let first = try bytes("a", 4)
        #expect(first.count == 6 && !first.contains(nil))
        #expect(try bytes("b", 4) == first)
        #expect(try bytes("c", 5) != first)
    }

    @Test func theKeptEpochIsTheFirstWithTheBestValidation() throws {
        let (problem, scratch) = (try Problem(shift: 1), try Scratch())
        try problem.train(0, in: scratch.folder)
        let card = try Checkpoint(folder: scratch.file("fold_0")).card
        let history = try Table(contentsOf: scratch.file("fold_0/history.csv"))
        let scores = history.rows.map { row in
            (Double(row["validation_auc"]) ?? 0) + (Double(row["validation_macro_f1"]) ?? 0)
        }
        #expect(card.epoch == scores.firstIndex(of: try #require(scores.max())))
        #expect(card.selectionScore == scores.max())
    }

    @Test func theCheckpointRepeatsThePredictionsOfItsFold() throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        try problem.train(2, in: scratch.folder)
        let folder = scratch.file("fold_2")
        let checkpoint = try Checkpoint(folder: folder)
        #expect(checkpoint.card.isStandardised && checkpoint.card.featureWidth == 8)
        #expect(checkpoint.card.model == Problem.acmil)
        let predictions = try FoldPredictions(folder: folder, classes: checkpoint.card.classes)
        #expect(Set(predictions.rows.map(\.slide)) == Set(problem.cohort.slides.map(\.slide)))
        #expect(predictions.part("test").map(\.slide).sorted() == problem.splits[2].test)
        let bags = DeviceBags(problem.bags, standardiser: checkpoint.standardiser, on: .cpu)
        let slides = problem.cohort.slides
        let scored = try scores(of: slides, by: checkpoint.makeModel(on: .cpu), checkpoint.card.readout, bags)
        for score in scored {
            let row = try #require(predictions.rows.first { $0.slide == score.slide.slide })
            #expect(
                row.judged
                    == score.judged(
                        threshold: checkpoint.card.threshold,
                        temperature: checkpoint.card.temperature
                    )
            )
        }
    }

    @Test func theThresholdComesFromValidationAlone() throws {
        let (problem, scratch) = (try Problem(shift: 1.5), try Scratch())
        try problem.train(0, in: scratch.folder)
        let folder = scratch.file("fold_0")
        let card = try Checkpoint(folder: folder).card
        let rows = try FoldPredictions(folder: folder, classes: card.classes).part("validation").compactMap(
            \.judged.ofClass
        )
        let cut = YoudenCut(rows.map { $0.probabilities[1] }, positive: rows.map { $0.label == 1 })
        #expect(card.threshold == cut?.threshold)
        #expect(card.thresholdSource == (cut == nil ? .undefinedOnValidation : .validationYouden))
    }

    @Test func anEmptyBagIsLeftOutAndNamed() throws {
        var problem = try Problem()
        let scratch = try Scratch()
        let slide = try #require(problem.splits[0].test.first)
        problem.bags.add(slide, width: 8, [])
        let result = try problem.train(0, in: scratch.folder)
        #expect(result.empty == [slide])
        #expect(try Checkpoint(folder: scratch.file("fold_0")).card.empty == [slide])
    }

    @Test func aBagOfAnotherWidthOrWithANaNIsRefusedBeforeTraining() throws {
        let scratch = try Scratch()
        func error(_ change: (inout Problem, SlideID) -> Void) throws -> BagError {
            var problem = try Problem()
            let slide = problem.splits[0].test[0]
            change(&problem, slide)
            let broken = problem
            return try #require(throws: BagError.self) { try broken.train(0, in: scratch.folder) }
        }
        #expect(try error { $0.bags.add($1, width: 6, [Float](repeating: 0, count: 12)) }.code == .bag)
        let poisoned = try error { problem, slide in
            var features = [Float](repeating: 0, count: 16)
            features[13] = .nan
            problem.bags.add(slide, width: 8, features)
        }
        guard case .nonFinite(_, row: 1, column: 5) = poisoned else {
            Issue.record("\(poisoned)")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.file("fold_0").path))
    }

    @Test func aTestSlideWhoseFiniteFeaturesAreTooLargeForTheModelStopsTheFoldByItsName() throws {
        var problem = try Problem()
        let scratch = try Scratch()
        let slide = try #require(problem.splits[0].test.first)
        problem.bags.add(slide, width: 8, [Float](repeating: .greatestFiniteMagnitude, count: 16))
        let made = problem
        let error = try #require(throws: MILError.self) { try made.train(0, in: scratch.folder) }
        #expect(error == .overflow(slide: slide.text) && error.code.exitStatus == .partial)
    }

    @Test func aLossThatIsNotFiniteStopsTheFoldWithoutACheckpoint() throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        var request = problem.request(0, in: scratch.folder)
        request.training.standardise = .never
        var bags = problem.bags
        let slide = request.split.train[0]
        bags.add(slide, width: 8, [Float](repeating: 3e38, count: 16))
        let error = try #require(throws: MILError.self) { try FoldTraining(request, bags: bags).run { _ in } }
        #expect(error.code == .training && error.code.exitStatus == .partial)
        #expect(error.message.contains(slide.text))
        #expect(!FileManager.default.fileExists(atPath: request.output))
    }

    @Test func aLeakingSplitIsRefused() throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        var request = problem.request(0, in: scratch.folder)
        request.split.test.append(request.split.train.removeLast())
        let broken = request
        if let failure = #expect(throws: Failure.self, performing: { _ = try FoldTraining(broken, bags: problem.bags) })
        {
            #expect(failure.code == .leakage)
        }
    }

    @Test func aRuleThatNeedsValidationIsRefusedWithoutOne() throws {
        let (problem, scratch) = (try Problem(), try Scratch())
        var request = problem.request(0, in: scratch.folder)
        request.split.validation = []
        let broken = request
        #expect(throws: MILError.self) { try FoldTraining(broken, bags: problem.bags) }
        request.training.selection = .last
        request.training.epochs = 2
        _ = try FoldTraining(request, bags: problem.bags).run { _ in }
        let card = try Checkpoint(folder: URL(filePath: request.output)).card
        #expect(card.epoch == 1 && card.selectionScore == nil)
        #expect(card.threshold == nil && card.thresholdSource == .undefinedOnValidation)
    }
}
