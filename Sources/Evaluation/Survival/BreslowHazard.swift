import Foundation

/// The baseline that turns relative risks into survival: H₀(t) = Σ d / Σ exp(risk of those at risk) over the times of events up
/// to t (Breslow, discussion of Cox, JRSS B 34, 1972). For risks of any origin, such as a network's, not only of a regression.
public struct BreslowHazard: Codable, Equatable, Sendable {
    /// H₀ times exp(`shift`), so that large risks do not overflow.
    private let hazard: Steps
    private let shift: Double
    private let last: Double

    /// Of a training part. Not defined without events, or where a risk is not finite. O(n log n).
    /// - Parameters:
    ///   - risks: logarithms of relative hazards, higher for earlier events; one per row.
    ///   - weights: how often each row counts.
    public static func fitted(_ followUp: FollowUp, risks: [Double], weights: [Int]? = nil) -> Result<
        BreslowHazard, Undefined
    > {
        guard risks.allSatisfy(\.isFinite) else { return .undefined("a predicted risk is not finite") }
        let counts = followUp.counts(weights)
        guard let last = counts.last, counts.contains(where: { $0.events > 0 }) else {
            return .undefined("there is no event")
        }
        let shift = risks.max() ?? 0
        var masses: [Double] = []
        var mass = 0.0
        // From the last time on, so that sums of those at risk only grow.
        for rows in followUp.rows.reversed() {
            for row in rows { mass += Double(weights?[row] ?? 1) * exp(risks[row] - shift) }
            masses.append(mass)
        }
        let atRisk = Dictionary(uniqueKeysWithValues: zip(followUp.moments.reversed(), masses))
        var (hazard, sum) = (Steps(), 0.0)
        for count in counts where count.events > 0 {
            sum += Double(count.events) / (atRisk[count.time] ?? 1)
            hazard.append(count.time, sum)
        }
        guard sum.isFinite else { return .undefined("the predicted risks lie too far apart") }
        return .success(BreslowHazard(hazard: hazard, shift: shift, last: last.time))
    }

    /// H₀(t), of risk 0. Not defined after the training part's last time.
    public func cumulative(at time: Double) -> Figure {
        guard time <= last else { return .undefined("the training part's follow-up ends before \(time)") }
        let value = hazard.value(at: time, start: 0)
        return .finite(value == 0 ? 0 : value * exp(-shift))
    }

    /// S(t | risk) = exp(−H₀(t)·exp(risk)). Not defined after the training part's last time.
    public func survival(at time: Double, risk: Double) -> Figure {
        guard risk.isFinite else { return .undefined("a predicted risk is not finite") }
        guard time <= last else { return .undefined("the training part's follow-up ends before \(time)") }
        let value = hazard.value(at: time, start: 0)
        return .success(value == 0 ? 1 : exp(-value * exp(risk - shift)))
    }
}
