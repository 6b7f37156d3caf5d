import CDeviceWatch
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import MIL
@testable import Torch

/// What `body` asks of LibTorch is looked at: no operator may take a tensor of the device beside one of the host, which fails on a GPU.
/// - Returns: how often numbers of the device were read, which waits for a GPU.
private func watched(_ body: () throws -> Void) throws -> Int {
    device_watch_begin()
    let result = Result(catching: body)
    let reads = Int(device_watch_end())
    try result.get()
    return reads
}

/// Models and trainings on a device that is not the CPU, as far as that can be known without one: shapes, types and places of tensors.
@Suite struct OneDeviceTests {
    private static let width = 24

    /// What is asked of a bag.
    enum Asked: CaseIterable {
        case `class`, ordinal, labels, number, hazards, risk, several

        var readout: Readout {
            let labels = Readout.labels(Array(repeating: .init(yes: 1, no: 2), count: 3))
            let number = Readout.number(.init(mean: 1, sd: 2, huber: 1))
            let risk = Readout.risk(.init(times: [10]))
            return switch self {
            case .class: .class(count: 3)
            case .ordinal: .ordinal(count: 4)
            case .labels: labels
            case .number: number
            case .hazards: .hazards(.init(edges: [2, 5], end: 9, alpha: 0.3))
            case .risk: risk
            case .several:
                .several([
                    .init(name: "stage", readout: .class(count: 3), factors: [1, 2, 1]),
                    .init(name: "os", readout: risk, weight: 0.5), .init(name: "amount", readout: number),
                    .init(name: "marks", readout: labels),
                ])
            }
        }

        var target: Target {
            let time = Target.survival(SurvivalTime(3, isEvent: true))
            return switch self {
            case .class: .class(1)
            case .ordinal: .ordinal(2)
            case .labels: .labels([true, nil, false])
            case .number: .number(3)
            case .hazards, .risk: time
            case .several: .several([.class(1), time, .number(3), .labels([true, nil, false])])
            }
        }
    }

    private func bag(_ count: Int, _ dtype: DType = .float32) throws -> Tensor {
        try Tensor.zeros([count, Self.width], dtype: dtype, on: .meta)
    }

    private func model(_ config: ModelConfig, _ readout: Readout, each: Bool = false) throws -> any MILModel {
        let fresh = FreshParameters(CounterDraws(seed: 5, fold: 0))
        return try config.model(
            featureWidth: Self.width,
            readout: readout,
            attention: each ? .each : nil,
            from: fresh,
            on: .meta
        )
    }

    /// One step with all that comes of it; both passes of it where risks are compared.
    private func step(_ model: any MILModel, _ asked: Asked, _ features: Tensor) throws {
        let turns = Dictionary(uniqueKeysWithValues: asked.readout.riskPlaces.map { ($0, RiskTurn()) })
        let aim = try #require(asked.readout.aim(at: asked.target, turns: turns))
        var moment = TrainingStep(draws: CounterDraws(seed: 3, fold: 0, epoch: 0, step: 0), progress: 0.25)
        if !turns.isEmpty {
            moment.isRehearsal = true
            _ = try withoutGrad { try model.trainingLoss(features, target: aim.risks, moment) }
            for turn in turns.values {
                turn.begin(turn.heard.map { CoxLoss(value: 1, slopes: $0.map { _ in 0.5 }) })
            }
            (moment.isRehearsal, moment.movesLater) = (false, true)
        }
        let optimiser = try AdamW(model.trainable, learningRate: 1e-3)
        let loss = try model.trainingLoss(features, target: aim, moment)
        try loss.total.backward()
        _ = try loss.values()
        try optimiser.step()
        try model.finish(moment)
    }

    @Test(arguments: ModelConfig.Kind.allCases, Asked.allCases)
    func aStepTakesNothingOfTheHostAndReadsLittle(kind: ModelConfig.Kind, asked: Asked) throws {
        for config in ModelConfig.variants(of: kind) {
            for (count, dtype) in [(9, DType.float32), (130, .float32), (130, .bfloat16)] {
                let model = try model(config, asked.readout)
                let reads = try watched { try step(model, asked, bag(count, dtype)) }
                // The loss, and where a model ranks instances what they are ranked by: never one by one.
                #expect(reads <= 10, "\(config): \(reads)")
                let gradients = try model.trainable.compactMap { try $0.tensor.grad }
                #expect(gradients.count > 1 && gradients.allSatisfy { $0.device == .meta }, "\(config)")
            }
        }
    }

    @Test(arguments: [ModelConfig.Kind.abmil, .clam])
    func soDoesOneWithAnAttentionForEachTarget(kind: ModelConfig.Kind) throws {
        for config in ModelConfig.variants(of: kind) where config.canAttendEach {
            let model = try model(config, Asked.several.readout, each: true)
            _ = try watched { try step(model, .several, bag(40)) }
        }
    }

    @Test(arguments: ModelConfig.Kind.allCases, [130, 5000])
    func aBagIsJudgedWhereItLies(kind: ModelConfig.Kind, count: Int) throws {
        for config in ModelConfig.variants(of: kind) {
            let model = try model(config, .class(count: 3))
            _ = try watched {
                try withoutGrad {
                    _ = try model(bag(count)).logits.floats()
                    _ = try model.mapped(bag(count)).rows().floats()
                    guard let linear = model as? any LinearlyPooled else { return }
                    _ = try linear.contributions(bag(count)).values.floats()
                    _ = try linear.alone(bag(count))?.floats()
                }
            }
        }
    }

    /// All options at once, a running mean of the weights, parts of bags, standardised features, and bags that are judged.
    @Test(arguments: [Asked.class, .risk]) func aTrainingStaysThere(asked: Asked) throws {
        let scratch = try Scratch()
        var (slides, bags, settings) = ([CohortSlide](), MemoryBags(), TrainingConfig())
        for index in 0..<6 {
            let slide = try SlideID("s\(index)")
            bags.add(slide, width: Self.width, try cosineBag(30 + index, Self.width).floats())
            let time = SurvivalTime(Double(1 + index), isEvent: index % 2 == 0)
            slides.append(
                CohortSlide(
                    slide: slide,
                    caseID: "p\(index)",
                    target: asked == .risk ? .survival(time) : .class(index % 3)
                )
            )
        }
        (settings.epochs, settings.selection, settings.patchesPerStep) = (2, .last, 20)
        (settings.weightAverage, settings.featureNoise, settings.instanceDropout) = (0.9, 0.1, 0.2)
        settings.attentionEntropy = 0.1
        if asked != .risk { settings.mixup = 0.5 }
        let config = ModelConfig.variants(of: .abmil)[0]
        let numbers = [Float](repeating: 1, count: Self.width)
        let held = DeviceBags(
            bags,
            standardiser: Standardiser(mean: numbers, deviation: numbers),
            on: .meta,
            movesAhead: false
        )
        let plain = try model(config, asked.readout)
        let model = try #require(OptionedModel(plain, settings, slides, asked.readout, held))
        let loop = TrainingLoop(
            recipe: settings.recipe(for: config, featureWidth: Self.width, classes: asked.readout.outputs),
            readout: asked.readout,
            riskSet: 3,
            seed: 1,
            fold: 0,
            order: BagOrder(.shuffle, of: slides, seed: 1, fold: 0),
            classWeights: asked == .class ? [1, 2, 1] : [],
            training: slides,
            validation: Array(slides.prefix(3)),
            bags: held,
            resume: ResumePoint(fingerprint: "one", file: scratch.file("state")),
            savingInterval: .zero
        )
        let reads = try watched {
            let trained = try loop.run(model) { _ in }
            #expect(trained.history.count == 2)
        }
        #expect(reads > 0)
    }

    /// What the watch is worth: it finds what a GPU would refuse, and lets pass what it would not.
    @Test func aTensorOfTheHostIsFound() throws {
        let (far, near) = (try Tensor.zeros([2, 2], on: .meta), try Tensor.zeros([2, 2]))
        let mistakes: [() throws -> Tensor] = [
            { try far + near }, { try near * far }, { try far.matmul(near) },
            { try far.indexSelect(dim: 0, Tensor(indices: [0])) }, { try Tensor.concatenated([far, near], dim: 0) },
            { try far.crossEntropy(Tensor(int64s: [0, 1], shape: [2])) },
            { try Tensor.stacked([Tensor.zeros([], on: .meta), Tensor.zeros([])], dim: 0) },
            { try far.linear(near, nil) },
        ]
        for (place, mistake) in mistakes.enumerated() {
            let error = #expect(throws: TorchError.self, "\(place)") { try watched { _ = try mistake() } }
            #expect(error?.message.contains("to be on the same device") == true, "\(place): \(error?.message ?? "")")
        }
        let reads = try watched {
            _ = try far * Tensor([2], shape: [])
            try far.assign(near)
            #expect(try far.floats() == [0, 0, 0, 0])
        }
        #expect(reads == 1)
        // Beyond the watch the host is the host again.
        #expect(try (near + near).floats() == [0, 0, 0, 0])
    }
}
