/// The lower factor L of a symmetric positive definite matrix, M = L·Lᵀ, row by row in one block of memory.
struct Cholesky {
    let count: Int
    private var lower: [Double]

    /// - Parameter matrix: its rows.
    /// - Returns: as the other.
    init?(_ matrix: [[Double]]) { self.init(matrix.flatMap { $0 }, count: matrix.count) }

    /// - Parameter matrix: `[count, count]`; only what is not above the diagonal is read.
    /// - Returns: nil where the matrix is not positive definite, or so nearly singular that a row is the others' sum.
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

    /// L⁻¹ times the rows of a matrix `[count, width]`.
    func reduced(_ rows: DenseRows) -> DenseRows {
        var made = rows.values
        let width = rows.width
        made.withUnsafeMutableBufferPointer { made in
            for row in 0..<count {
                for above in 0..<row {
                    let weight = lower[row * count + above]
                    for column in 0..<width { made[row * width + column] -= weight * made[above * width + column] }
                }
                for column in 0..<width { made[row * width + column] /= lower[row * count + row] }
            }
        }
        return DenseRows(count: rows.count, width: width, values: made)
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
