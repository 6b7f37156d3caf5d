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

/// The same values for the teacher as for the student.
private struct Twins: ParameterSource {
    let source = SineParameters(scale: 0.2, order: attentionOrder)

    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        try source.values(name.replacing(/^teacher\./, with: ""), shape: shape, first)
    }
}

private func make(_ config: MHIMConfig, from source: some ParameterSource) throws -> MHIM<AttentionHost> {
    try MHIM(config, from: source, on: .cpu) {
        try AttentionHost(config, featureWidth: 6, classes: 2, from: $0, on: .cpu)
    }
}

func freshMHIM(_ config: MHIMConfig = smallMHIM(version: 2), seed: UInt64 = 0) throws -> MHIM<AttentionHost> {
    try make(config, from: FreshParameters(CounterDraws(seed: seed, fold: 0)))
}

private func draws(_ step: Int = 0) -> CounterDraws { CounterDraws(seed: 1, fold: 0, epoch: 0, step: step) }

func valuesByName(_ parameters: [Parameter]) throws -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: try parameters.map { ($0.name, try $0.tensor.floats()) })
}

/// Reference values: the authors' code in fp32 on the same fill.
@Suite struct MHIMTests {
    @Test func aStepOfVersion1GivesTheAuthorsLossesGradientsAndWeights() throws {
        let model = try make(smallMHIM(), from: Twins())
        let bag = try cosineBag(9, 6)
        let view = try model.taught(bag, NoDraws())
        let pass = try model.learned(
            bag,
            [1, 3, 4, 6, 7],
            from: view.bag,
            target: .class(1),
            TrainingStep(draws: NoDraws())
        )
        let feature: [Float] = [
            0.2440581, 0.05078619, 0.1048248, 0.1570231, 0.328477, 0.1292357, 0.1115622, 0.04843219, 0.2773196,
            0.2270302, 0.1860067, 0.03281857, 0.152015, 0.2026296, 0.2511527, 0.09564409,
        ]
        #expect(agree(try pass.host.bag.floats(), feature))
        #expect(agree(try pass.host.logits.floats(), [-0.2527575, 0.01906186]))
        #expect(agree([try pass.classLoss.item()], [0.566445]))
        #expect(agree([try #require(pass.consistency).item()], [2.709966]))
        #expect(agree([try pass.loss.total.item()], [0.8374417]))
        #expect(agree(try pass.loss.terms.map { try $0.value.item() }, [0.566445, 0.2709966]))

        try pass.loss.total.backward()
        let magnitudes: [Float] = [1.833323, 0.722905, 1.88555, 0.7217199, 2.247943, 0.864921]
        let sums: [Float?] = [-0.1836211, -0.04775058, -0.04898539, 0.04508225, nil, nil]
        for (index, parameter) in model.student.parameters.enumerated() {
            let grad = try #require(try parameter.tensor.grad).floats()
            #expect(agree([grad.map(abs).reduce(0, +)], [magnitudes[index]]), "\(parameter.name)")
            if let sum = sums[index] { #expect(agree([grad.reduce(0, +)], [sum]), "\(parameter.name)") }
        }
        let optimiser = try Adam(model.trainable, learningRate: 2e-4, settings: .init(weightDecay: 1e-5))
        try optimiser.step()
        try model.finish(TrainingStep(draws: NoDraws()))
        let weights = try valuesByName(model.parameters)
        let own = try #require(weights["predictor.weight"])
        let taught = try #require(weights["teacher.predictor.weight"])
        #expect(agree(Array(own.prefix(3)), [-0.1994329, -0.0366325, 0.1795416], 1e-7))
        #expect(agree(Array(taught.prefix(3)), [-0.1992329, -0.03643252, 0.1797416], 1e-7))
        #expect(abs(Double(taught[0]) + 0.199232935905) < 2e-8)
        #expect(abs(Double(own[0]) + 0.19943292439) < 2e-8)
    }

    @Test func theConsistencyIsACrossEntropyFromTeacherToStudent() throws {
        let (first, second) = (
            try Tensor([0.1, 0.4, -0.2], shape: [1, 3]), try Tensor([0.3, 0, 0.2], shape: [1, 3])
        )
        func loss(_ student: Tensor, _ teacher: Tensor, _ temperature: Double = 0.1) throws -> Float {
            try consistencyLoss(student, teacher: teacher, temperature: temperature).item()
        }
        #expect(try abs(loss(first, second) - loss(second, first)) > 1e-3)
        #expect(try abs(loss(first, second) - loss(first, second * 2)) > 1e-3)
        // The temperature divides the teacher alone.
        #expect(try agree([loss(first, second, 0.1)], [loss(first, second * 10, 1)], 1e-6))
        #expect(try abs(loss(first, second, 0.1) - loss(first * 10, second * 10, 1)) > 1e-3)
        // Equal features leave the entropy of what they are as a distribution.
        let shares = try first.softmax(dim: 1).floats().map { Double($0) }
        let entropy = -shares.reduce(0) { $0 + $1 * log($1) }
        #expect(agree([try loss(first, first, 1)], [Float(entropy)], 1e-6))
    }

    @Test func noGradientReachesTheTeacherAndNoOptimiserSeesIt() throws {
        let model = try freshMHIM()
        try model.trainingLoss(cosineBag(30, 6), label: 1, draws: draws()).total.backward()
        for parameter in model.parameters where parameter.name.hasPrefix("teacher.") {
            #expect(try parameter.tensor.grad == nil, "\(parameter.name)")
        }
        let trainable = Set(model.trainable.map(\.name))
        let others = Set(model.parameters.map(\.name)).subtracting(trainable)
        #expect(others == Set(trainable.map { "teacher.\($0)" } + ["merge.global_q_mm", "teacher.merge.global_q_mm"]))
    }

    @Test func afterAStepTheTeacherIsMTimesItselfPlusTheRestOfTheStudent() throws {
        let model = try freshMHIM()
        try withoutGrad { for parameter in model.trainable { try parameter.tensor.scale(by: 1.5) } }
        let before = try valuesByName(model.parameters)
        try model.finish(TrainingStep(draws: NoDraws()))
        let (momentum, rest) = (Float(0.9997), Float(1 - 0.9997))
        for (name, after) in try valuesByName(model.parameters) where name.hasPrefix("teacher.") {
            let own = try #require(before[String(name.dropFirst("teacher.".count))])
            let old = try #require(before[name])
            #expect(after == zip(old, own).map { $0 * momentum + $1 * rest }, "\(name)")
        }
    }

    @Test func theTeachersMomentumStaysOrRisesToOneByHalfACosine() {
        var config = MHIMConfig(host: .abmil, version: 1)
        #expect(config.momentum(at: 0.7) == 0.9999)
        config.momentumRise = true
        let iterations = 200.0 * 266
        for (iteration, wanted) in [(0.0, 0.9999), (1, 0.9999), (266, 0.999900006168), (26_600, 0.99995), (53_199, 1)] {
            #expect(abs(config.momentum(at: iteration / iterations) - wanted) < 1e-12)
        }
        #expect(config.momentum(at: 53_199 / iterations) < 1)
    }

    @Test func theTeacherDropsInTrainingOnlyUnlessToldNotTo() throws {
        var config = smallMHIM(version: 2)
        config.dropout = 0.25
        let bag = try cosineBag(30, 6)
        func bags(_ config: MHIMConfig) throws -> [[Float]] {
            let model = try freshMHIM(config)
            return try (0..<2).map { try model.taught(bag, draws($0)).bag.floats() }
        }
        let dropping = try bags(config)
        #expect(dropping[0] != dropping[1])
        config.teacherDropout = false
        let still = try bags(config)
        #expect(still[0] == still[1])
        #expect(try freshMHIM(config).mapped(bag).rows().floats() == freshMHIM(config).mapped(bag).rows().floats())
    }

    @Test func teacherAndStudentDropIndependently() throws {
        var config = smallMHIM()
        (config.dropout, config.maskRandom, config.maskHigh) = (0.5, 0, 0)
        let model = try freshMHIM(config)
        let bag = try cosineBag(30, 6)
        let view = try model.taught(bag, draws())
        let pass = try model.learned(
            bag,
            Array(0..<30),
            from: view.bag,
            target: .class(0),
            TrainingStep(draws: draws())
        )
        #expect(try view.bag.floats() != pass.host.bag.floats())
    }

    @Test func testTimeIsTheStudentsWithTheWholeBag() throws {
        let model = try freshMHIM()
        try withoutGrad { for parameter in model.trainable { try parameter.tensor.scale(by: 1.5) } }
        let bag = try cosineBag(30, 6)
        let queries = try #require(model.parameters.first { $0.name == "merge.global_q_mm" })
        let before = try queries.tensor.floats()
        let output = try model(bag)
        #expect(output.attention.shape == [1, 30])
        #expect(try output.logits.floats() == model.student(bag).logits.floats())
        #expect(try output.logits.floats() != model.teacher(bag).logits.floats())
        #expect(try output.logits.floats() == model(bag).logits.floats())
        #expect(try queries.tensor.floats() == before)
    }

    @Test func heatmapsGetARowOfTheStudentOneOfTheTeacherAndWhatIsMaskedAsHard() throws {
        let model = try freshMHIM()
        try withoutGrad { for parameter in model.trainable { try parameter.tensor.scale(by: 1.5) } }
        let bag = try cosineBag(30, 6)
        let output = try model.mapped(bag)
        #expect(output.names == ["student", "teacher", "hard"])
        #expect(output.main == 0..<1)
        let rows = try output.rows().floats()
        #expect(agree(Array(rows.prefix(30)), try model.student(bag).rows().floats(), 1e-6))
        #expect(agree(Array(rows[30..<60]), try model.teacher(bag).rows().floats(), 1e-6))
        #expect(rows.prefix(30) != rows[30..<60])
        // Of 30 instances 3 %, rounded up, are one: that which the teacher is surest of.
        let ranks = try model.taught(bag, NoDraws()).score.ranks()[0]
        let surest = ranks.indices.max { ranks[$0] < ranks[$1] }
        #expect(agree(Array(rows.suffix(30)), (0..<30).map { $0 == surest ? 1 : 0 }, 1e-6))
    }

    @Test(arguments: [(MHIMConfig.Host.dsmil, MapKind.attention), (.transmil, .score)])
    func everyHostsMapIsOneRowEach(host: MHIMConfig.Host, kind: MapKind) throws {
        let config = smallMHIM(host, version: 2)
        let source = FreshParameters(CounterDraws(seed: 0, fold: 0))
        let model = try config.model(featureWidth: 6, classes: 3, from: source, on: .cpu)
        let output = try model.mapped(cosineBag(30, 6))
        #expect(output.kind == kind)
        #expect(output.main == 0..<1)
        let rows = try output.rows()
        #expect(rows.shape == [3, 30])
        if kind == .attention { #expect(agree(try rows.sum(dim: 1).floats(), [1, 1, 1])) }
        #expect(agree(Array(try rows.floats().suffix(30).sorted().suffix(2)), [0, 1], 1e-6))
    }

    @Test(arguments: [(100, 0.9, 5, 90), (5, 0.8, 2, 4), (1, 0.9, 5, 0), (10, 0.29, 1, 2)])
    func theMergesShareIsWhatStays(count: Int, share: Double, tokens: Int, stays: Int) throws {
        var config = smallMHIM(version: 2)
        (config.mergeKeep, config.mergeTokens) = (share, tokens)
        let bag = try cosineBag(count, 6)
        let model = try freshMHIM(config)
        let view = try model.taught(bag, draws())
        let pass = try model.learned(
            bag,
            Array(0..<count),
            from: view.bag,
            target: .class(0),
            TrainingStep(draws: draws())
        )
        #expect(pass.stays == stays)
        #expect(pass.tokens.shape == [stays + tokens, 16])
        #expect(pass.order.sorted() == Array(0..<count))
        #expect(count < 5 || pass.order != Array(0..<count))
    }

    @Test func aTrainingPassMovesTheRecyclingQueriesOnce() throws {
        let model = try freshMHIM()
        let queries = try #require(model.parameters.first { $0.name == "merge.global_q_mm" })
        let bag = try cosineBag(30, 6)
        let before = try queries.tensor.floats()
        let view = try model.taught(bag, draws())
        #expect(try queries.tensor.floats() == before)
        let pass = try model.learned(
            bag,
            Array(0..<30),
            from: view.bag,
            target: .class(0),
            TrainingStep(draws: draws())
        )
        let tokens = try pass.tokens.narrow(dim: 0, start: pass.stays, length: 5).floats()
        let (momentum, rest) = (Float(0.9999), Float(1 - 0.9999))
        #expect(try queries.tensor.floats() == zip(before, tokens).map { $0 * momentum + $1 * rest })
    }

    @Test func withoutMasksMergeAndConsistencyTheStudentIsThePlainHost() throws {
        var config = smallMHIM(version: 2)
        (config.maskHigh, config.merge, config.consistency) = (0, false, 0)
        let model = try freshMHIM(config)
        let bag = try cosineBag(30, 6)
        let plain = try config.hostModel(
            featureWidth: 6,
            classes: 2,
            from: FreshParameters(CounterDraws(seed: 0, fold: 0))
        )
        let (loss, wanted) = (
            try model.trainingLoss(bag, label: 1, draws: draws()), try plain.trainingLoss(bag, label: 1, draws: draws())
        )
        #expect(try loss.total.item() == wanted.total.item())
        #expect(try model(bag).logits.floats() == plain(bag).logits.floats())
        try loss.total.backward()
        try wanted.total.backward()
        for (own, other) in zip(model.trainable, plain.parameters) {
            #expect(try own.tensor.grad?.floats() == other.tensor.grad?.floats(), "\(own.name)")
        }
    }

    @Test(arguments: [1, 2, 3])
    func theSmallestBagsCanBeLearned(count: Int) throws {
        for (host, version) in [(MHIMConfig.Host.abmil, 1), (.dsmil, 2), (.transmil, 1), (.transmil, 2)] {
            let source = FreshParameters(CounterDraws(seed: 0, fold: 0))
            let model = try smallMHIM(host, version: version).model(
                featureWidth: 6,
                classes: 2,
                from: source,
                on: .cpu
            )
            let loss = try model.trainingLoss(cosineBag(count, 6), label: 1, draws: draws())
            #expect(try loss.total.item().isFinite)
            try loss.total.backward()
        }
    }
}
