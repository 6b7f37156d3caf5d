import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

private func config(_ variant: CLAMConfig.Variant = .sb, sampled: Int = 2) -> CLAMConfig {
    var config = CLAMConfig()
    (config.variant, config.hidden, config.attentionHidden, config.dropout) = (variant, 5, 128, 0)
    (config.sampled, config.instanceLoss) = (sampled, .ce)
    return config
}

private func model(_ config: CLAMConfig = config(), classes: Int = 2) throws -> CLAM {
    try CLAM(config, featureWidth: 6, classes: classes, from: SineParameters())
}

/// Reference values: the authors' module in fp32 on the same fill.
@Suite struct CLAMTests {
    @Test func oneAttentionForAllClassesGivesTheAuthorsNumbers() throws {
        let model = try model()
        let pass = try model.forward(cosineBag(7, 6), draws: nil)
        let raw: [Float] = [-2.114498, -2.514474, -2.899202, -3.160604, -3.320608, -3.344715, -2.317251]
        #expect(agree(try pass.attention.floats(), raw))
        #expect(agree(try pass.logits.floats(), [0.6631018, 0.2437248]))
        #expect(agree([try model.instanceLoss(pass, label: 1).item()], [0.7763803]))
    }

    @Test func theLossIsTheWeightedSumOfBagAndInstances() throws {
        let loss = try model().trainingLoss(cosineBag(7, 6), label: 1, draws: NoDraws())
        let bag = 0.7 * log1p(exp(0.6631018 - 0.2437248))
        #expect(loss.terms.map(\.name) == ["bag", "instance"])
        #expect(agree(try loss.terms.map { try $0.value.item() }, [Float(bag), Float(0.3 * 0.7763803)]))
        #expect(agree([try loss.total.item()], [Float(bag + 0.3 * 0.7763803)]))
    }

    @Test func withTheBagsWholeWeightNoInstanceHeadGetsAGradient() throws {
        var config = config()
        config.bagWeight = 1
        let model = try model(config)
        try model.trainingLoss(cosineBag(7, 6), label: 0, draws: NoDraws()).total.backward()
        for parameter in model.parameters {
            let isInstances = parameter.name.hasPrefix("instance_classifiers")
            #expect(try (parameter.tensor.grad == nil) == isInstances, "\(parameter.name)")
        }
    }

    @Test func theSmoothSVMLossIsTheAuthors() throws {
        let logits = try Tensor([0.2, 0.5, -0.3, 0.1, 9, -9], shape: [3, 2])
        #expect(agree([try smoothTop1SVM(logits, [1, 0, 1]).item()], [7.241201]))
    }

    @Test func aSureRowOfTheSVMLossIsHard() throws {
        // 7 apart is beyond ln 1000: exactly the largest margin, without the smooth loss's surplus.
        let far = try Tensor([3.5, -3.5], shape: [1, 2])
        #expect(try smoothTop1SVM(far, [1]).item() == 8)
        #expect(try smoothTop1SVM(far, [0]).item() == 0)
        let near = try Tensor([3, -3], shape: [1, 2])
        #expect(agree([try smoothTop1SVM(near, [1]).item()], [Float(7 + log1p(exp(-7.0)))], 1e-6))
    }

    @Test func onlyTheLabelsClassLearnsFromInstancesUnlessTheClassesAreSubtypes() throws {
        func learning(_ subtyping: Bool?, classes: Int) throws -> [Int] {
            var config = config()
            config.subtyping = subtyping
            let model = try model(config, classes: classes)
            try model.trainingLoss(cosineBag(7, 6), label: 1, draws: NoDraws()).total.backward()
            return try (0..<classes).filter { label in
                let name = "instance_classifiers.\(label).weight"
                let parameter = try #require(model.parameters.first { $0.name == name })
                return try parameter.tensor.grad != nil
            }
        }
        #expect(try learning(nil, classes: 2) == [1])
        #expect(try learning(true, classes: 2) == [0, 1])
        #expect(try learning(nil, classes: 3) == [0, 1, 2])
        #expect(try learning(false, classes: 3) == [1])
    }

    @Test func subtypesDivideTheSumByTheNumberOfClasses() throws {
        let plain = try model()
        var config = config()
        config.subtyping = true
        let subtyped = try model(config)
        let pass = try plain.forward(cosineBag(7, 6), draws: nil)
        // The other class's head on the top two instances, taught 0: rows 0 and 6.
        let head = plain.parameters.filter { $0.name.hasPrefix("instance_classifiers.0") }.map(\.tensor)
        let top = try pass.instances.indexSelect(dim: 0, [0, 6])
        let other = try crossEntropy(top.linear(head[0], head[1]), label: 0).item()
        #expect(agree([try subtyped.instanceLoss(pass, label: 1).item()], [(0.7763803 + other) / 2]))
    }

    @Test(arguments: [1, 3, 7])
    func bagsSmallerThanTheSampleUseAllTheyHave(count: Int) throws {
        let bag = try cosineBag(count, 6)
        let (large, fitting) = (try model(config(sampled: 8)), try model(config(sampled: count)))
        let loss = try large.trainingLoss(bag, label: 1, draws: NoDraws()).total.item()
        #expect(loss.isFinite)
        #expect(try loss == fitting.trainingLoss(bag, label: 1, draws: NoDraws()).total.item())
    }

    @Test func oneAttentionPerClassHasAHeadPerClass() throws {
        let model = try model(config(.mb), classes: 3)
        let output = try model(cosineBag(7, 6))
        #expect(output.logits.shape == [1, 3])
        #expect(output.names == ["class_0", "class_1", "class_2"])
        let rows = try output.rows()
        #expect(rows.shape == [3, 7])
        #expect(agree(try rows.sum(dim: 1).floats(), [1, 1, 1]))
        // Every logit is its own class's head on its own class's pooled instances.
        let pass = try model.forward(cosineBag(7, 6), draws: nil)
        for label in 0..<3 {
            let head = model.parameters.filter { $0.name.hasPrefix("classifiers.\(label).") }.map(\.tensor)
            let bag = try rows.narrow(dim: 0, start: label, length: 1).matmul(pass.instances)
            let logit = try pass.logits.floats()[label]
            #expect(agree(try bag.linear(head[0], head[1]).floats(), [logit]))
        }
    }

    @Test func dropoutReachesTheFeaturesAndBothFactorsOfTheAttention() throws {
        final class Recorder: Draws {
            var names: [String] = []

            func uniform(_ name: String, _ shape: [Int]) -> [Float] {
                names.append(name)
                return Array(repeating: 0.5, count: shape.reduce(1, *))
            }

            func permutation(_ name: String, _ count: Int) -> [Int] { Array(0..<count) }

            func key(_ name: String) -> UInt64 {
                names.append(name)
                return 0
            }
        }
        var config = config()
        config.dropout = 0.25
        let recorder = Recorder()
        _ = try model(config).trainingLoss(cosineBag(7, 6), label: 1, draws: recorder)
        #expect(recorder.names == ["dropout", "dropout.attention", "dropout.gate"])
    }

    @Test func aPlainProblemIsLearnedAndItsCheckpointRepeatsThePredictions() throws {
        var config = CLAMConfig()
        (config.hidden, config.attentionHidden) = (16, 16)
        try expectLearned(.clam(config))
    }
}
