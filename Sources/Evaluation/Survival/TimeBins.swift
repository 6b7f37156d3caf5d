/// Time cut into bins, each of which holds about as many events of a training part: what a model of discrete hazards predicts for.
///
/// A bin holds its lower edge; the first begins at 0 and the last is open. Inner edges are quantiles of the events' times, linear
/// between them (Zadeh and Schmid, IEEE TPAMI 43, 2021, and the pathology models after it: quartiles).
public struct TimeBins: Codable, Equatable, Sendable {
    /// Lower edges of the bins, ascending from 0.
    public let edges: [Double]
    /// The last event's time, where survival over the last bin has come to its end.
    public let end: Double
    /// How many bins were asked for.
    public let asked: Int

    public var count: Int { edges.count }

    /// What to tell where there are fewer bins than were asked for.
    public var shortfall: String? {
        guard count < asked else { return nil }
        return "\(count) bins of time instead of \(asked): the training part has too few different times of events"
    }

    /// Edges that tie, or that would leave a bin without an event, are left out: nothing can be learned of such a bin.
    ///
    /// Not defined without events or where a time is negative. O(n log n).
    /// - Parameters:
    ///   - times: of the training part's rows, or of its cases.
    ///   - asked: bins, at least 1.
    public static func fitted(times: [Double], events: [Bool], asked: Int) -> Result<TimeBins, Undefined> {
        let sorted = zip(times, events).filter(\.1).map(\.0).sorted()
        guard let first = sorted.first, let end = sorted.last else {
            return .undefined("the training part has no event")
        }
        guard first >= 0, sorted.allSatisfy(\.isFinite) else { return .undefined("a time is negative or not finite") }
        var edges = [0.0]
        // The first event that no bin holds yet.
        var open = 0
        for bin in 1..<max(2, asked) where asked > 1 {
            let edge = quantile(sorted, bin, of: asked)
            guard sorted[open] < edge else { continue }
            edges.append(edge)
            while open < sorted.count, sorted[open] < edge { open += 1 }
        }
        return .success(TimeBins(edges: edges, end: end, asked: asked))
    }

    /// Which bin a time is in; one before 0 is in the first. O(bins).
    public func bin(of time: Double) -> Int { max(0, edges.count(where: { $0 <= time }) - 1) }

    /// The `part`-th of `whole` quantiles; whole numbers keep the place exact.
    private static func quantile(_ sorted: [Double], _ part: Int, of whole: Int) -> Double {
        let (below, rest) = (part * (sorted.count - 1)).quotientAndRemainder(dividingBy: whole)
        guard rest > 0 else { return sorted[below] }
        return sorted[below] + (sorted[below + 1] - sorted[below]) * Double(rest) / Double(whole)
    }
}
