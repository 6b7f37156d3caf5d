import Foundation

/// The product-limit estimate of survival (Kaplan and Meier, JASA 53, 1958).
struct KaplanMeier: Sendable {
    /// What happened at each time at which a row ended.
    let counts: [FollowUp.Count]
    /// S(t), the probability to have had no event up to and with each of these times.
    let survival: Steps
    /// Greenwood's sum Σ d/(n(n − d)), the variance of log S, without the term of a time at which all that are left die.
    private let greenwood: [Double]

    /// Not defined without rows. O(n) for every set of weights.
    /// - Parameter weights: how often each row counts.
    static func fitted(_ followUp: FollowUp, weights: [Int]? = nil) -> Result<KaplanMeier, Undefined> {
        let counts = followUp.counts(weights)
        return counts.isEmpty ? .undefined("there is no follow-up") : .success(KaplanMeier(counts))
    }

    private init(_ counts: [FollowUp.Count]) {
        self.counts = counts
        var (steps, sums) = (Steps(), [Double]())
        var (value, sum) = (1.0, 0.0)
        for count in counts {
            let (left, dead) = (Double(count.atRisk), Double(count.events))
            value *= 1 - dead / left
            if count.events < count.atRisk { sum += dead / (left * (left - dead)) }
            steps.append(count.time, value)
            sums.append(sum)
        }
        (survival, greenwood) = (steps, sums)
    }

    /// S(t). Not defined after the last time of all, unless nobody was left: what comes is not known.
    func survival(at time: Double) -> Figure {
        guard let last = counts.last, let end = survival.values.last, time <= last.time || end == 0 else {
            return .undefined("the follow-up ends before \(time)")
        }
        return .success(survival.value(at: time, start: 1))
    }

    /// Pointwise interval of S(t) on the scale of log(−log S), which keeps it in 0...1 (Borgan and Liestøl, Scandinavian
    /// Journal of Statistics 17, 1990), as lifelines has it: before the first event and after the last of all rows it has no width.
    func interval(at time: Double, confidence: Double) -> Result<ClosedRange<Double>, Undefined> {
        survival(at: time).map { value in
            guard value > 0, value < 1, let index = survival.index(at: time) else { return value...value }
            let logarithm = log(value)
            let reach = DeLong.normalQuantile(0.5 + confidence / 2) * greenwood[index].squareRoot() / logarithm
            let bounds = [exp(reach), exp(-reach)].map { exp(logarithm * $0) }
            return min(bounds[0], bounds[1])...max(bounds[0], bounds[1])
        }
    }

    /// The first time at which S is a half or less. Not defined where it stays above.
    var median: Figure {
        // A product that is ½ on paper may be a rounding above it.
        guard let index = survival.values.firstIndex(where: { $0 <= 0.5 + 1e-12 }) else {
            return .undefined("more than half had no event until the follow-up's end")
        }
        return .success(survival.times[index])
    }

    /// How many were observed up to `time` or beyond it: those under a curve's axis.
    func atRisk(at time: Double) -> Int { counts.first { $0.time >= time }?.atRisk ?? 0 }
}
