/// How well predicted grades agree with true ones: Cohen's kappa, in which a disagreement counts the square of its distance (Cohen,
/// Psychological Bulletin 70, 1968).
struct GradeAgreement: Sendable {
    private let truth: [Int]
    private let predicted: [Int]
    private let grades: Int

    /// - Parameters:
    ///   - truth, predicted: of each row, in 0..<`grades`.
    init(truth: [Int], predicted: [Int], grades: Int) {
        (self.truth, self.predicted, self.grades) = (truth, predicted, grades)
    }

    /// 1 − Σ d²·observed / Σ d²·expected by chance from the grades' own frequencies; 1 at best, 0 by chance. Not defined where all
    /// true and predicted grades are one. O(n + grades²) for every set of weights.
    /// - Parameter weights: how often each row counts.
    func quadraticKappa(_ weights: [Int]) -> Figure {
        var (ofTruth, ofPredicted) = ([Int](repeating: 0, count: grades), [Int](repeating: 0, count: grades))
        var (observed, count) = (0, 0)
        for (row, weight) in weights.enumerated() {
            ofTruth[truth[row]] += weight
            ofPredicted[predicted[row]] += weight
            let distance = truth[row] - predicted[row]
            observed += weight * distance * distance
            count += weight
        }
        guard count > 0 else { return .undefined("nothing was tested") }
        var expected = 0
        for one in 0..<grades {
            for other in 0..<grades { expected += (one - other) * (one - other) * ofTruth[one] * ofPredicted[other] }
        }
        guard expected > 0 else { return .undefined("all grades are one") }
        return .success(1 - Double(observed) * Double(count) / Double(expected))
    }
}
