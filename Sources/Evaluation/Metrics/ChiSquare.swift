import Foundation

/// The chi-square distribution.
enum ChiSquare {
    /// Probability of a value above `value`, by the finite sums that Q(k/2, x/2) has for whole k (Abramowitz and Stegun,
    /// 26.4.4 and 26.4.5). All terms are positive, so that small probabilities are exact too.
    ///
    /// - Parameters:
    ///   - value: not negative, else 1.
    ///   - degrees: of freedom, at least 1.
    static func survival(_ value: Double, degrees: Int) -> Double {
        guard value > 0 else { return 1 }
        let half = value / 2
        let isOdd = degrees % 2 == 1
        var sum = isOdd ? erfc(half.squareRoot()) : 0
        // e^(−h) hˢ / Γ(s + 1), for s = ½, 1½, … or 0, 1, …
        var power = isOdd ? 0.5 : 0
        var term = isOdd ? exp(-half) * half.squareRoot() * 2 / Double.pi.squareRoot() : exp(-half)
        for _ in 0..<(degrees / 2) {
            sum += term
            power += 1
            term *= half / power
        }
        return min(1, sum)
    }
}
