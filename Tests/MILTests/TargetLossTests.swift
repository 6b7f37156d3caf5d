import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import MIL

@Suite struct TargetLossTests {
    private static var aims: [Aim] {
        [
            .class(1), .ordinal(0), .ordinal(2), .ordinal(3),
            .answers([.init(yes: 1, no: 0), .init(yes: 0, no: 2), .init(yes: 0, no: 0)]),
            .answers(Readout.Hazards(edges: [2, 5], end: 9, alpha: 0.3).answers(of: SurvivalTime(3, isEvent: true))),
            .answers(Readout.Hazards(edges: [2, 5], end: 9, alpha: 0.3).answers(of: SurvivalTime(7, isEvent: false))),
        ]
    }

    @Test(arguments: 0..<7) func aLossIsTheSameOfTensorsAndOfNumbers(place: Int) throws {
        let outputs: [Float] = [0.3, -1.2, 2.5]
        let tensor = try bagLoss(Tensor(outputs, shape: [1, 3]), Self.aims[place]).item()
        let number = try #require(bagLoss(outputs.map(Double.init), Self.aims[place]))
        #expect(abs(Double(tensor) - number) < 1e-5)
    }

    @Test(arguments: [nil, 0.5]) func aNumbersLossIsSquaredUntilItIsNot(huber: Double?) throws {
        for output in [0.2, 1.9] as [Float] {
            let tensor = try bagLoss(Tensor([output], shape: [1, 1]), .number(0.1, huber: huber)).item()
            let error = Double(output) - 0.1
            let wanted = huber.map { abs(error) <= $0 ? error * error : $0 * (2 * abs(error) - $0) } ?? error * error
            #expect(abs(Double(tensor) - wanted) < 1e-6)
            #expect(abs((bagLoss([Double(output)], .number(0.1, huber: huber)) ?? 0) - wanted) < 1e-6)
        }
    }

    /// Events at 3 and 8, censored at 5: the likelihood by hand.
    @Test func hazardsAreTheLikelihoodOfIntervals() throws {
        let hazards = Readout.Hazards(edges: [2, 4, 6], end: 9, alpha: 0)
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        let outputs = [0.5, -0.4, 1.2, -2]
        let h = outputs.map(sigmoid)
        func loss(_ time: SurvivalTime) -> Double { bagLoss(outputs, .answers(hazards.answers(of: time))) ?? .nan }
        #expect(abs(loss(SurvivalTime(3, isEvent: true)) + log((1 - h[0]) * h[1])) < 1e-12)
        #expect(abs(loss(SurvivalTime(8, isEvent: true)) + log((1 - h[0]) * (1 - h[1]) * (1 - h[2]) * h[3])) < 1e-12)
        #expect(abs(loss(SurvivalTime(5, isEvent: false)) + log((1 - h[0]) * (1 - h[1]) * (1 - h[2]))) < 1e-12)
        let answer = hazards.answer(outputs)
        #expect(zip(answer.survival, [1 - h[0], (1 - h[0]) * (1 - h[1])]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(answer.times == [2, 4, 6, 9])
    }

    @Test(arguments: seeds(20)) func gradesFallByConstructionAndSumToOne(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "grades")
        let outputs = (0..<4).map { _ in random.uniform(-6, 6) }
        let logits = cumulativeLogits(outputs)
        #expect(zip(logits, logits.dropFirst()).allSatisfy { $0 > $1 })
        let tensor = try cumulativeLogits(Tensor(outputs.map(Float.init), shape: [1, 4])).floats()
        #expect(zip(logits, tensor).allSatisfy { abs($0 - Double($1)) < 1e-4 })
        guard case .ordinal(let answer) = try Readout.ordinal(count: 5).answer(outputs, of: SlideID("a")) else {
            return #expect(Bool(false))
        }
        #expect(answer.probabilities.allSatisfy { $0 >= 0 } && abs(answer.probabilities.reduce(0, +) - 1) < 1e-12)
    }

    private let times = [(5, true), (3, true), (3, true), (7, false), (3, false), (9, true)].map {
        SurvivalTime(Double($0), isEvent: $1)
    }
    private let risks = [0.3, -0.5, 1.1, 0.2, 0.9, -1.4]

    /// Efron's partial log likelihood of two tied events and three others, written out.
    @Test func coxsLossIsEfronsLikelihood() throws {
        let h = risks.map(exp)
        let all = h.reduce(0, +)
        let atFive = h[0] + h[3] + h[5]
        let value =
            log(all) + log(all - (h[1] + h[2]) / 2) - risks[1] - risks[2] + log(atFive) - risks[0] + log(h[5])
            - risks[5]
        let loss = try #require(CoxLoss(risks: risks, times: times))
        #expect(abs(loss.value - value / 4) < 1e-12)
    }

    @Test func coxsSlopesAreItsDifferences() throws {
        let loss = try #require(CoxLoss(risks: risks, times: times))
        for place in risks.indices {
            func value(_ step: Double) throws -> Double {
                var moved = risks
                moved[place] += step
                return try #require(CoxLoss(risks: moved, times: times)).value
            }
            let difference = try (value(1e-5) - value(-1e-5)) / 2e-5
            #expect(abs(difference - loss.slopes[place]) < 1e-9)
        }
        #expect(abs(loss.slopes.reduce(0, +)) < 1e-12)
        #expect(
            CoxLoss(risks: [1, 2], times: [SurvivalTime(1, isEvent: false), SurvivalTime(2, isEvent: false)]) == nil
        )
    }

    /// Two bags, whose risks are one parameter each: the gradient of a step is that of the whole likelihood.
    @Test func twoPassesGiveTheGradientOfTheWhole() throws {
        let parameter = try Tensor(risks.map(Float.init), shape: [6, 1])
        try parameter.setRequiresGrad(true)
        let turns = times.map { _ in RiskTurn() }
        try withoutGrad {
            for (place, turn) in turns.enumerated() {
                _ = try bagLoss(parameter.narrow(dim: 0, start: place, length: 1), .risk(turn))
            }
        }
        let losses = try #require(CoxLoss.turns(turns.map(\.heard), times: times))
        for (place, turn) in turns.enumerated() {
            turn.begin(losses[place])
            let loss = try bagLoss(parameter.narrow(dim: 0, start: place, length: 1), .risk(turn))
            try (loss / 6).backward()
        }
        let whole = try #require(CoxLoss(risks: risks, times: times))
        let slopes = try #require(try parameter.grad).floats()
        #expect(zip(slopes, whole.slopes).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    }
}
