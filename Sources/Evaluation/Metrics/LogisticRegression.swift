import Foundation

/// Two-class logistic regression with an L2 penalty on its weights: minimises Σ log(1 + e^(−y f)) + λ/2 ‖w‖².
///
/// Solved in the span of the training rows (the representer theorem), so that its cost depends on their number alone:
/// f(x) = Σ αᵢ ⟨xᵢ, x⟩ + b, by Newton's method with step halving. Inputs are standardised by the training rows.
struct LogisticRegression {
    private let centre: [Double]
    private let scale: [Double]
    /// Standardised training rows.
    private let rows: [[Double]]
    private let alpha: [Double]
    private let intercept: Double

    /// - Parameters:
    ///   - inputs: one row of numbers per slide, all of one width.
    ///   - positive: whether the slide is of the positive class; both kinds must occur.
    init(_ inputs: [[Double]], positive: [Bool], penalty: Double = 1) throws {
        let count = Double(inputs.count)
        let width = inputs.first?.count ?? 0
        let mean = (0..<width).map { column in inputs.reduce(0) { $0 + $1[column] } / count }
        let deviation = (0..<width).map { column in
            (inputs.reduce(0) { $0 + ($1[column] - mean[column]) * ($1[column] - mean[column]) } / count).squareRoot()
        }
        centre = mean
        // A column that does not vary says nothing; it is centred to 0 and stays there.
        scale = zip(mean, deviation).map { $1 > 1e-9 * max(1, abs($0)) ? 1 / $1 : 0 }
        let rows = inputs.map { [centre, scale] in Self.standardised($0, centre, scale) }
        self.rows = rows
        let gram = rows.map { first in rows.map { Self.dot(first, $0) } }
        (alpha, intercept) = try Self.newton(gram, positive.map { $0 ? 1 : 0 }, penalty)
    }

    /// Log-odds of the positive class.
    func callAsFunction(_ input: [Double]) -> Double {
        let row = Self.standardised(input, centre, scale)
        return zip(rows, alpha).reduce(intercept) { $0 + $1.1 * Self.dot($1.0, row) }
    }

    private static func newton(_ gram: [[Double]], _ target: [Double], _ penalty: Double) throws -> ([Double], Double) {
        var alpha = [Double](repeating: 0, count: target.count)
        var intercept = 0.0
        var value = objective(gram, target, penalty, alpha, intercept)
        for _ in 0..<100 {
            let scores = gram.map { dot($0, alpha) + intercept }
            let chances = scores.map { 1 / (1 + exp(-$0)) }
            let weights = chances.map { max($0 * (1 - $0), 1e-10) }
            // Weighted least squares on z = f + (y − p)/w: (K + λ/w) α + b = z with Σ α = 0.
            var matrix = gram
            for index in matrix.indices { matrix[index][index] += penalty / weights[index] }
            guard let factor = Cholesky(matrix) else {
                throw MILError.unusable(
                    subject: "shortcut control",
                    reason: "its numbers are not finite or too large"
                )
            }
            let wanted = target.indices.map { scores[$0] + (target[$0] - chances[$0]) / weights[$0] }
            let ones = factor.solve([Double](repeating: 1, count: target.count))
            let plain = factor.solve(wanted)
            let nextIntercept = plain.reduce(0, +) / ones.reduce(0, +)
            let nextAlpha = zip(plain, ones).map { $0 - nextIntercept * $1 }
            var step = 1.0
            var moved = value
            while step > 1e-6 {
                let trial = zip(alpha, nextAlpha).map { $0 + step * ($1 - $0) }
                let trialIntercept = intercept + step * (nextIntercept - intercept)
                moved = objective(gram, target, penalty, trial, trialIntercept)
                if moved <= value {
                    (alpha, intercept) = (trial, trialIntercept)
                    break
                }
                step /= 2
            }
            guard moved < value - 1e-10 * max(1, abs(value)) else { break }
            value = moved
        }
        return (alpha, intercept)
    }

    private static func objective(
        _ gram: [[Double]],
        _ target: [Double],
        _ penalty: Double,
        _ alpha: [Double],
        _ intercept: Double
    ) -> Double {
        let plain = gram.map { dot($0, alpha) }
        let loss = zip(plain, target).reduce(0.0) { sum, pair in
            let score = (pair.1 > 0.5 ? 1 : -1) * (pair.0 + intercept)
            return sum + max(0, -score) + log1p(exp(-abs(score)))
        }
        return loss + penalty / 2 * dot(alpha, plain)
    }

    private static func standardised(_ input: [Double], _ centre: [Double], _ scale: [Double]) -> [Double] {
        input.indices.map { (input[$0] - centre[$0]) * scale[$0] }
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
