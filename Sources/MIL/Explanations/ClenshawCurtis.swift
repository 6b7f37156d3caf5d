import Foundation

/// Clenshaw-Curtis quadrature on 0...1 (Clenshaw and Curtis, Numerische Mathematik 2, 1960): exact for polynomials up to the number of
/// steps. Its nodes are those of half as many steps and one between each two of them, so that a finer rule looks at new ones alone.
struct ClenshawCurtis {
    /// Rising, from 0 to 1; each with its weight, which sum to 1.
    let nodes: [(place: Double, weight: Double)]

    /// - Parameter steps: even, above 0; there is one node more.
    init(steps: Int) {
        nodes = (0...steps).map { index in
            let angle = Double.pi * Double(index) / Double(steps)
            let half = steps / 2
            let sum = (1...half).reduce(0.0) { sum, order in
                let term = cos(2 * Double(order) * angle) / Double(4 * order * order - 1)
                return sum + (order == half ? term : 2 * term)
            }
            let isEnd = index == 0 || index == steps
            return (place: (1 - cos(angle)) / 2, weight: (1 - sum) / Double(isEnd ? 2 * steps : steps))
        }
    }
}
