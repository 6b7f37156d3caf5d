/// How far raters agree on categories. Every value is of rows, one for each thing that was rated, with the number of the
/// category that each rater gave, and of how often each row counts; nil where it is not defined.
enum AgreementStatistics {
    /// Share of the pairs of ratings of one thing that are equal: of two raters, p_o of Cohen (1960); of more, the mean P̄ of
    /// Fleiss (1971).
    static func raw(_ rows: [[Int]], _ weights: [Int]) -> Double? {
        guard let agreeing = Pairs(rows, weights), agreeing.all > 0 else { return nil }
        return Double(agreeing.equal) / Double(agreeing.all)
    }

    /// κ = (p_o − p_e) / (1 − p_e) of two raters, where p_o is the share of things on which they agree and p_e = Σ p_i q_i
    /// what their own shares of each category make of chance. J. Cohen, A coefficient of agreement for nominal scales,
    /// Educational and Psychological Measurement 20 (1960) 37–46.
    ///
    /// With whole numbers up to the last step, so that it is not defined exactly where both always give the same one category.
    static func cohen(_ rows: [[Int]], _ weights: [Int]) -> Double? {
        let count = categories(rows)
        var (first, second) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
        var (all, equal) = (0, 0)
        for (row, weight) in zip(rows, weights) {
            precondition(row.count == 2, "Cohen's κ is of two raters")
            first[row[0]] += weight
            second[row[1]] += weight
            all += weight
            if row[0] == row[1] { equal += weight }
        }
        let chance = zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
        guard all * all > chance else { return nil }
        return Double(all * equal - chance) / Double(all * all - chance)
    }

    /// κ = (P̄ − P̄_e) / (1 − P̄_e) of any number of raters, the same for each thing, where P̄ is the mean share of equal pairs
    /// and P̄_e = Σ p_j² of the shares of the categories in all ratings. J. L. Fleiss, Measuring nominal scale agreement
    /// among many raters, Psychological Bulletin 76 (1971) 378–382. Of two raters this is Scott's π, not Cohen's κ.
    static func fleiss(_ rows: [[Int]], _ weights: [Int]) -> Double? {
        guard let pairs = Pairs(rows, weights), pairs.all > 0 else { return nil }
        var counts = [Int](repeating: 0, count: categories(rows))
        for (row, weight) in zip(rows, weights) { for category in row { counts[category] += weight } }
        let all = counts.reduce(0, +)
        let squares = counts.reduce(0) { $0 + $1 * $1 }
        guard all * all > squares else { return nil }
        // Over one denominator, so that what is no more than chance is 0 and not almost so.
        let (square, chance) = (Double(all * all), Double(squares))
        return (Double(pairs.equal) * square - chance * Double(pairs.all)) / (Double(pairs.all) * (square - chance))
    }

    /// How many things the first of two raters gave the category of the row and the second that of the column.
    static func table(_ rows: [[Int]], categories: Int) -> [[Int]] {
        var table = [[Int]](repeating: [Int](repeating: 0, count: categories), count: categories)
        for row in rows { table[row[0]][row[1]] += 1 }
        return table
    }

    private static func categories(_ rows: [[Int]]) -> Int { (rows.lazy.compactMap { $0.max() }.max() ?? -1) + 1 }

    /// Ordered pairs of different raters of one thing.
    private struct Pairs {
        var all = 0
        var equal = 0

        init?(_ rows: [[Int]], _ weights: [Int]) {
            guard let raters = rows.first?.count, raters > 1 else { return nil }
            for (row, weight) in zip(rows, weights) where weight > 0 {
                precondition(row.count == raters, "every thing has the same number of ratings")
                var same = 0
                for one in row { for other in row where one == other { same += 1 } }
                equal += weight * (same - raters)
                all += weight * raters * (raters - 1)
            }
        }
    }
}
