/// The cases of a cohort by the set of labels that their slides have, which are the strata of their targets. Cases of one label
/// alone are told apart by it; a case with a normal and a tumour slide is of a third kind, and has both classes.
struct Strata {
    private struct Stratum {
        /// In order.
        var labels: [Int]
        /// In order.
        var cases: [String]

        /// The word of its draws: that of a single label is the label itself.
        var word: String { labels.map(String.init).joined(separator: "+") }
    }

    /// Those of one label first.
    private let strata: [Stratum]
    /// Cases that have what every training part must have and strata do not tell apart, such as a rare label; each in order.
    private let needed: [[String]]

    /// - Parameter needs: what every training part must have. Classes are strata themselves.
    init(_ slides: [CohortSlide], needs: [TargetNeed] = []) {
        needed = needs.map { need in
            Set(slides.lazy.filter { need.isMet($0.target) }.map(\.caseID)).sorted()
        }
        let owned = zip(slides, TargetStrata.of(slides.map(\.target)))
        let labels = Dictionary(grouping: owned, by: \.0.caseID).mapValues { Set($0.map(\.1)).sorted() }
        strata = Dictionary(grouping: labels.keys.sorted(), by: { labels[$0] ?? [] })
            .map { Stratum(labels: $0, cases: $1) }
            .sorted { one, other in
                one.labels.count == other.labels.count
                    ? one.labels.lexicographicallyPrecedes(other.labels) : one.labels.count < other.labels.count
            }
    }

    private var isMixed: Bool { strata.contains { $0.labels.count > 1 } }

    /// How many cases have a stratum.
    private func cases(of label: Int) -> Int {
        strata.reduce(0) { $0 + ($1.labels.contains(label) ? $1.cases.count : 0) }
    }

    /// The classes that there are, of which the fewest cases have the first.
    private var byRarity: [Int] {
        Set(strata.flatMap(\.labels)).sorted { (cases(of: $0), $0) < (cases(of: $1), $1) }
    }

    /// Deals the cases out to `count` folds. Each stratum is spread evenly; of equal folds the next case goes where its rarest
    /// class is rarest, then where there are fewest cases. No fold gets all cases of a class: there
    /// would be none to train on. Where every case has one label this deals on from where the stratum before stopped.
    /// - Returns: the fold of each case.
    func dealt(to count: Int, seed: UInt64) -> [String: Int] {
        var foldOfCase: [String: Int] = [:]
        var sizes = [Int](repeating: 0, count: count)
        var ofClass: [Int: [Int]] = [:]
        let rarity = byRarity
        let totals = Dictionary(uniqueKeysWithValues: rarity.map { ($0, cases(of: $0)) })
        for stratum in strata {
            var random = CounterRandom(seed: seed, "folds", stratum.word)
            var own = [Int](repeating: 0, count: count)
            let labels = rarity.filter(stratum.labels.contains)
            for index in random.permutation(stratum.cases.count) {
                func load(_ fold: Int) -> [Int] {
                    let classes = labels.map { ofClass[$0]?[fold] ?? 0 }
                    let isLast = zip(labels, classes).contains { totals[$0] == $1 + 1 }
                    return [isLast ? 1 : 0, own[fold]] + classes + [sizes[fold]]
                }
                let fold = (0..<count).min { load($0).lexicographicallyPrecedes(load($1)) } ?? 0
                foldOfCase[stratum.cases[index]] = fold
                own[fold] += 1
                sizes[fold] += 1
                for label in labels { ofClass[label, default: [Int](repeating: 0, count: count)][fold] += 1 }
            }
        }
        spread(&foldOfCase, &sizes)
        return foldOfCase
    }

    /// Moves a case of every need whose cases are all tested in one fold: it would be missing from its training part. The first move to
    /// the emptiest fold that leaves fewer such needs is made, of some tens of cases; without one all stays.
    private func spread(_ foldOfCase: inout [String: Int], _ sizes: inout [Int]) {
        func crowded() -> Int {
            needed.count { cases in
                cases.count > 1 && cases.allSatisfy { foldOfCase[$0] == foldOfCase[cases[0]] }
            }
        }
        var left = crowded()
        for cases in needed where left > 0 && cases.count > 1 {
            guard let full = foldOfCase[cases[0]], cases.allSatisfy({ foldOfCase[$0] == full }) else { continue }
            let folds = sizes.indices.filter { $0 != full }.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
            search: for name in cases.prefix(50) {
                for fold in folds {
                    foldOfCase[name] = fold
                    let now = crowded()
                    if now < left {
                        left = now
                        sizes[full] -= 1
                        sizes[fold] += 1
                        break search
                    }
                }
                foldOfCase[name] = full
            }
        }
    }

    /// Gives back of what was drawn one case of each need that would have no other left.
    private func sparing(_ drawn: Set<String>) -> Set<String> {
        var drawn = drawn
        for cases in needed where !cases.isEmpty && cases.allSatisfy(drawn.contains) { drawn.remove(cases[0]) }
        return drawn
    }

    /// Draws a share of the cases such that every class stays among the others and, where that is possible, is drawn too.
    /// - Parameters:
    ///   - name: of what is drawn, so that test and validation parts are drawn apart.
    ///   - fold: folds are drawn apart, too.
    func drawn(_ fraction: Double, seed: UInt64, _ name: String, _ fold: Int) -> Set<String> {
        let orders = strata.map { stratum in
            var random = CounterRandom(seed: seed, name, fold, stratum.word)
            return random.permutation(stratum.cases.count).map { stratum.cases[$0] }
        }
        guard isMixed else {
            return sparing(
                Set(
                    orders.flatMap { cases in
                        let wanted = Int((Double(cases.count) * fraction).rounded())
                        return cases.prefix(max(0, min(cases.count - 1, max(1, wanted))))
                    }
                )
            )
        }
        return sparing(drawnFromMixed(fraction, orders))
    }

    /// Small strata are many here: their shares are rounded together, not each on its own.
    private func drawnFromMixed(_ fraction: Double, _ orders: [[String]]) -> Set<String> {
        var taken = [Int](repeating: 0, count: strata.count)
        var left = Dictionary(uniqueKeysWithValues: byRarity.map { ($0, cases(of: $0)) })
        func canSpare(_ index: Int) -> Bool {
            taken[index] < orders[index].count && strata[index].labels.allSatisfy { (left[$0] ?? 0) > 1 }
        }
        func take(_ index: Int) {
            taken[index] += 1
            for label in strata[index].labels { left[label, default: 0] -= 1 }
        }
        func lack(_ index: Int) -> Double { Double(orders[index].count) * fraction - Double(taken[index]) }
        let total = orders.reduce(0) { $0 + $1.count }
        for _ in 0..<max(1, Int((Double(total) * fraction).rounded())) {
            let open = strata.indices.filter(canSpare)
            // Of equal ones the first.
            guard let next = open.min(by: { lack($0) > lack($1) }) else { break }
            take(next)
        }
        for label in byRarity
        where !strata.indices.contains(where: { taken[$0] > 0 && strata[$0].labels.contains(label) }) {
            if let next = strata.indices.first(where: { strata[$0].labels.contains(label) && canSpare($0) }) {
                take(next)
            }
        }
        return Set(zip(orders, taken).flatMap { $0.prefix($1) })
    }
}
