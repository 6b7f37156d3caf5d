extension Metrics {
    /// Spearman's ρ of two lists of the same things; nil where one has no order.
    public static func rankCorrelation(_ one: [Double], _ other: [Double]) -> Double? {
        guard one.count == other.count else { return nil }
        return NumberScores(truth: one, predicted: other).spearman(one.map { _ in 1 }).value
    }
}
