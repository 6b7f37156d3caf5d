import Records

/// How well scores of slides agree with a column, counted among slides of one stratum alone.
struct ProbeFigure {
    private let members: [[Int]]

    /// - Parameter strata: of each row.
    init(strata: [Int]) {
        members = Dictionary(grouping: strata.indices) { strata[$0] }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The share of pairs of a positive and another row of its stratum in the right order, ties counting half; nil without a pair.
    func area(_ scores: [Double], positive: [Bool]) -> Double? {
        var (hits, pairs) = (0.0, 0.0)
        for rows in members {
            let positives = rows.count { positive[$0] }
            guard positives > 0, positives < rows.count else { continue }
            let ranks = meanRanks(rows.map { scores[$0] })
            let sum = zip(rows, ranks).reduce(0) { $0 + (positive[$1.0] ? $1.1 : 0) }
            let count = Double(positives)
            hits += sum - count * (count + 1) / 2
            pairs += count * Double(rows.count - positives)
        }
        return pairs > 0 ? hits / pairs : nil
    }

    /// Spearman's correlation within strata: ranks are counted in each and less their mean there; nil where one does not vary.
    func correlation(_ scores: [Double], _ values: [Double]) -> Double? {
        var (both, own, other) = (0.0, 0.0, 0.0)
        for rows in members {
            let middle = Double(rows.count + 1) / 2
            let left = meanRanks(rows.map { scores[$0] }).map { $0 - middle }
            let right = meanRanks(rows.map { values[$0] }).map { $0 - middle }
            // Strata of any size weigh by their slides.
            let weight = 1 / Double(rows.count * rows.count)
            both += weight * DenseRows.dot(left, right)
            own += weight * DenseRows.dot(left, left)
            other += weight * DenseRows.dot(right, right)
        }
        return own > 0 && other > 0 ? both / (own * other).squareRoot() : nil
    }
}

/// A linear probe: how well rows of numbers tell a column, each row by the cases of the other folds.
struct LinearProbe {
    /// Of the ridge regression, where the products of a row with itself are 1 on average.
    static let penalty = 0.1
    static let folds = 5

    private let smoother: RidgeSmoother
    private let figure: ProbeFigure

    /// - Parameters:
    ///   - products: of every row with every other, `[n, n]`.
    ///   - strata: within which the column is to be told; all 0 where that does not matter.
    /// - Returns: nil where the rows cannot be parted so that every stratum is known outside of every fold.
    init?(_ products: DenseRows, cases: [String], strata: [Int], seed: UInt64) {
        let folds = CaseFolds(cases: cases, strata: strata, count: Self.folds, seed: seed).rows
        guard folds.count > 1,
            let smoother = RidgeSmoother(products, penalty: Self.penalty, groups: strata, folds: folds)
        else { return nil }
        self.smoother = smoother
        figure = ProbeFigure(strata: strata)
    }

    /// Of groups the mean of every group's AUC against the rest, of two that of the second; of numbers the rank correlation.
    func value(_ sample: ColumnSample) -> Double? {
        switch sample.values {
        case .groups(let groups, let count):
            let areas = Metrics.counted(count).compactMap { group in
                let isOwn = groups.map { $0 == group }
                return figure.area(smoother.scores(isOwn.map { $0 ? 1 : 0 }), positive: isOwn)
            }
            return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
        case .numbers(let numbers):
            let count = Double(numbers.count)
            let ranks = meanRanks(numbers).map { $0 / count }
            return figure.correlation(smoother.scores(ranks), numbers)
        }
    }
}

/// Cases dealt to folds, those of each set of strata evenly; a column is not looked at, so that a permuted one meets the same folds.
struct CaseFolds {
    /// Rows of each fold that has some.
    let rows: [[Int]]

    init(cases: [String], strata: [Int], count: Int, seed: UInt64) {
        let owned = Dictionary(grouping: cases.indices) { cases[$0] }
        let pools = Dictionary(grouping: owned.keys.sorted()) { name in
            Set((owned[name] ?? []).map { strata[$0] }).sorted()
        }
        var folds = [[Int]](repeating: [], count: count)
        var next = 0
        for pool in pools.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            var random = CounterRandom(seed: seed, "cohort folds", pool.key.map(String.init).joined(separator: "+"))
            for place in random.permutation(pool.value.count) {
                folds[next % count] += owned[pool.value[place]] ?? []
                next += 1
            }
        }
        rows = folds.filter { !$0.isEmpty }.map { $0.sorted() }
    }
}
