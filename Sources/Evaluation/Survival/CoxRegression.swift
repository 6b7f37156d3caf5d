import Foundation

/// Proportional hazards: h(t | x) = h₀(t) · exp(β·x) (Cox, JRSS B 34, 1972), ties by Efron (JASA 72, 1977).
///
/// Maximises ℓ(β)/n − λ/2 Σ (βⱼ sⱼ)², with s the covariates' standard deviations, so that units do not matter to the ridge λ
/// (Verweij and van Houwelingen, Statistics in Medicine 13, 1994).
struct CoxRegression: Equatable, Sendable {
    /// β, logarithms of hazard ratios per unit of each covariate.
    let coefficients: [Double]
    /// Of the coefficients, from the inverse of the information; with a ridge these say too little.
    let standardErrors: [Double]
    /// ℓ(β), without the penalty.
    let logLikelihood: Double

    /// β·x; no intercept, so that 0 is the risk of a row of zeros.
    func risk(_ covariates: [Double]) -> Double { zip(coefficients, covariates).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Newton's method with step halving until no standardised coefficient moves by 1e-10.
    ///
    /// Not defined without events or covariates, where covariates depend on each other or do not vary (without a ridge), or where
    /// a coefficient grows without bound since a covariate orders all events (likewise). O(steps · (n + events) · covariates²).
    /// - Parameters:
    ///   - covariates: one row of numbers for each row of `followUp`, all of one width.
    ///   - weights: how often each row counts: a row of weight 2 is two rows that are tied.
    ///   - penalty: λ, 0 or more.
    static func fitted(
        _ followUp: FollowUp,
        _ covariates: [[Double]],
        weights: [Int]? = nil,
        penalty: Double = 0
    ) -> Result<CoxRegression, Undefined> {
        guard let width = covariates.first?.count, width > 0 else { return .undefined("there are no covariates") }
        guard covariates.allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) }) else {
            return .undefined("the covariates differ in count or are not finite")
        }
        let weights = weights ?? covariates.map { _ in 1 }
        guard followUp.counts(weights).contains(where: { $0.events > 0 }) else {
            return .undefined("there is no event")
        }
        let scaling = Standardisation(covariates, weights)
        if penalty == 0, scaling.scale.contains(0) { return .undefined("a covariate does not vary") }
        let likelihood = CoxLikelihood(followUp, covariates.map(scaling.standardised), weights)
        let ridge = penalty * Double(weights.reduce(0, +))
        return maximised(likelihood, ridge, width).map { beta, information, value in
            let errors = information.inverse.enumerated().map { max(0, $0.element[$0.offset]).squareRoot() }
            return CoxRegression(
                coefficients: zip(beta, scaling.scale).map(*),
                standardErrors: zip(errors, scaling.scale).map(*),
                logLikelihood: value
            )
        }
    }

    private typealias Maximum = Result<(beta: [Double], information: Cholesky, value: Double), Undefined>

    private static func maximised(_ likelihood: CoxLikelihood, _ ridge: Double, _ width: Int) -> Maximum {
        func penalised(_ value: Double, _ beta: [Double]) -> Double {
            value - ridge / 2 * beta.reduce(0) { $0 + $1 * $1 }
        }
        var beta = [Double](repeating: 0, count: width)
        var here = likelihood.terms(beta)
        for _ in 0..<100 {
            var information = here.information
            for index in 0..<width { information[index][index] += ridge }
            guard let factor = Cholesky(information) else {
                return .undefined("the covariates depend on each other, or one orders all events; a ridge would help")
            }
            let slope = zip(here.gradient, beta).map { $0 - ridge * $1 }
            let move = factor.solve(slope)
            if move.allSatisfy({ abs($0) < 1e-10 }) { return .success((beta, factor, here.value)) }
            let value = penalised(here.value, beta)
            var step = 1.0
            repeat {
                let trial = zip(beta, move).map { $0 + step * $1 }
                let there = likelihood.terms(trial)
                // Near the top the value does not change any more where the slope still says where to go.
                if penalised(there.value, trial) >= value - 1e-12 * max(1, abs(value)) {
                    (beta, here) = (trial, there)
                    break
                }
                step /= 2
            } while step > 1e-10
            // A hazard ratio of e²⁵ per standard deviation is none that data could tell from infinity.
            guard step > 1e-10, beta.allSatisfy({ abs($0) < 25 }) else { break }
        }
        return .undefined("a coefficient grows without bound, since a covariate orders all events; a ridge would help")
    }
}

/// Covariates brought to mean 0 and standard deviation 1.
private struct Standardisation {
    let mean: [Double]
    /// What to multiply with; 0 where a covariate does not vary.
    let scale: [Double]

    init(_ rows: [[Double]], _ weights: [Int]) {
        let width = rows.first?.count ?? 0
        let count = Double(weights.reduce(0, +))
        func sum(_ term: (Int) -> Double) -> Double { rows.indices.reduce(0) { $0 + Double(weights[$1]) * term($1) } }
        let mean = (0..<width).map { column in sum { rows[$0][column] } / count }
        self.mean = mean
        scale = (0..<width).map { column in
            let squares = sum { (rows[$0][column] - mean[column]) * (rows[$0][column] - mean[column]) }
            let deviation = (squares / max(1, count - 1)).squareRoot()
            return deviation > 1e-9 * max(1, abs(mean[column])) ? 1 / deviation : 0
        }
    }

    func standardised(_ row: [Double]) -> [Double] { row.indices.map { (row[$0] - mean[$0]) * scale[$0] } }
}
