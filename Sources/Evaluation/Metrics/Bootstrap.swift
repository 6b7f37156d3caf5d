import Config
import Records

/// Percentile intervals by resampling cases: slides of one case are not independent of each other.
public struct Bootstrap: Sendable {
    /// 0: no intervals.
    public let resamples: Int
    public let confidence: Double
    public let seed: UInt64
    /// What tells its draws from those of another use of the same seed.
    private let purpose: String

    public init(resamples: Int = 2000, confidence: Double = 0.95, seed: UInt64 = 0, purpose: String) {
        (self.resamples, self.confidence, self.seed, self.purpose) = (resamples, confidence, seed, purpose)
    }

    /// Of metrics.
    init(_ evaluation: EvaluationConfig, seed: UInt64) {
        self.init(
            resamples: evaluation.bootstrap,
            confidence: evaluation.confidence,
            seed: seed,
            purpose: "bootstrap"
        )
    }

    /// Of one value.
    public func estimate(cases: [String], undefined: String, _ value: ([Int]) -> Double?) -> Estimate {
        estimates(cases: cases, undefined: [undefined]) { [value($0)] }[0]
    }

    /// One estimate for every value that `values` makes of weighted slides, always in the same order.
    ///
    /// - Parameters:
    ///   - cases: of each slide.
    ///   - undefined: why a value that the whole sample leaves undefined is so.
    ///   - values: of how often each slide counts, in the order of `cases`.
    public func estimates(
        cases: [String],
        undefined: [String],
        _ values: ([Int]) -> [Double?]
    ) -> [Estimate] {
        estimates(cases: cases, undefined: undefined, whole: values, resample: values)
    }

    /// The same where a resample draws more than its cases.
    func estimates(
        cases: [String],
        undefined: [String],
        whole wholeValues: ([Int]) -> [Double?],
        resample values: ([Int]) -> [Double?]
    ) -> [Estimate] {
        let byCase = Dictionary(grouping: cases.indices) { cases[$0] }.sorted { $0.key < $1.key }.map(\.value)
        let whole = wholeValues([Int](repeating: 1, count: cases.count))
        var draws = whole.map { _ in [Double]() }
        var random = CounterRandom(seed: seed, purpose)
        if byCase.count > 1 {
            for _ in 0..<resamples {
                var weights = [Int](repeating: 0, count: cases.count)
                for _ in byCase { for slide in byCase[random.index(below: byCase.count)] { weights[slide] += 1 } }
                for (index, value) in values(weights).enumerated() {
                    if let value { draws[index].append(value) }
                }
            }
        }
        return whole.indices.map { place in
            let values = draws[place]
            guard let value = whole[place] else { return Estimate(reason: undefined[place]) }
            guard resamples > 0 else { return Estimate(value: value, reason: "no interval was asked for") }
            guard byCase.count > 1 else { return Estimate(value: value, reason: "an interval wants two cases") }
            // A metric that most resamples leave undefined has no interval worth the name.
            guard values.count * 10 >= resamples * 9 else {
                let undefined = resamples - values.count
                return Estimate(value: value, reason: "not defined in \(undefined) of \(resamples) resamples")
            }
            let sorted = values.sorted()
            let tail = (1 - confidence) / 2
            let interval = [quantile(sorted, tail), quantile(sorted, 1 - tail)]
            // Every resample of a sample without a fault is without a fault too: such an interval says too little.
            let isPoint = sorted.first == sorted.last
            return Estimate(
                value: value,
                interval: interval,
                method: .bootstrap,
                reason: isPoint ? "every resample gives the same value; the sample cannot show how sure it is" : nil
            )
        }
    }

    /// Linear between order statistics.
    private func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}
