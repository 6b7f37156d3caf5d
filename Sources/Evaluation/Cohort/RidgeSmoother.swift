/// Ridge regression of any number of answers on the same rows, each row judged by the rows of the other folds.
///
/// With K the products of rows, λ the penalty, Z the groups' indicators and A = (K + λI)⁻¹, the weights of the rows in a regression with
/// an unpenalised intercept for each group are M·y, M = A − AZ(ZᵀAZ)⁻¹ZᵀA, and the residuals of a fold F that took no part are
/// M_FF⁻¹(M·y)_F (Cawley and Talbot, Neural Networks 17, 2004, section 3, for a block of rows in place of one). So the inverse is made
/// once and an answer costs O(n²), which lets answers be permuted a thousand times.
struct RidgeSmoother {
    private let residuals: DenseRows
    private let folds: [[Int]]
    private let factors: [Cholesky]
    private let groups: [Int]
    private let groupCount: Int

    /// - Parameters:
    ///   - products: of every row with every other, `[n, n]`.
    ///   - groups: of each row that whose intercept it has; each has rows in at least two folds.
    ///   - folds: the rows of each, every row in one.
    /// - Returns: nil where a fold holds a whole group, or the matrix is singular.
    init?(_ products: DenseRows, penalty: Double, groups: [Int], folds: [[Int]]) {
        let count = products.count
        groupCount = (groups.max() ?? -1) + 1
        self.groups = groups
        self.folds = folds.filter { !$0.isEmpty }
        var penalised = products.values
        for row in 0..<count { penalised[row * count + row] += penalty }
        guard var matrix = Cholesky(penalised, count: count)?.inverse else { return nil }
        // Of each row the sums over groups.
        var sums = [[Double]](repeating: [Double](repeating: 0, count: groupCount), count: count)
        for row in 0..<count {
            for column in 0..<count { sums[row][groups[column]] += matrix[row * count + column] }
        }
        var inner = [[Double]](repeating: [Double](repeating: 0, count: groupCount), count: groupCount)
        for row in 0..<count { for group in 0..<groupCount { inner[groups[row]][group] += sums[row][group] } }
        guard let factor = Cholesky(inner) else { return nil }
        let solved = sums.map(factor.solve)
        for row in 0..<count {
            for column in 0..<count {
                matrix[row * count + column] -= DenseRows.dot(solved[row], sums[column])
            }
        }
        residuals = DenseRows(count: count, width: count, values: matrix)
        var factors: [Cholesky] = []
        for fold in self.folds {
            let block = fold.flatMap { row in fold.map { matrix[row * count + $0] } }
            guard let factor = Cholesky(block, count: fold.count) else { return nil }
            factors.append(factor)
        }
        self.factors = factors
    }

    /// What the rows of the other folds say of each row, less the mean of their answers in its group: an intercept differs between
    /// folds and would tell them apart.
    func scores(_ answers: [Double]) -> [Double] {
        var scores = answers
        let weights = residuals.times(answers)
        var (sums, counts) = ([Double](repeating: 0, count: groupCount), [Double](repeating: 0, count: groupCount))
        for (row, group) in groups.enumerated() {
            sums[group] += answers[row]
            counts[group] += 1
        }
        for (fold, factor) in zip(folds, factors) {
            var (own, ownCounts) = (sums, counts)
            for row in fold {
                own[groups[row]] -= answers[row]
                ownCounts[groups[row]] -= 1
            }
            for (row, residual) in zip(fold, factor.solve(fold.map { weights[$0] })) {
                let group = groups[row]
                scores[row] = answers[row] - residual - own[group] / max(1, ownCounts[group])
            }
        }
        return scores
    }
}
