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
        case .several:
            // The first one's.
            try parts[0].readout.answer(Array(outputs[columns[0]]), of: slide, threshold: threshold)
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
        // All events of the last interval may be at its begin.
        let times = edges + (edges.last.map { $0 < end } ?? true ? [end] : [])
        return SurvivalAnswer(risk: -survival.reduce(0, +), times: times, survival: Array(survival.prefix(times.count)))
    }
}

extension Readout.RiskScale {
    func answer(_ risk: Double) -> SurvivalAnswer {
        let survival = (hazards ?? []).map { exp(-$0 * exp(risk)) }
        return SurvivalAnswer(risk: risk, times: Array(times.prefix(survival.count)), survival: survival)
    }

    /// With the baseline of some cases that the model was not trained on: those of its training are told apart too well (Breslow,
    /// 1974).
    func with(_ cases: [(risk: Double, time: SurvivalTime)]) -> Readout.RiskScale {
        let followUp = FollowUp(times: cases.map(\.time.time), events: cases.map(\.time.isEvent))
        guard let baseline = BreslowHazard.fitted(followUp, risks: cases.map(\.risk)).value else { return self }
        var scale = self
        scale.hazards = Array(times.map { baseline.cumulative(at: $0).value }.prefix { $0 != nil }.compactMap { $0 })
        return scale
    }
}
