import Records

/// Percentile intervals by resampling cases: slides of one case are not independent of each other.
struct Bootstrap {
    private let resamples: Int
    private let confidence: Double
    private let seed: UInt64

    init(_ evaluation: EvaluationConfig, seed: UInt64) {
        resamples = evaluation.bootstrap
        confidence = evaluation.confidence
        self.seed = seed
    }

    /// One estimate for every figure that `figures` makes of a sample, always in the same order.
    func estimates(on sample: [Judged], _ figures: ([Judged]) -> [Figure]) -> [Estimate] {
        let byCase = Dictionary(grouping: sample, by: \.caseID).sorted { $0.key < $1.key }.map(\.value)
        let whole = figures(sample)
        var draws = whole.map { _ in [Double]() }
        var random = CounterRandom(seed: seed, "bootstrap")
        if byCase.count > 1 {
            for _ in 0..<resamples {
                let resample = (0..<byCase.count).flatMap { _ in byCase[random.index(below: byCase.count)] }
                for (index, figure) in figures(resample).enumerated() {
                    if let value = figure.value { draws[index].append(value) }
                }
            }
        }
        return zip(whole, draws).map { figure, values in
            guard let value = figure.value else { return Estimate(reason: figure.reason ?? "not defined") }
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
            return Estimate(value: value, interval: interval, method: .bootstrap)
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

/// A number that a sample may leave undefined.
struct Figure {
    var value: Double?
    /// Why there is no value.
    var reason: String?
}
