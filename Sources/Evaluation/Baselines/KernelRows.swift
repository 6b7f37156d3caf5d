import Foundation
import Records

/// How alike two rows are.
enum Kernel: Equatable {
    /// Their product.
    case linear
    /// e^(−distance² / 2 width²).
    case gaussian(width: Double)

    /// - Parameters:
    ///   - products: of rows and others, `[rows, others]`.
    ///   - squares: each one's product with itself.
    func callAsFunction(_ products: DenseRows, _ squares: [Double], _ others: [Double]) -> DenseRows {
        guard case .gaussian(let width) = self else { return products }
        return products.mapped { exp(-max(0, squares[$0] + others[$1] - 2 * $2) / (2 * width * width)) }
    }
}

/// Rows whose products are a kernel's, so that a linear model of them is the kernel's: L⁻¹k with K = L·Lᵀ over the training rows. Of
/// more than `most` of these, so many carry the kernel (Nyström: Williams and Seeger, NeurIPS 13, 2001).
struct KernelRows {
    static let most = 1000

    /// The rows that carry the kernel, and their squares.
    private let carriers: DenseRows
    private let squares: [Double]
    private let products: DenseRows
    /// The median distance between two carriers; 0 where all are equal.
    let medianDistance: Double

    init(_ training: DenseRows, most: Int = KernelRows.most) {
        var places = Array(0..<training.count)
        if places.count > most {
            var random = CounterRandom(seed: 0, "kernel")
            places = random.permutation(training.count).prefix(most).sorted()
        }
        let carriers = DenseRows(places.map { training[$0] }, width: training.width)
        let products = carriers.products(with: carriers)
        let squares = (0..<carriers.count).map { products.values[$0 * carriers.count + $0] }
        (self.carriers, self.products, self.squares) = (carriers, products, squares)
        var distances: [Double] = []
        for row in 0..<carriers.count {
            for other in 0..<row {
                let product = products.values[row * carriers.count + other]
                distances.append(max(0, squares[row] + squares[other] - 2 * product))
            }
        }
        distances.sort()
        medianDistance = distances.isEmpty ? 0 : distances[distances.count / 2].squareRoot()
    }

    /// What makes rows of the kernel's.
    func map(_ kernel: Kernel) -> (DenseRows) -> DenseRows {
        let factor = Factor(kernel(products, squares, squares))
        return { rows in
            let own = (0..<rows.count).map { row in DenseRows.dot(rows[row], rows[row]) }
            return factor.solved(kernel(rows.products(with: carriers), own, squares))
        }
    }

    /// L of a symmetric matrix without negative eigenvalues. A row that depends on those above it has no direction of its own.
    private struct Factor {
        private var values: [Double]
        private let size: Int

        init(_ matrix: DenseRows) {
            let size = matrix.count
            self.size = size
            values = matrix.values
            let least = 1e-10 * ((0..<size).map { matrix.values[$0 * size + $0] }.max() ?? 0)
            values.withUnsafeMutableBufferPointer { values in
                let all = UnsafeBufferPointer(values)
                for row in 0..<size {
                    for column in 0...row {
                        let rest =
                            values[row * size + column] - DenseRows.dot(all, row * size, all, column * size, column)
                        let pivot = values[column * size + column]
                        values[row * size + column] =
                            row == column
                            ? (rest > least ? rest.squareRoot() : 0) : (pivot > 0 ? rest / pivot : 0)
                    }
                    for column in (row + 1)..<max(size, row + 1) { values[row * size + column] = 0 }
                }
            }
        }

        /// Of every row x of `right`, y with L·y = x.
        func solved(_ right: DenseRows) -> DenseRows {
            var made = right.values
            made.withUnsafeMutableBufferPointer { made in
                values.withUnsafeBufferPointer { factor in
                    let all = UnsafeBufferPointer(made)
                    for row in 0..<right.count {
                        for place in 0..<size {
                            let pivot = factor[place * size + place]
                            let rest =
                                made[row * size + place]
                                - DenseRows.dot(all, row * size, factor, place * size, place)
                            made[row * size + place] = pivot > 0 ? rest / pivot : 0
                        }
                    }
                }
            }
            return DenseRows(count: right.count, width: size, values: made)
        }
    }
}
