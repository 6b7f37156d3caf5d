import Evaluation
import Foundation
import Records

extension Readout {
    /// What a model says by the numbers that it gives for a bag.
    /// - Parameter threshold: of the model's checkpoint, where the answer is to keep it.
    /// - Throws: `MILError.overflow` where they are none: features may be finite and still too large for the model's sums.
    func answer(_ outputs: [Double], of slide: SlideID, threshold: Double? = nil) throws -> Answer {
        guard outputs.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: slide.text) }
        return switch self {
        case .class: .class(ClassAnswer(softmax(outputs), threshold: threshold))
        case .ordinal: .ordinal(OrdinalAnswer(Self.grades(outputs)))
        case .labels: .labels(LabelsAnswer(outputs.map(sigmoid)))
        case .number(let scale): .number(NumberAnswer(outputs[0] * scale.sd + scale.mean))
        case .hazards(let hazards): .survival(hazards.answer(outputs))
        case .risk(let scale): .survival(scale.answer(outputs[0]))
        }
    }

    /// The differences of the probabilities of being above each class but the last.
    private static func grades(_ outputs: [Double]) -> [Double] {
        let above = [1] + cumulativeLogits(outputs).map(sigmoid) + [0]
        return zip(above, above.dropFirst()).map { $0 - $1 }
    }
}

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

extension Readout.Hazards {
    /// Survival is what all intervals up to its end leave; the risk is how much of it is lost, summed over all intervals (MCAT).
    func answer(_ logOdds: [Double]) -> SurvivalAnswer {
        var (left, survival) = (1.0, [Double]())
        for logit in logOdds {
            left *= sigmoid(-logit)
            survival.append(left)
        }
        return SurvivalAnswer(risk: -survival.reduce(0, +), times: edges, survival: Array(survival.prefix(edges.count)))
    }
}

extension Readout.RiskScale {
    func answer(_ risk: Double) -> SurvivalAnswer {
        SurvivalAnswer(risk: risk, times: times, survival: (hazards ?? []).map { exp(-$0 * exp(risk)) })
    }

    /// With the baseline of some cases that the model was not trained on: those of its training are told apart too well (Breslow,
    /// 1974).
    func with(_ cases: [(risk: Double, time: SurvivalTime)]) -> Readout.RiskScale {
        let times = cases.filter(\.time.isEvent).map(\.time.time)
        guard !times.isEmpty else { return self }
        var scale = self
        scale.hazards = self.times.map { end in
            times.filter { $0 <= end }.reduce(0) { sum, time in
                sum + 1 / cases.filter { $0.time.time >= time }.reduce(0) { $0 + exp($1.risk) }
            }
        }
        return scale
    }
}
