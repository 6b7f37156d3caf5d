import Foundation

/// How many of m tested cases sets of n calibrating ones hold: beta-binomial with k and n + 1 − k, k = ⌈(n + 1)(1 − alpha)⌉, where scores have no
/// ties and cases one slide each (Angelopoulos and Bates, Found. Trends Mach. Learn. 16, 2023, section 3.2).
struct CoverageRange {
    /// The probability of each number of cases from 0.
    private(set) var chances: [Double] = [1]

    /// Adds the cases of another class or fold, which are calibrated on their own.
    mutating func add(calibrating: Int, tested: Int, alpha: Double) {
        guard tested > 0 else { return }
        let place = ConformalScores.rank(calibrating, alpha: alpha)
        // Too few to rule out the class: all sets hold it.
        let own =
            place > calibrating
            ? [Double](repeating: 0, count: tested) + [1]
            : Self.betaBinomial(tested, Double(place), Double(calibrating + 1 - place))
        var joined = [Double](repeating: 0, count: chances.count + tested)
        for (place, chance) in chances.enumerated() where chance > 0 {
            for (more, other) in own.enumerated() { joined[place + more] += chance * other }
        }
        chances = joined
    }

    /// Shares of the cases; at most half of the rest lies below, and above.
    func interval(_ confidence: Double) -> [Double]? {
        guard chances.count > 1 else { return nil }
        let tail = (1 - confidence) / 2
        func first(_ order: some Sequence<Int>) -> Int? {
            var sum = 0.0
            for place in order {
                sum += chances[place]
                if sum > tail { return place }
            }
            return nil
        }
        guard let low = first(chances.indices), let high = first(chances.indices.reversed()) else { return nil }
        let count = Double(chances.count - 1)
        return [Double(low) / count, Double(high) / count]
    }

    private static func betaBinomial(_ count: Int, _ a: Double, _ b: Double) -> [Double] {
        func beta(_ one: Double, _ other: Double) -> Double { lgamma(one) + lgamma(other) - lgamma(one + other) }
        return (0...count).map { held in
            let (held, rest) = (Double(held), Double(count - held))
            let ways = lgamma(Double(count + 1)) - lgamma(held + 1) - lgamma(rest + 1)
            return exp(ways + beta(held + a, rest + b) - beta(a, b))
        }
    }
}
