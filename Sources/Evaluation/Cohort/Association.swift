/// How strongly two columns go together, from 0 to 1: Cramér's V of two columns of groups, the correlation ratio of ranks where one
/// is of numbers, Spearman's correlation without its sign of two columns of numbers.
struct Association {
    private let one: ColumnSample

    init(with one: ColumnSample) { self.one = one }

    /// nil where a column does not vary.
    func value(_ other: ColumnSample) -> Double? {
        switch (one.values, other.values) {
        case (.groups(let left, let leftCount), .groups(let right, let rightCount)):
            Self.cramer(left, leftCount, right, rightCount)
        case (.groups(let groups, let count), .numbers(let numbers)),
            (.numbers(let numbers), .groups(let groups, let count)):
            Self.ratio(groups, count, numbers)
        case (.numbers(let left), .numbers(let right)):
            ProbeFigure(strata: left.map { _ in 0 }).correlation(left, right).map(abs)
        }
    }

    /// √(χ²/(n·(k − 1))), k the fewer of both columns' groups.
    private static func cramer(_ left: [Int], _ leftCount: Int, _ right: [Int], _ rightCount: Int) -> Double? {
        let fewer = min(leftCount, rightCount)
        guard fewer > 1 else { return nil }
        var counts = [Double](repeating: 0, count: leftCount * rightCount)
        var (rows, columns) = ([Double](repeating: 0, count: leftCount), [Double](repeating: 0, count: rightCount))
        for (row, column) in zip(left, right) {
            counts[row * rightCount + column] += 1
            rows[row] += 1
            columns[column] += 1
        }
        let total = Double(left.count)
        var square = 0.0
        for row in 0..<leftCount {
            for column in 0..<rightCount {
                let wanted = rows[row] * columns[column] / total
                guard wanted > 0 else { continue }
                let difference = counts[row * rightCount + column] - wanted
                square += difference * difference / wanted
            }
        }
        return min(1, (square / (total * Double(fewer - 1))).squareRoot())
    }

    private static func ratio(_ groups: [Int], _ count: Int, _ numbers: [Double]) -> Double? {
        let middle = Double(numbers.count + 1) / 2
        let ranks = meanRanks(numbers).map { $0 - middle }
        var (sums, sizes) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for (group, rank) in zip(groups, ranks) {
            sums[group] += rank
            sizes[group] += 1
        }
        let whole = DenseRows.dot(ranks, ranks)
        guard whole > 0, count > 1 else { return nil }
        let between = zip(sums, sizes).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.0 / $1.1 : 0) }
        return min(1, (between / whole).squareRoot())
    }
}
