/// The lower factor L of a symmetric positive definite matrix, M = L·Lᵀ.
struct Cholesky {
    private var factor: [[Double]]

    /// nil where the matrix is not positive definite, or so nearly singular that a row is the others' sum.
    init?(_ matrix: [[Double]]) {
        factor = matrix
        for row in matrix.indices {
            for column in 0...row {
                var sum = matrix[row][column]
                for index in 0..<column { sum -= factor[row][index] * factor[column][index] }
                if row == column {
                    guard sum > 1e-12 * matrix[row][row], sum.isFinite else { return nil }
                    factor[row][row] = sum.squareRoot()
                } else {
                    factor[row][column] = sum / factor[column][column]
                }
            }
        }
    }

    /// x with M·x = `right`.
    func solve(_ right: [Double]) -> [Double] {
        var solution = right
        for row in solution.indices {
            for index in 0..<row { solution[row] -= factor[row][index] * solution[index] }
            solution[row] /= factor[row][row]
        }
        for row in solution.indices.reversed() {
            for index in (row + 1)..<solution.count { solution[row] -= factor[index][row] * solution[index] }
            solution[row] /= factor[row][row]
        }
        return solution
    }

    /// L⁻¹ times the rows of a matrix `[size, width]`.
    func reduced(_ rows: DenseRows) -> DenseRows {
        var made = rows.values
        let width = rows.width
        made.withUnsafeMutableBufferPointer { made in
            for row in factor.indices {
                for above in 0..<row {
                    let weight = factor[row][above]
                    for column in 0..<width { made[row * width + column] -= weight * made[above * width + column] }
                }
                for column in 0..<width { made[row * width + column] /= factor[row][row] }
            }
        }
        return DenseRows(count: rows.count, width: width, values: made)
    }

    /// The inverse of M.
    var inverse: [[Double]] {
        factor.indices.map { row in solve(factor.indices.map { $0 == row ? 1 : 0 }) }
    }
}
