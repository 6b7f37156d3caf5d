/// How well predicted numbers agree with true ones, made ready to be computed with any weights. Each figure is O(n) for every set
/// of weights.
struct NumberScores: Sendable {
    private let truth: [Double]
    private let predicted: [Double]
    private let truthOrder: RankOrder
    private let predictedOrder: RankOrder
    private let fault: Undefined?

    /// Of rows with a weight.
    private struct Moments {
        var count: Int
        var meanTruth: Double
        var meanPredicted: Double
        /// Sums of squared distances from the means, and of their products.
        var squaresTruth: Double
        var squaresPredicted: Double
        var products: Double
    }

    /// O(n log n).
    init(truth: [Double], predicted: [Double]) {
        (self.truth, self.predicted) = (truth, predicted)
        (truthOrder, predictedOrder) = (RankOrder(truth), RankOrder(predicted))
        let isFinite = (truth + predicted).allSatisfy(\.isFinite)
        fault = isFinite ? nil : Undefined("a number is not finite")
    }

    /// Mean absolute error, in the numbers' unit.
    func meanAbsoluteError(_ weights: [Int]) -> Figure { mean(weights) { abs(predicted[$0] - truth[$0]) } }

    /// Root of the mean squared error, in the numbers' unit.
    func rootMeanSquaredError(_ weights: [Int]) -> Figure {
        mean(weights) { (predicted[$0] - truth[$0]) * (predicted[$0] - truth[$0]) }.map { $0.squareRoot() }
    }

    /// R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², the share of the variance that is predicted: negative where the mean would do better. Not
    /// defined where the true numbers are all equal.
    func determination(_ weights: [Int]) -> Figure {
        moments(truth, predicted, weights).flatMap { moments in
            guard moments.squaresTruth > 0 else { return .undefined("the true numbers are all equal") }
            return mean(weights) { (predicted[$0] - truth[$0]) * (predicted[$0] - truth[$0]) }
                .flatMap { .finite(1 - $0 * Double(moments.count) / moments.squaresTruth) }
        }
    }

    /// Pearson's r. Not defined where the true or the predicted numbers are all equal.
    func pearson(_ weights: [Int]) -> Figure { correlation(truth, predicted, weights) }

    /// Spearman's ρ (American Journal of Psychology 15, 1904): Pearson's r of ranks, equal numbers having their mean rank. Not
    /// defined where the true or the predicted numbers are all equal.
    func spearman(_ weights: [Int]) -> Figure {
        correlation(truthOrder.ranks(weights), predictedOrder.ranks(weights), weights)
    }

    /// Lin's concordance correlation coefficient (Biometrics 45, 1989): how close to the line of equality. Not defined where all
    /// numbers are equal.
    func concordanceCorrelation(_ weights: [Int]) -> Figure {
        moments(truth, predicted, weights).flatMap { moments in
            let shift = moments.meanTruth - moments.meanPredicted
            let spread =
                moments.squaresTruth + moments.squaresPredicted + Double(moments.count) * shift * shift
            guard spread > 0 else { return .undefined("all numbers are equal") }
            return .finite(2 * moments.products / spread)
        }
    }

    /// Limits of agreement (Bland and Altman, Lancet 327, 1986).
    struct Agreement: Equatable, Sendable {
        /// Mean of predicted − true.
        var bias: Double
        /// bias ± 1.96 standard deviations of predicted − true: where 95 % of differences lie if they are normal.
        var limits: ClosedRange<Double>
    }

    /// Not defined with fewer than two rows.
    func agreement(_ weights: [Int]) -> Result<Agreement, Undefined> {
        let differences = zip(predicted, truth).map { $0 - $1 }
        return moments(differences, differences, weights).flatMap { moments in
            guard moments.count > 1 else { return .undefined("limits of agreement want two rows") }
            let reach = 1.96 * (moments.squaresTruth / Double(moments.count - 1)).squareRoot()
            let bias = moments.meanTruth
            guard (abs(bias) + reach).isFinite else { return .undefined("the numbers are too large") }
            return .success(Agreement(bias: bias, limits: (bias - reach)...(bias + reach)))
        }
    }

    private func mean(_ weights: [Int], _ term: (Int) -> Double) -> Figure {
        if let fault { return .failure(fault) }
        let count = weights.reduce(0, +)
        guard count > 0 else { return .undefined("nothing was tested") }
        return .finite(weights.indices.reduce(0) { $0 + Double(weights[$1]) * term($1) } / Double(count))
    }

    private func moments(_ one: [Double], _ other: [Double], _ weights: [Int]) -> Result<Moments, Undefined> {
        if let fault { return .failure(fault) }
        let count = weights.reduce(0, +)
        guard count > 0 else { return .undefined("nothing was tested") }
        func mean(_ values: [Double]) -> Double {
            zip(values, weights).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(count)
        }
        var moments = Moments(
            count: count,
            meanTruth: mean(one),
            meanPredicted: mean(other),
            squaresTruth: 0,
            squaresPredicted: 0,
            products: 0
        )
        let (isOneConstant, isOtherConstant) = (isConstant(one, weights), isConstant(other, weights))
        for (index, weight) in weights.enumerated() where weight > 0 {
            let distance = isOneConstant ? 0 : one[index] - moments.meanTruth
            let otherDistance = isOtherConstant ? 0 : other[index] - moments.meanPredicted
            moments.squaresTruth += Double(weight) * distance * distance
            moments.squaresPredicted += Double(weight) * otherDistance * otherDistance
            moments.products += Double(weight) * distance * otherDistance
        }
        return .success(moments)
    }

    /// The mean of equal numbers may be a rounding beside them; their spread is 0 all the same.
    private func isConstant(_ values: [Double], _ weights: [Int]) -> Bool {
        var first: Double?
        for (value, weight) in zip(values, weights) where weight > 0 {
            guard first == nil || value == first else { return false }
            first = value
        }
        return true
    }

    private func correlation(_ one: [Double], _ other: [Double], _ weights: [Int]) -> Figure {
        moments(one, other, weights).flatMap { moments in
            guard moments.squaresTruth > 0 else { return .undefined("the true numbers are all equal") }
            guard moments.squaresPredicted > 0 else { return .undefined("the predicted numbers are all equal") }
            let spread = moments.squaresTruth.squareRoot() * moments.squaresPredicted.squareRoot()
            // A rounding may take it beyond 1.
            return Figure.finite(moments.products / spread).map { min(1, max(-1, $0)) }
        }
    }
}
