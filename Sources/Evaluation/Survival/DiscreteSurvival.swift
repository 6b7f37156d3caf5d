/// Survival from the hazards of bins of time: S after bin k is ∏ (1 − h) over the bins up to k (Gensheimer and Narasimhan, PeerJ
/// 7, 2019).
public struct DiscreteSurvival: Equatable, Sendable {
    /// S at the end of each bin.
    public let survival: [Double]

    /// - Parameter hazards: of each bin, the probability of the event in it for whoever comes to it; in 0...1.
    public init(hazards: [Double]) {
        var value = 1.0
        survival = hazards.map { hazard in
            value *= 1 - hazard
            return value
        }
    }

    /// −Σ S over the bins: higher for earlier events (Chen et al., ICCV 2021).
    public var risk: Double { -survival.reduce(0, +) }

    /// S(t), linear inside each bin, which takes events as spread evenly in it (Kvamme and Borgan, Lifetime Data Analysis 27, 2021:
    /// constant density). In the last, open bin S falls until the last event of the training part and stays there: no event after
    /// that told the model anything.
    public func value(at time: Double, _ bins: TimeBins) -> Double {
        let bin = min(bins.bin(of: time), survival.count - 1)
        guard bin >= 0 else { return 1 }
        let (begin, end) = (bins.edges[bin], bin + 1 < bins.count ? bins.edges[bin + 1] : bins.end)
        let before = bin > 0 ? survival[bin - 1] : 1
        guard time < end else { return survival[bin] }
        let share = max(0, time - begin) / (end - begin)
        return before + share * (survival[bin] - before)
    }
}
