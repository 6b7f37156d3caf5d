/// What splits spread evenly, and balanced sampling draws from alike.
public enum TargetStrata {
    /// Groups of a quantity that are told apart.
    private static let groups = 4

    /// Of each target its stratum: of classes the class itself; of labels the set of those that are there, rare sets being one
    /// together; of numbers the quarter of all values; of survival the quarter of the times, apart with and without event.
    /// Of several targets that of the first; where it is not known, all are of one more.
    /// - Parameter targets: of one kind.
    public static func of(_ targets: [Target]) -> [Int] {
        switch targets.first {
        case nil: return []
        case .several: return ofSeveral(targets)
        case .class, .ordinal: return targets.map { $0.label ?? $0.grade ?? 0 }
        case .labels: return sets(targets.map { $0.labels ?? [] })
        case .number:
            let numbers = targets.map { $0.number ?? 0 }
            let edges = edges(of: numbers)
            return numbers.map { number in place(of: number, in: edges) }
        case .survival:
            let times = targets.map { $0.survival ?? SurvivalTime(1, isEvent: false) }
            let edges = [false, true].map { isEvent in
                Self.edges(of: times.filter { $0.isEvent == isEvent }.map(\.time))
            }
            return times.map { time in
                (time.isEvent ? groups : 0) + place(of: time.time, in: edges[time.isEvent ? 1 : 0])
            }
        }
    }

    private static func ofSeveral(_ targets: [Target]) -> [Int] {
        let known = targets.indices.filter { targets[$0].main != nil }
        let strata = of(known.compactMap { targets[$0].main })
        var all = [Int](repeating: (strata.max() ?? -1) + 1, count: targets.count)
        for (place, stratum) in zip(known, strata) { all[place] = stratum }
        return all
    }

    /// The upper ends of all groups but the last. Few values are not told apart: a group of less than ten says little.
    private static func edges(of values: [Double]) -> [Double] {
        let sorted = values.sorted()
        let count = min(groups, max(1, sorted.count / 10))
        return (1..<max(1, count)).map { sorted[sorted.count * $0 / count] }
    }

    private static func place(of value: Double, in edges: [Double]) -> Int { edges.count { $0 <= value } }

    /// By how often a set occurs, the commonest first; those of less than ten are one, as are unknown labels with absent ones.
    private static func sets(_ labels: [[Bool?]]) -> [Int] {
        let sets = labels.map { $0.map { $0 == true } }
        let counts = Dictionary(grouping: sets, by: { $0 }).mapValues(\.count)
        let common = counts.filter { $0.value >= 10 }
            .sorted { one, other in
                (other.value, word(one.key)) < (one.value, word(other.key))
            }
            .map(\.key)
        let places = Dictionary(uniqueKeysWithValues: common.enumerated().map { ($1, $0) })
        return sets.map { places[$0] ?? common.count }
    }

    private static func word(_ set: [Bool]) -> String { String(set.map { $0 ? "1" : "0" }) }
}
