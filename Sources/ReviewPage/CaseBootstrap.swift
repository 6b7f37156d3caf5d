import Records

/// Percentile intervals by resampling cases: slides of one case are not independent of each other.
struct CaseBootstrap: Sendable {
    var resamples = 2000
    var confidence = 0.95
    var seed: UInt64 = 0

    /// One figure for every value that `values` makes of weighted slides, always in the same order; as MIL's intervals are.
    /// - Parameters:
    ///   - cases: of each slide.
    ///   - undefined: why a value that the whole sample leaves undefined is so.
    ///   - values: of how often each slide counts.
    func figures(cases: [String], undefined: [String], _ values: ([Int]) -> [Double?]) -> [AgreementFigure] {
        let byCase = Dictionary(grouping: cases.indices) { cases[$0] }.sorted { $0.key < $1.key }.map(\.value)
        let whole = values([Int](repeating: 1, count: cases.count))
        var draws = whole.map { _ in [Double]() }
        if byCase.count > 1, whole.contains(where: { $0 != nil }) {
            var random = CounterRandom(seed: seed, "agreement")
            for _ in 0..<resamples {
                var weights = [Int](repeating: 0, count: cases.count)
                for _ in byCase { for slide in byCase[random.index(below: byCase.count)] { weights[slide] += 1 } }
                for (place, value) in values(weights).enumerated() {
                    if let value { draws[place].append(value) }
                }
            }
        }
        return whole.indices.map { place in
            guard let value = whole[place] else { return AgreementFigure(reason: undefined[place]) }
            guard byCase.count > 1 else { return AgreementFigure(value: value, reason: "an interval wants two cases") }
            return figure(value, draws[place].sorted())
        }
    }

    private func figure(_ value: Double, _ sorted: [Double]) -> AgreementFigure {
        // What most resamples leave undefined has no interval worth the name.
        guard sorted.count * 10 >= resamples * 9, let first = sorted.first else {
            let missing = resamples - sorted.count
            return AgreementFigure(value: value, reason: "not defined in \(missing) of \(resamples) resamples")
        }
        let tail = (1 - confidence) / 2
        return AgreementFigure(
            value: value,
            interval: [quantile(sorted, tail), quantile(sorted, 1 - tail)],
            reason: first == sorted.last
                ? "every resample gives the same value; the sample cannot show how sure it is" : nil
        )
    }

    /// Linear between order statistics.
    private func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}

/// A number that may be undefined, with its interval; never NaN.
public struct AgreementFigure: Encodable, Equatable, Sendable {
    public var value: Double?
    /// Bounds, lower and upper.
    public var interval: [Double]?
    /// Why `value` or `interval` is missing, or says too little.
    public var reason: String?

    enum CodingKeys: String, CodingKey { case value, interval, reason }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(interval, forKey: .interval)
        try container.encodeIfPresent(reason, forKey: .reason)
    }
}
