/// G(t), the probability not to be censored up to and with a time: what scores of the uncensored are divided by, so that they
/// stand for the censored too (inverse probability of censoring weighting; Uno et al., JASA 102, 2007).
///
/// The Kaplan-Meier estimate with events and censorings in each other's place. Whoever has the event at a time is not at risk of
/// being censored at it. As scikit-survival has it, G is taken at an event's time itself, not just before it.
struct CensoringCurve: Sendable {
    private let curve: Steps
    private let last: Double

    /// Of a training part. Not defined without rows. O(n log n).
    /// - Parameter weights: how often each row counts.
    static func fitted(_ followUp: FollowUp, weights: [Int]? = nil) -> Result<CensoringCurve, Undefined> {
        let counts = followUp.counts(weights)
        guard let last = counts.last else { return .undefined("the training part has no follow-up") }
        var steps = Steps()
        var value = 1.0
        for count in counts {
            if count.censored > 0 { value *= 1 - Double(count.censored) / Double(count.atRisk - count.events) }
            steps.append(count.time, value)
        }
        return .success(CensoringCurve(curve: steps, last: last.time))
    }

    /// Of no training part: nothing is known.
    static let unknown = CensoringCurve(curve: Steps(), last: -.infinity)

    /// nil after the last time of the training part, unless G is 0 there: it is not known.
    func probability(at time: Double) -> Double? {
        guard time <= last || curve.values.last == 0 else { return nil }
        return curve.value(at: time, start: 1)
    }

    /// 1/G(t). Not defined where G is 0 or not known.
    func weight(at time: Double) -> Figure {
        guard let probability = probability(at: time), probability > 0 else {
            let end = horizon.map { "; take times up to \($0)" } ?? ""
            return .undefined("the training part does not tell how likely censoring is at \(time)\(end)")
        }
        return .success(1 / probability)
    }

    /// The last time of the training part at which G is above 0: up to here every weight is defined. nil where there is none.
    var horizon: Double? { curve.values.lastIndex { $0 > 0 }.map { curve.times[$0] } }
}
