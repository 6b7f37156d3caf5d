import Foundation

/// A map on which rows that are near to each other stay so: exact t-SNE (van der Maaten and Hinton, JMLR 9, 2008) that begins at the
/// principal components (Kobak and Berens, Nature Communications 10, 2019). Nothing is drawn at random and all sums have one order, so
/// that the same rows give the same map on one machine. Distances between groups and sizes of groups mean nothing on it.
public struct NeighbourEmbedding: Sendable {
    /// Of each row its place.
    public let places: [[Double]]

    /// O(n²) for each of `iterations`; meant for up to `most` rows.
    public static let most = 2000

    /// - Parameters:
    ///   - rows: all of one width; they are standardised.
    ///   - start: a place for each row, such as on the map of components.
    ///   - perplexity: how many neighbours a row has, about; less where there are few rows.
    public init(_ rows: [[Double]], start: [[Double]], perplexity: Double = 30, iterations: Int = 500) {
        guard rows.count > 3 else {
            places = start
            return
        }
        let wanted = Swift.max(1, min(perplexity, Double(rows.count - 1) / 3))
        let shares = Self.shares(rows, perplexity: wanted)
        var descent = Descent(shares, start: start, count: rows.count)
        let early = min(iterations / 4, 125)
        for step in 0..<iterations {
            descent.step(exaggeration: step < early ? 12 : 1, momentum: step < early ? 0.5 : 0.8)
        }
        places = (0..<rows.count).map { [descent.x[$0], descent.y[$0]] }
    }

    /// How much each pair are neighbours, `[n, n]`, 1 in all.
    private static func shares(_ rows: [[Double]], perplexity: Double) -> [Double] {
        let scaled = FeatureScaling(rows)(rows)
        let count = scaled.count
        let products = scaled.products(with: scaled).values
        var shares = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            var squares = (0..<count).map { other in
                max(
                    0,
                    products[row * count + row] + products[other * count + other] - 2 * products[row * count + other]
                )
            }
            squares[row] = .infinity
            let own = conditional(squares, perplexity: perplexity)
            for other in 0..<count { shares[row * count + other] = own[other] }
        }
        for row in 0..<count {
            for other in 0..<row {
                let both = (shares[row * count + other] + shares[other * count + row]) / Double(2 * count)
                (shares[row * count + other], shares[other * count + row]) = (max(both, 1e-12), max(both, 1e-12))
            }
        }
        return shares
    }

    /// Bisects the width of a normal distribution so that its entropy is that of `perplexity` equal neighbours.
    private static func conditional(_ squares: [Double], perplexity: Double) -> [Double] {
        let least = squares.min() ?? 0
        var (low, high) = (0.0, Double.infinity)
        let typical = squares.filter(\.isFinite).reduce(0, +) / Double(max(1, squares.count - 1))
        var precision = typical > 0 ? 1 / typical : 1
        var weights: [Double] = []
        for _ in 0..<60 {
            weights = squares.map { $0.isFinite ? exp(-precision * ($0 - least)) : 0 }
            let sum = weights.reduce(0, +)
            let mean = zip(weights, squares).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * ($1.1 - least) : 0) } / sum
            let entropy = log(sum) + precision * mean
            weights = weights.map { $0 / sum }
            let difference = entropy - log(perplexity)
            if abs(difference) < 1e-6 { break }
            if difference > 0 {
                low = precision
                precision = high.isFinite ? (precision + high) / 2 : precision * 2
            } else {
                high = precision
                precision = (precision + low) / 2
            }
        }
        return weights
    }
}

/// Gradient descent with momentum and a gain for every coordinate.
private struct Descent {
    private let shares: [Double]
    private let count: Int
    private(set) var x: [Double]
    private(set) var y: [Double]
    private var speeds: [[Double]]
    private var gains: [[Double]]
    private let rate: Double

    init(_ shares: [Double], start: [[Double]], count: Int) {
        (self.shares, self.count) = (shares, count)
        let first = start.map { $0.first ?? 0 }
        let spread = (first.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
        let scale = spread > 0 ? 1e-2 / spread : 1
        x = first.map { $0 * scale }
        y = start.map { ($0.count > 1 ? $0[1] : 0) * scale }
        // Rows at one place would stay together for ever.
        for row in 0..<count { y[row] += 1e-6 * Double(row % 7 - 3) }
        speeds = [[Double]](repeating: [Double](repeating: 0, count: count), count: 2)
        gains = [[Double]](repeating: [Double](repeating: 1, count: count), count: 2)
        rate = max(50, Double(count) / 12)
    }

    mutating func step(exaggeration: Double, momentum: Double) {
        let gradients = gradients(exaggeration)
        for (axis, gradient) in gradients.enumerated() {
            for row in 0..<count {
                let isTurned = (gradient[row] > 0) != (speeds[axis][row] > 0)
                gains[axis][row] = max(0.01, isTurned ? gains[axis][row] + 0.2 : gains[axis][row] * 0.8)
                speeds[axis][row] = momentum * speeds[axis][row] - rate * gains[axis][row] * gradient[row]
            }
        }
        for row in 0..<count {
            x[row] += speeds[0][row]
            y[row] += speeds[1][row]
        }
        let (middleX, middleY) = (x.reduce(0, +) / Double(count), y.reduce(0, +) / Double(count))
        for row in 0..<count {
            x[row] -= middleX
            y[row] -= middleY
        }
    }

    private func gradients(_ exaggeration: Double) -> [[Double]] {
        var (pullX, pullY) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        var (pushX, pushY) = (pullX, pullY)
        var sum = 0.0
        shares.withUnsafeBufferPointer { shares in
            x.withUnsafeBufferPointer { x in
                y.withUnsafeBufferPointer { y in
                    for row in 0..<count {
                        var (attractX, attractY, repelX, repelY, own) = (0.0, 0.0, 0.0, 0.0, 0.0)
                        for other in 0..<count where other != row {
                            let (differenceX, differenceY) = (x[row] - x[other], y[row] - y[other])
                            let weight = 1 / (1 + differenceX * differenceX + differenceY * differenceY)
                            let pull = shares[row * count + other] * weight
                            attractX += pull * differenceX
                            attractY += pull * differenceY
                            let push = weight * weight
                            repelX += push * differenceX
                            repelY += push * differenceY
                            own += weight
                        }
                        (pullX[row], pullY[row], pushX[row], pushY[row]) = (attractX, attractY, repelX, repelY)
                        sum += own
                    }
                }
            }
        }
        let whole = max(sum, 1e-12)
        return [
            (0..<count).map { 4 * (exaggeration * pullX[$0] - pushX[$0] / whole) },
            (0..<count).map { 4 * (exaggeration * pullY[$0] - pushY[$0] / whole) },
        ]
    }
}
