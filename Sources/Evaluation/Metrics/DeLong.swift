import Foundation

/// The interval of an AUC by DeLong, DeLong and Clarke-Pearson (Biometrics 1988), for samples independent of each other.
///
/// The variance is that of the placements: for a positive, the share of negatives below it; for a negative, the share of
/// positives above it; ties count half.
struct DeLong {
    /// Of the AUC; nil with fewer than two positives or two negatives, for then it cannot be estimated.
    let variance: Double?
    /// The AUC itself.
    let area: Double

    /// nil where the sample lacks a class.
    init?(_ scores: [Double], positive: [Bool]) {
        let above = zip(scores, positive).filter(\.1).map(\.0).sorted()
        let below = zip(scores, positive).filter { !$0.1 }.map(\.0).sorted()
        guard !above.isEmpty, !below.isEmpty else { return nil }
        let positives = above.map { Self.share(of: below, below: $0) }
        let negatives = below.map { 1 - Self.share(of: above, below: $0) }
        area = positives.reduce(0, +) / Double(positives.count)
        let parts = [positives, negatives].map(Self.varianceOfMean)
        variance = parts[0].flatMap { first in parts[1].map { first + $0 } }
    }

    /// Lower and upper bound, inside 0...1; nil where the variance is 0 or cannot be estimated.
    func interval(confidence: Double) -> [Double]? {
        guard let variance, variance > 0 else { return nil }
        let reach = Self.normalQuantile(0.5 + confidence / 2) * variance.squareRoot()
        return [max(0, area - reach), min(1, area + reach)]
    }

    /// Share of sorted values below `value`, ties counting half.
    private static func share(of sorted: [Double], below value: Double) -> Double {
        func count(_ holds: (Double) -> Bool) -> Int {
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                if holds(sorted[middle]) { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return Double(count { $0 < value } + count { $0 <= value }) / 2 / Double(sorted.count)
    }

    private static func varianceOfMean(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count
    }

    /// z with Φ(z) = `share`, by bisection.
    static func normalQuantile(_ share: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if 0.5 * erfc(-middle / 2.0.squareRoot()) < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
