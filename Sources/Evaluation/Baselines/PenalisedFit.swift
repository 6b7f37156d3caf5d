/// Linear outputs of rows that minimise a loss with an L2 penalty: Σ loss + λ/2 ‖w‖², by Newton's method, each step by conjugate
/// gradients (Steihaug, SIAM J. Numer. Anal. 20, 1983) with step halving. Each product costs one pass over the rows, so that many
/// rows or columns are affordable.
struct PenalisedFit {
    /// `[outputs][width]`.
    private(set) var weights: [[Double]]
    private(set) var intercepts: [Double]

    /// - Parameter start: a fit with another penalty, from which fewer steps are left.
    init(_ rows: DenseRows, _ loss: some RowLoss, penalty: Double, from start: PenalisedFit? = nil) {
        weights = start?.weights ?? (0..<loss.outputs).map { _ in [Double](repeating: 0, count: rows.width) }
        intercepts = start?.intercepts ?? [Double](repeating: 0, count: loss.outputs)
        let zero = [[Double]](repeating: [Double](repeating: 0, count: rows.count), count: loss.outputs)
        let scale = Self.gradient(rows, loss.slope(zero), self.moved(by: nil, -1), 0, loss.hasIntercepts).norm
        var scores = self(rows)
        var value = loss.value(scores) + penalty / 2 * weightsSquared
        for _ in 0..<Self.mostSteps {
            let gradient = Self.gradient(rows, loss.slope(scores), self, penalty, loss.hasIntercepts)
            let size = gradient.norm
            guard size > Self.tolerance * max(scale, 1e-12) else { break }
            let bend = loss.curvature(scores)
            let move = Self.solve(gradient, tolerance: min(0.1, (size / max(scale, 1e-12)).squareRoot()) * size) {
                direction in
                let bent = bend(direction.scores(rows))
                return Self.gradient(rows, bent, direction, penalty, loss.hasIntercepts)
            }
            let slope = gradient.dot(move)
            var step = 1.0
            var isBetter = false
            while step > 1e-10 {
                let trial = moved(by: move, step)
                let there = trial(rows)
                let new = loss.value(there) + penalty / 2 * trial.weightsSquared
                if new <= value - 1e-4 * step * slope || step < 1 && new < value {
                    (weights, intercepts, scores) = (trial.weights, trial.intercepts, there)
                    isBetter = new < value
                    value = new
                    break
                }
                step /= 2
            }
            // Rounding leaves nothing to gain.
            guard isBetter else { break }
        }
    }

    // More is wanted only where next to nothing is left to gain, as of rows that outputs order without a fault.
    private static let mostSteps = 30
    private static let mostProducts = 200
    /// Of the gradient, against that at zero.
    private static let tolerance = 1e-8

    private init(weights: [[Double]], intercepts: [Double]) { (self.weights, self.intercepts) = (weights, intercepts) }

    /// `[outputs][rows]`.
    func callAsFunction(_ rows: DenseRows) -> [[Double]] { scores(rows) }

    private func scores(_ rows: DenseRows) -> [[Double]] {
        zip(weights, intercepts).map { weights, intercept in rows.times(weights).map { $0 + intercept } }
    }

    private var weightsSquared: Double { weights.reduce(0) { $0 + DenseRows.dot($1, $1) } }

    private var norm: Double { dot(self).squareRoot() }

    private func dot(_ other: PenalisedFit) -> Double {
        zip(weights, other.weights).reduce(DenseRows.dot(intercepts, other.intercepts)) {
            $0 + DenseRows.dot($1.0, $1.1)
        }
    }

    /// Less `move` times `step`; without a move, zero.
    private func moved(by move: PenalisedFit?, _ step: Double) -> PenalisedFit {
        guard let move else {
            return PenalisedFit(weights: weights.map { $0.map { _ in 0 } }, intercepts: intercepts.map { _ in 0 })
        }
        return PenalisedFit(
            weights: zip(weights, move.weights).map { zip($0, $1).map { $0 - step * $1 } },
            intercepts: zip(intercepts, move.intercepts).map { $0 - step * $1 }
        )
    }

    /// What a slope by outputs is by weights, with the penalty's.
    private static func gradient(
        _ rows: DenseRows,
        _ slope: [[Double]],
        _ at: PenalisedFit,
        _ penalty: Double,
        _ hasIntercepts: Bool
    ) -> PenalisedFit {
        PenalisedFit(
            weights: zip(slope, at.weights).map { slope, weights in
                zip(rows.sum(slope), weights).map { $0 + penalty * $1 }
            },
            intercepts: slope.map { hasIntercepts ? $0.reduce(0, +) : 0 }
        )
    }

    /// x with A·x = `right`, A positive definite, by conjugate gradients until the rest is smaller than `tolerance`.
    private static func solve(
        _ right: PenalisedFit,
        tolerance: Double,
        _ product: (PenalisedFit) -> PenalisedFit
    ) -> PenalisedFit {
        var found = right.moved(by: nil, 0)
        var (rest, direction) = (right, right)
        var size = rest.dot(rest)
        for _ in 0..<mostProducts where size.squareRoot() > tolerance {
            let bent = product(direction)
            let bend = direction.dot(bent)
            guard bend > 0 else { break }
            let step = size / bend
            found = found.moved(by: direction, -step)
            rest = rest.moved(by: bent, step)
            let next = rest.dot(rest)
            direction = rest.moved(by: direction, -next / size)
            size = next
        }
        return found
    }
}
