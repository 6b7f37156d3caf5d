import Records

/// The first principal components of rows, as places on a map. The same rows give the same bytes.
public struct PrincipalMap: Sendable {
    /// Of each row its coordinate along every component.
    public let places: [[Double]]
    /// Of each component the share of the variance.
    public let shares: [Double]

    /// Rows are standardised and centred; components are found by orthogonal iteration with Ritz's acceleration on the products of rows
    /// or of columns, whichever are fewer (Golub and Van Loan, Matrix Computations, section 8.2.4). Of each component the place that is
    /// farthest from the middle is positive, of equal ones the first.
    /// - Parameter rows: all of one width, finite.
    public init(_ rows: [[Double]], components: Int = 2) {
        guard let width = rows.first?.count, rows.count > 1, width > 0 else {
            places = rows.map { _ in [Double](repeating: 0, count: components) }
            shares = [Double](repeating: 0, count: components)
            return
        }
        let scaled = FeatureScaling(rows)(rows)
        let isWide = width > rows.count
        let columns = isWide ? scaled : scaled.transposed
        let products = columns.products(with: columns)
        let trace = (0..<products.count).reduce(0) { $0 + products.values[$1 * products.count + $1] }
        let vectors = Self.vectors(products, min(components, products.count))
        var found: [(place: [Double], share: Double)] = vectors.map { vector, value in
            // Of products of rows the vector is the direction of places; of columns rows are laid on it.
            let place = isWide ? vector.map { $0 * max(0, value).squareRoot() } : scaled.times(vector)
            let largest = place.indices.max { abs(place[$0]) < abs(place[$1]) - 1e-9 * abs(place[$1]) } ?? 0
            let sign = (place.indices.contains(largest) ? place[largest] : 0) < 0 ? -1.0 : 1.0
            return (place.map { $0 * sign }, trace > 0 ? max(0, value) / trace : 0)
        }
        while found.count < components { found.append(([Double](repeating: 0, count: rows.count), 0)) }
        places = rows.indices.map { row in found.map { $0.place[row] } }
        shares = found.map(\.share)
    }

    /// Eigenvectors of the largest eigenvalues of a symmetric matrix.
    private static func vectors(_ matrix: DenseRows, _ count: Int) -> [(vector: [Double], value: Double)] {
        // More than asked for, so that eigenvalues close to each other are told apart.
        let width = min(matrix.count, count + 6)
        var random = CounterRandom(seed: 0, "principal map")
        var basis = (0..<width).map { _ in (0..<matrix.count).map { _ in random.uniform(-1, 1) } }
        orthonormalise(&basis)
        var values = [Double](repeating: 0, count: width)
        for _ in 0..<1000 {
            var next = basis.map { matrix.times($0) }
            orthonormalise(&next)
            let images = next.map { matrix.times($0) }
            let inner = next.map { one in images.map { DenseRows.dot(one, $0) } }
            let (found, turned) = Self.eigen(inner)
            next = turned.map { weights in
                var sum = [Double](repeating: 0, count: matrix.count)
                for (weight, vector) in zip(weights, next) {
                    for place in sum.indices { sum[place] += weight * vector[place] }
                }
                return sum
            }
            let change = zip(basis, next).prefix(count).map(Self.distance).max() ?? 0
            (basis, values) = (next, found)
            if change < 1e-12 { break }
        }
        return zip(basis, values).prefix(count).map { ($0, $1) }
    }

    /// Between two directions.
    private static func distance(_ one: [Double], _ other: [Double]) -> Double {
        let sign = DenseRows.dot(one, other) < 0 ? -1.0 : 1.0
        return zip(one, other).reduce(0) { max($0, abs($1.0 - sign * $1.1)) }
    }

    /// Jacobi's rotations (the same book, section 8.5): eigenvalues of a small symmetric matrix, the largest first, with their vectors.
    static func eigen(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
        var rest = matrix
        let places = matrix.indices
        var vectors = places.map { row in places.map { $0 == row ? 1.0 : 0 } }
        for _ in 0..<60 {
            let off = places.reduce(0.0) { sum, row in
                sum + places.reduce(0.0) { $0 + ($1 == row ? 0 : rest[row][$1] * rest[row][$1]) }
            }
            let diagonal = places.reduce(0.0) { $0 + rest[$1][$1] * rest[$1][$1] }
            if off <= 1e-30 * diagonal { break }
            for one in places {
                for other in places.dropFirst(one + 1) where rest[one][other] != 0 {
                    let ratio = (rest[other][other] - rest[one][one]) / (2 * rest[one][other])
                    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (ratio * ratio + 1).squareRoot())
                    let cosine = 1 / (tangent * tangent + 1).squareRoot()
                    let sine = tangent * cosine
                    for place in places {
                        let (left, right) = (rest[place][one], rest[place][other])
                        (rest[place][one], rest[place][other]) = (
                            cosine * left - sine * right, sine * left + cosine * right
                        )
                    }
                    for place in places {
                        let (left, right) = (rest[one][place], rest[other][place])
                        (rest[one][place], rest[other][place]) = (
                            cosine * left - sine * right, sine * left + cosine * right
                        )
                        let (own, next) = (vectors[one][place], vectors[other][place])
                        (vectors[one][place], vectors[other][place]) = (
                            cosine * own - sine * next, sine * own + cosine * next
                        )
                    }
                }
            }
        }
        let order = places.sorted { (rest[$1][$1], $0) < (rest[$0][$0], $1) }
        return (order.map { rest[$0][$0] }, order.map { vectors[$0] })
    }

    /// Gram and Schmidt's, twice: once loses digits.
    private static func orthonormalise(_ basis: inout [[Double]]) {
        for place in basis.indices {
            for _ in 0..<2 {
                for other in 0..<place {
                    let share = DenseRows.dot(basis[place], basis[other])
                    for index in basis[place].indices { basis[place][index] -= share * basis[other][index] }
                }
            }
            let length = DenseRows.dot(basis[place], basis[place]).squareRoot()
            if length > 1e-300 { for index in basis[place].indices { basis[place][index] /= length } }
        }
    }
}

extension DenseRows {
    var transposed: DenseRows {
        var made = [Double](repeating: 0, count: values.count)
        for row in 0..<count { for column in 0..<width { made[column * count + row] = values[row * width + column] } }
        return DenseRows(count: width, width: count, values: made)
    }
}
