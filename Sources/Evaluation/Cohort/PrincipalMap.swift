import Records

/// The first principal components of rows, as places on a map. The same rows give the same bytes.
public struct PrincipalMap: Sendable {
    /// Of each row its coordinate along every component.
    public let places: [[Double]]
    /// Of each component the share of the variance.
    public let shares: [Double]

    /// Rows are standardised and centred; components are found by orthogonal iteration on the products of rows or of columns,
    /// whichever are fewer (Golub and Van Loan, Matrix Computations, section 8.2.4). Of each component the entry of the largest size is
    /// positive, of equal ones the first.
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
        for _ in 0..<500 {
            var next = basis.map { matrix.times($0) }
            let now = zip(basis, next).map { DenseRows.dot($0, $1) }
            orthonormalise(&next)
            let change = zip(basis, next).prefix(count).map { 1 - abs(DenseRows.dot($0, $1)) }.max() ?? 0
            (basis, values) = (next, now)
            if change < 1e-14 { break }
        }
        return zip(basis, values).prefix(count).map { ($0, $1) }
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
