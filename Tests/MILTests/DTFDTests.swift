import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL

private func config(_ distillation: DTFDConfig.Distillation) -> DTFDConfig {
    var config = DTFDConfig()
    (config.distillation, config.hidden, config.attentionHidden) = (distillation, 8, 4)
    (config.pseudoBags, config.instances) = (3, 2)
    return config
}

private func model(_ distillation: DTFDConfig.Distillation, classes: Int = 2) throws -> DTFD {
    try DTFD(config(distillation), featureWidth: 6, classes: classes, from: SineParameters())
}

/// What the authors' training function (hrzhang1123/DTFD-MIL at 10964f4) made of one bag on the same fill: losses of the pseudo-bags
/// and the bag, the bag's logits, and of each parameter's gradient two numbers, as `digest` has them.
private struct Reference {
    var distillation: DTFDConfig.Distillation
    var classes, label: Int
    var losses, logits, gradients: [Float]

    static let all = [
        Reference(
            distillation: .afs,
            classes: 2,
            label: 1,
            losses: [0.6962401, 0.6943134],
            logits: [0.5468644, 0.5445334],
            gradients: [
                -0.5143045, 0.6063405, -0.01372266, 0.08904529, 0.009314389, 0.028505, 0.007058943, 0.03773873,
                0.01945317, 0.03251019, 0.1285773, 0.2056557, 0, 0, 0.1538785, 0.7760792, 0.420811, 0.701117,
                -0.001750284, 0.006173762, 0.00250053, 0.001909578, 0.0002411537, 0.001201333, 5.497464e-05,
                0.0009486243, 0.001276225, 0.005191934, 0, 0, 0.1567354, 0.7862776, 0.4249007, 0.707931,
            ]
        ),
        Reference(
            distillation: .maxs,
            classes: 2,
            label: 1,
            losses: [0.6962401, 0.4077697],
            logits: [0.2714929, 0.9577423],
            gradients: [
                -0.5143045, 0.6063405, -0.01372266, 0.08904529, 0.009314389, 0.028505, 0.007058943, 0.03773873,
                0.01945317, 0.03251019, 0.1285773, 0.2056557, 0, 0, 0.1538785, 0.7760792, 0.420811, 0.701117,
                -0.03256331, 0.05589749, 0.01589957, 0.01798176, 0.00569162, 0.01194102, 0.01023891, 0.007533227,
                0.03056106, 0.0513281, 0, 0, 0.05193045, 0.6124923, 0.2842399, 0.4735748,
            ]
        ),
        Reference(
            distillation: .maxmins,
            classes: 3,
            label: 0,
            losses: [0.8526136, 1.020542],
            logits: [0.3686368, 0.5765868, -0.2410044],
            gradients: [
                0.6134399, 0.5998422, 0.03578381, 0.09365398, -0.004359721, 0.02889347, -0.008076224, 0.0305569,
                -0.01767291, 0.02574753, -0.1150811, 0.1622094, 0, 0, -0.1963923, 0.8150752, -0.572344, 0.7320906,
                0.08112984, 0.137932, -0.05016165, 0.04167667, -0.01596746, 0.03465456, -0.03039094, 0.02368234,
                -0.09436239, 0.1898372, 0, 0, -0.1505646, 0.8872567, -0.6754951, 0.802707,
            ]
        ),
    ]
}

/// The order in which the authors' function was made to shuffle the instances.
private let order = [4, 0, 9, 6, 2, 10, 5, 1, 3, 8, 7]

private struct FixedOrder: Draws {
    func uniform(_ name: String, _ shape: [Int]) throws -> [Float] { throw NoDraws.Unexpected(name: name) }
    func permutation(_ name: String, _ count: Int) -> [Int] { order }
    func key(_ name: String) throws -> UInt64 { throw NoDraws.Unexpected(name: name) }
}

@Suite struct DTFDTests {
    @Test(arguments: 0..<Reference.all.count) func lossesLogitsAndGradientsAreTheAuthors(_ place: Int) throws {
        let wanted = Reference.all[place]
        let model = try model(wanted.distillation, classes: wanted.classes)
        let bag = try cosineBag(11, 6)
        let loss = try model.trainingLoss(bag, label: wanted.label, draws: FixedOrder())
        #expect(loss.terms.map(\.name) == ["bag", "pseudo_bags"])
        #expect(agree(try loss.terms.map { try $0.value.item() }, wanted.losses.reversed()))
        try loss.total.backward()
        let found = try model.parameters.flatMap { try digest(#require(try $0.tensor.grad)) }
        #expect(agree(found, wanted.gradients), "\(found)")
        let view = try model.view(bag, PseudoBags(order: order, bags: 3))
        #expect(agree(try model.bagClassifier(view.bag).floats(), wanted.logits))
        #expect(agree([try view.weights.sum().item()], [1]))
    }

    @Test(arguments: [DTFDConfig.Distillation.afs, .maxs, .maxmins, .mas])
    func aBagOfManyBlocksIsTheSame(distillation: DTFDConfig.Distillation) throws {
        let (model, count) = (try model(distillation), 2 * Blockwise.rows + 500)
        var random = CounterRandom(seed: 5, "instances")
        let bag = try Tensor((0..<(count * 6)).map { _ in Float(random.uniform(-1, 1)) }, shape: [count, 6])
        let pseudoBags = PseudoBags.fixed(count, bags: 3)
        let whole = try model.forward(bag, pseudoBags, draws: nil).logits
        let output = try model(bag)
        #expect(agree(try output.logits.floats(), try whole.floats()))
        // What is shown is what is pooled.
        let rows = try output.rows()
        #expect(rows.shape == [1, count])
        #expect(agree([try rows.sum().item()], [1]))
        // What is not distilled has the smallest normal number.
        let shown = try rows.floats().count { $0 > 1e-30 }
        let distilled = [.afs: count, .maxs: 6, .mas: 6, .maxmins: 12][distillation]
        #expect(shown == distilled)
    }

    @Test func pseudoBagsAreOfAboutOneSizeAndNeverEmpty() {
        let members = PseudoBags(order: order, bags: 4).members
        #expect(members == [[4, 0, 9], [6, 2, 10], [5, 1, 3], [8, 7]])
        #expect(PseudoBags(order: [1, 0], bags: 5).members == [[1], [0], [1], [0], [1]])
        #expect(PseudoBags.fixed(50, bags: 3).members == PseudoBags.fixed(50, bags: 3).members)
    }

    @Test(arguments: [1, 2, 3, 5]) func aBagOfFewInstancesIsJudged(count: Int) throws {
        for distillation in [DTFDConfig.Distillation.afs, .maxs, .maxmins, .mas] {
            let model = try model(distillation)
            let output = try model(cosineBag(count, 6))
            #expect(try output.logits.floats().allSatisfy(\.isFinite))
            let moment = TrainingStep(draws: CounterDraws(seed: 1, fold: 0, epoch: 0, step: 0))
            let loss = try model.trainingLoss(cosineBag(count, 6), target: .class(1), moment)
            #expect(try loss.total.item().isFinite)
        }
    }

    @Test func aPlainProblemIsLearnedAndItsCheckpointRepeatsThePredictions() throws {
        var config = DTFDConfig()
        (config.hidden, config.attentionHidden) = (16, 16)
        try expectLearned(.dtfd(config))
    }
}
