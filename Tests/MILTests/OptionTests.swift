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

/// Gives back what a step was to learn from.
private final class Echo: MILModel {
    var parameters: [Parameter] { [] }
    private(set) var features: [Float] = []
    private(set) var shape: [Int] = []
    private(set) var aim: Aim?

    func callAsFunction(_ features: Tensor) throws -> BagOutput { throw NoDraws.Unexpected(name: "") }

    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        (self.features, shape, aim) = (try features.floats(), features.shape, target)
        let logits = try features.narrow(dim: 1, start: 0, length: 1).transpose(0, 1)
        return TrainingLoss(total: try Tensor.zeros([]), terms: [], attention: logits)
    }
}

private let slides = (0..<3).compactMap { place in
    (try? SlideID("s\(place)")).map { CohortSlide(slide: $0, caseID: "p\(place)", target: Target.class(place % 2)) }
}

/// Bags of 40 instances, all of whose features are the bag's place times 1000 plus the instance's.
private func echo(step: Int = 0, _ change: (inout TrainingConfig) -> Void) throws -> (Echo, TrainingLoss) {
    var (bags, training) = (MemoryBags(), TrainingConfig())
    for (place, slide) in slides.enumerated() {
        bags.add(slide.slide, width: 2, (0..<40).flatMap { [Float(place * 1000 + $0), Float(place * 1000 + $0)] })
    }
    change(&training)
    let (echo, held) = (Echo(), DeviceBags(bags, standardiser: nil, on: .cpu))
    let model = try #require(OptionedModel(echo, training, slides, .class(count: 2), held))
    let moment = TrainingStep(draws: CounterDraws(seed: 4, fold: 0, epoch: 0, step: step))
    return (echo, try model.trainingLoss(held.features(slides[0].slide), target: .class(0), moment))
}

@Suite struct OptionTests {
    @Test func withoutAnOptionTheModelIsItself() {
        let bags = DeviceBags(MemoryBags(), standardiser: nil, on: .cpu)
        #expect(OptionedModel(Echo(), TrainingConfig(), slides, .class(count: 2), bags) == nil)
    }

    @Test func theEntropyTermIsThatOfTheAttention() throws {
        #expect(agree([try negativeEntropy(Tensor([1, 1, 1, 1], shape: [1, 4])).item()], [-log(4)]))
        let rows = try Tensor([0, log(3), 5, 5], shape: [2, 2])
        let wanted = (0.25 * log(0.25) + 0.75 * log(0.75) - log(2)) / 2
        #expect(agree([try negativeEntropy(rows).item()], [Float(wanted)]))
        // What is masked has no part in it.
        let masked = try Tensor([2, 2, Float(STKIM.masked)], shape: [1, 3])
        #expect(agree([try negativeEntropy(masked).item()], [-log(2)]))
        let (_, loss) = try echo { $0.attentionEntropy = 0.5 }
        #expect(loss.terms.map(\.name) == ["entropy"])
        #expect(try loss.total.item() == loss.terms[0].value.item())
    }

    @Test func droppedInstancesAreOthersAtEveryStepAndKeepTheirOrder() throws {
        let first = try echo { $0.instanceDropout = 0.25 }.0
        #expect(first.shape == [30, 2])
        #expect(first.features == first.features.sorted())
        #expect(try first.features == echo { $0.instanceDropout = 0.25 }.0.features)
        #expect(try first.features != echo(step: 1) { $0.instanceDropout = 0.25 }.0.features)
        #expect(try echo { $0.instanceDropout = 0.999 }.0.shape == [1, 2])
    }

    @Test func noiseHasTheGivenShareOfEachFeaturesDeviation() throws {
        let noisy = try echo { $0.featureNoise = 0.5 }.0.features
        let added = (0..<80).map { noisy[$0] - Float($0 / 2) }
        let deviation = (added.reduce(0) { $0 + $1 * $1 } / 80).squareRoot()
        // Of 0 to 39 it is 11.5.
        #expect(abs(deviation / 11.54 - 0.5) < 0.12)
        #expect(abs(added.reduce(0, +) / 80) < 2)
        #expect(Set(added).count > 70)
        #expect(try noisy == echo { $0.featureNoise = 0.5 }.0.features)
    }

    @Test func aMixedBagHasInstancesOfBothAndTheSharesOfBothTargets() throws {
        var partners = Set<Int>()
        for step in 0..<20 {
            let found = try echo(step: step) { $0.mixup = 1 }.0
            guard case .mixed(let aims)? = found.aim else { return #expect(Bool(false)) }
            #expect(aims.count == 2 && abs(aims[0].share + aims[1].share - 1) < 1e-12)
            let own = max(1, Int((40 * aims[0].share).rounded()))
            #expect(found.features.prefix(2 * own).allSatisfy { $0 < 1000 })
            let place = Int((found.features.last ?? 0) / 1000)
            partners.insert(place)
            #expect(aims[1].aim.label == place % 2)
            #expect(found.shape[0] == own + max(1, Int((40 * aims[1].share).rounded())))
        }
        #expect(partners.count == 3)
    }

    @Test func theLossOfAMixedBagIsThatOfBothTargets() throws {
        let outputs = try Tensor([0.3, -0.4], shape: [1, 2])
        let mixed = Aim.mixed([(.class(0), 0.3), (.class(1), 0.7)])
        let wanted = try 0.3 * bagLoss(outputs, .class(0)).item() + 0.7 * bagLoss(outputs, .class(1)).item()
        #expect(agree([try bagLoss(outputs, mixed).item()], [wanted]))
        #expect(abs((bagLoss([0.3, -0.4], mixed) ?? 0) - Double(wanted)) < 1e-6)
    }

    @Test(arguments: ["abmil", "acmil", "clam", "dtfd", "rrt", "wikg", "mean", "mhim"])
    func everyOptionThatGoesWithAModelTrainsIt(kind: String) throws {
        var training = TrainingConfig()
        training.featureNoise = 0.1
        if kind != "mhim" { training.instanceDropout = 0.3 }
        if !["mean", "mhim"].contains(kind) { training.attentionEntropy = 0.01 }
        if !["rrt", "wikg", "mhim"].contains(kind) { training.mixup = 0.5 }
        let (problem, scratch) = (try Problem(), try Scratch())
        let model = try JSONDecoder().decode(ModelConfig.self, from: Data(#"{"kind": "\#(kind)", "hidden": 16}"#.utf8))
        var request = problem.request(0, in: scratch.folder, model)
        (training.epochs, training.selection, training.device) = (2, .last, .cpu)
        request.training = training
        func weights() throws -> Data {
            _ = try FoldTraining(request, bags: problem.bags).run { _ in }
            return try Data(contentsOf: scratch.file("fold_0/checkpoint.safetensors"))
        }
        let first = try weights()
        #expect(try first == weights())
        request.training.featureNoise = nil
        #expect(try first != weights())
    }

    @Test func anOptionThatMakesNoSenseIsRefusedInWords() throws {
        func fault(
            _ kind: String,
            _ kinds: [Target.Kind] = [.class],
            more: String = "",
            _ change: (inout TrainingConfig) -> Void
        ) throws -> String? {
            var training = TrainingConfig()
            change(&training)
            let json = Data(#"{"kind": "\#(kind)"\#(more)}"#.utf8)
            let model = try JSONDecoder().decode(ModelConfig.self, from: json)
            return training.optionFault(for: model, asked: kinds).map { "\($0.key): \($0.what)" }
        }
        let noAttention = try fault("mean") { $0.attentionEntropy = 0.1 }
        #expect(
            noAttention
                == "attention_entropy: mean learns by no attention that sums to 1; leave it out, or take one of abmil, acmil, clam, dtfd, rrt, wikg"
        )
        for kind in ["transmil", "wikg"] {
            #expect(try fault(kind) { $0.mixup = 0.4 }?.hasPrefix("mixup: \(kind) is not for bags") == true)
        }
        let reembedding = try fault("abmil", more: #", "reembedding": {}"#) { $0.mixup = 0.4 }
        #expect(reembedding?.hasPrefix("mixup: reembedding is not for bags") == true)
        #expect(try fault("abmil", [.survival]) { ($0.mixup, $0.survivalLoss) = (0.4, .cox) }?.contains("Cox") == true)
        #expect(
            try fault("abmil") { ($0.mixup, $0.classWeights) = (0.4, .balanced) }?.contains("class_weights") == true
        )
        #expect(try fault("mhim") { $0.instanceDropout = 0.1 }?.contains("hides instances") == true)
        for kind in ["abmil", "clam", "acmil", "dtfd"] {
            let whole = try fault(kind) {
                ($0.attentionEntropy, $0.mixup, $0.instanceDropout, $0.featureNoise) = (0.1, 0.4, 0.1, 0.1)
            }
            #expect(whole == nil)
        }
    }
}
