import Records

/// Groups of rows that are near to each other: Lloyd's k-means from k-means++ (Arthur and Vassilvitskii, SODA 2007). The same rows
/// and seed give the same groups.
public struct Clusters: Sendable {
    /// Of each row its group; groups are in order of their size, the largest first.
    public let groups: [Int]
    /// Of each group the rows nearest to its middle, the nearest first.
    public let examples: [[Int]]

    /// - Parameters:
    ///   - rows: all of one width; they are standardised.
    ///   - count: groups; fewer where there are fewer different rows.
    ///   - examples: of each group.
    public init(_ rows: [[Double]], count: Int, examples: Int, seed: UInt64) {
        guard !rows.isEmpty else {
            (groups, self.examples) = ([], [])
            return
        }
        let scaled = FeatureScaling(rows)(rows)
        let norms = (0..<scaled.count).map { DenseRows.dot(scaled[$0], scaled[$0]) }
        var middles = Self.chosen(scaled, norms, count, seed)
        var owners: [Int] = []
        var nearest: [Double] = []
        for _ in 0..<100 {
            let found = Self.assigned(scaled, norms, middles)
            nearest = found.map(\.square)
            let isSame = found.map(\.group) == owners
            owners = found.map(\.group)
            if isSame { break }
            middles = Self.means(scaled, owners, middles)
        }
        let sizes = middles.indices.map { group in owners.count { $0 == group } }
        let order = middles.indices.filter { sizes[$0] > 0 }.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        let groups = owners.map { places[$0] ?? 0 }
        self.groups = groups
        self.examples = order.indices.map { group in
            let own = groups.indices.filter { groups[$0] == group }
            return Array(own.sorted { (nearest[$0], $0) < (nearest[$1], $1) }.prefix(examples))
        }
    }

    private static func chosen(_ rows: DenseRows, _ norms: [Double], _ count: Int, _ seed: UInt64) -> DenseRows {
        var random = CounterRandom(seed: seed, "cohort clusters")
        var picked = [random.index(below: rows.count)]
        var squares = [Double](repeating: .infinity, count: rows.count)
        while true {
            let last = picked[picked.count - 1]
            let products = rows.times(rows[last])
            for row in squares.indices {
                squares[row] = min(squares[row], max(0, norms[row] + norms[last] - 2 * products[row]))
            }
            squares[last] = 0
            let whole = squares.reduce(0, +)
            guard picked.count < count, whole > 1e-12 else { break }
            var left = random.uniform() * whole
            let next = squares.indices.first { row in
                left -= squares[row]
                return left < 0
            }
            picked.append(next ?? squares.indices.max { squares[$0] < squares[$1] } ?? 0)
        }
        return DenseRows(picked.map { rows[$0] }, width: rows.width)
    }

    private static func assigned(
        _ rows: DenseRows,
        _ norms: [Double],
        _ middles: DenseRows
    ) -> [(group: Int, square: Double)] {
        let products = rows.products(with: middles)
        let lengths = (0..<middles.count).map { DenseRows.dot(middles[$0], middles[$0]) }
        return (0..<rows.count).map { row in
            var best = (group: 0, square: Double.infinity)
            for group in 0..<middles.count {
                let square = norms[row] + lengths[group] - 2 * products.values[row * middles.count + group]
                if square < best.square { best = (group, square) }
            }
            return best
        }
    }

    /// Of a group without a row the middle stays.
    private static func means(_ rows: DenseRows, _ owners: [Int], _ middles: DenseRows) -> DenseRows {
        let means = (0..<middles.count).map { group in
            let weights = owners.map { $0 == group ? 1.0 : 0 }
            let count = weights.reduce(0, +)
            return count > 0 ? rows.sum(weights).map { $0 / count } : middles[group]
        }
        return DenseRows(means, width: rows.width)
    }
}

extension DenseRows { fileprivate var indices: Range<Int> { 0..<count } }
