import Foundation

/// Gauss-Legendre quadrature on 0...1: exact for polynomials up to degree 2 · count - 1.
struct GaussLegendre {
    /// Rising; each with its weight, which sum to 1.
    let nodes: [(place: Double, weight: Double)]

    /// Newton's steps on the Legendre polynomial, from where Chebyshev's roots put each of its own (Abramowitz and Stegun, 22.16.6).
    /// - Parameter count: above 0.
    init(_ count: Int) {
        nodes = (0..<count).map { index in
            var root = -cos(Double.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
            // Quadratic from so near: a few steps reach the last bit.
            for _ in 0..<100 {
                let (value, slope) = Self.legendre(count, at: root)
                let step = value / slope
                root -= step
                if abs(step) < 1e-16 { break }
            }
            let slope = Self.legendre(count, at: root).slope
            return (place: (1 + root) / 2, weight: 1 / ((1 - root * root) * slope * slope))
        }
    }

    /// By the recurrence of three terms; not at -1 and 1.
    private static func legendre(_ degree: Int, at x: Double) -> (value: Double, slope: Double) {
        var (before, value) = (1.0, x)
        for order in stride(from: 2, through: degree, by: 1) {
            let next = (Double(2 * order - 1) * x * value - Double(order - 1) * before) / Double(order)
            (before, value) = (value, next)
        }
        return (value, Double(degree) * (before - x * value) / (1 - x * x))
    }
}
