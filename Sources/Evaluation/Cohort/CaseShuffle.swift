public import Records

/// Deals the values of a column anew among cases, so that all slides of a case stay together: what a column looks like that has nothing
/// to do with the slides.
///
/// Where all slides of every case have one value, cases trade it. Else only cases with as many slides trade, slide for slide, and
/// slides of a case trade among each other. Within classes, only cases with the same classes trade, and slides with those of their class.
public struct CaseShuffle: Sendable {
    /// Cases that trade; of each its rows, in order of their strata.
    private let pools: [[[Int]]]
    private let strata: [Int]
    private let isWhole: Bool

    /// - Parameters:
    ///   - cases: of each row.
    ///   - strata: of each row; rows trade within theirs.
    ///   - isWhole: whether all rows of every case have one value.
    public init(cases: [String], strata: [Int], isWhole: Bool) {
        (self.strata, self.isWhole) = (strata, isWhole)
        let rows = Dictionary(grouping: cases.indices) { cases[$0] }.sorted { $0.key < $1.key }.map { entry in
            entry.value.sorted { (strata[$0], $0) < (strata[$1], $1) }
        }
        let pools = Dictionary(grouping: rows) { rows in
            isWhole ? Set(rows.map { strata[$0] }).sorted() : rows.map { strata[$0] }
        }
        self.pools = pools.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    /// Of each row the one whose value it takes.
    public func places(_ random: inout CounterRandom) -> [Int] {
        var places = Array(strata.indices)
        for pool in pools {
            let order = random.permutation(pool.count)
            for (taker, giver) in zip(pool, order.map({ pool[$0] })) {
                if isWhole {
                    for row in taker { places[row] = giver[0] }
                } else {
                    for (row, source) in zip(taker, shuffled(giver, &random)) { places[row] = source }
                }
            }
        }
        return places
    }

    /// Rows of one case, those of a stratum in any order.
    private func shuffled(_ rows: [Int], _ random: inout CounterRandom) -> [Int] {
        var made: [Int] = []
        while made.count < rows.count {
            let run = rows[made.count...].prefix { strata[$0] == strata[rows[made.count]] }
            made += random.permutation(run.count).map { run[run.startIndex + $0] }
        }
        return made
    }
}
