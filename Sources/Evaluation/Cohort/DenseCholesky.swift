/// The lower factor L of a large symmetric positive definite matrix, M = L·Lᵀ, row by row in one block of memory.
struct DenseCholesky {
    let count: Int
    private var lower: [Double]

    /// - Parameter matrix: `[count, count]`.
    /// - Returns: nil where the matrix is not positive definite, or nearly singular.
    init?(_ matrix: [Double], count: Int) {
        self.count = count
        lower = matrix
        let isDefinite = lower.withUnsafeMutableBufferPointer { lower in
            let known = UnsafeBufferPointer(lower)
            for row in 0..<count {
                let bound = 1e-12 * lower[row * count + row]
                for column in 0...row {
                    let sum =
                        lower[row * count + column]
                        - DenseRows.dot(known, row * count, known, column * count, column)
                    if row == column {
                        guard sum > bound, sum.isFinite else { return false }
                        lower[row * count + column] = sum.squareRoot()
                    } else {
                        lower[row * count + column] = sum / lower[column * count + column]
                    }
                }
            }
            return true
        }
        guard isDefinite else { return nil }
    }

    /// x with M·x = `right`.
    func solve(_ right: [Double]) -> [Double] {
        var solution = right
        lower.withUnsafeBufferPointer { lower in
            solution.withUnsafeMutableBufferPointer { solution in
                for row in 0..<count {
                    let sum = DenseRows.dot(lower, row * count, UnsafeBufferPointer(solution), 0, row)
                    solution[row] = (solution[row] - sum) / lower[row * count + row]
                }
                for row in (0..<count).reversed() {
                    solution[row] /= lower[row * count + row]
                    for column in 0..<row { solution[column] -= lower[row * count + column] * solution[row] }
                }
            }
        }
        return solution
    }

    /// The inverse of M, `[count, count]`.
    var inverse: [Double] {
        var columns = [Double](repeating: 0, count: count * count)
        var inverse = columns
        lower.withUnsafeBufferPointer { lower in
            columns.withUnsafeMutableBufferPointer { columns in
                // The inverse of L, a column of it in each row here.
                for column in 0..<count {
                    columns[column * count + column] = 1 / lower[column * count + column]
                    for row in (column + 1)..<max(count, column + 1) {
                        let sum = DenseRows.dot(
                            lower,
                            row * count + column,
                            UnsafeBufferPointer(columns),
                            column * count + column,
                            row - column
                        )
                        columns[column * count + row] = -sum / lower[row * count + row]
                    }
                }
            }
            columns.withUnsafeBufferPointer { columns in
                inverse.withUnsafeMutableBufferPointer { inverse in
                    for one in 0..<count {
                        for other in one..<count {
                            let sum = DenseRows.dot(
                                columns,
                                one * count + other,
                                columns,
                                other * count + other,
                                count - other
                            )
                            inverse[one * count + other] = sum
                            inverse[other * count + one] = sum
                        }
                    }
                }
            }
        }
        return inverse
    }
}
