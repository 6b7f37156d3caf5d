/// A column of a cohort's table, as numbers: one entry for each slide.
public struct CohortColumn: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        /// Index of each slide's group; nil where the cell is empty, or the group has too few cases.
        case groups([Int?], names: [String])
        /// Numbers, or days since 1970 of dates.
        case numbers([Double?])
    }

    public var name: String
    public var values: Values

    public init(_ name: String, _ values: Values) { (self.name, self.values) = (name, values) }

    var isNumber: Bool { if case .numbers = values { true } else { false } }

    /// Whether a slide has a value.
    func isKnown(_ row: Int) -> Bool {
        switch values {
        case .groups(let groups, _): groups[row] != nil
        case .numbers(let numbers): numbers[row] != nil
        }
    }

    /// The values of some slides, all known.
    func drawn(_ rows: [Int]) -> ColumnSample {
        switch values {
        case .groups(let groups, let names):
            let own = rows.map { groups[$0] ?? 0 }
            let order = Set(own).sorted()
            let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
            return ColumnSample(
                .groups(own.map { places[$0] ?? 0 }, count: order.count),
                names: order.map { names[$0] }
            )
        case .numbers(let numbers): return ColumnSample(.numbers(rows.map { numbers[$0] ?? 0 }))
        }
    }
}

/// The values of those slides that have one.
struct ColumnSample {
    enum Values {
        /// From 0 to `count`, each in use.
        case groups([Int], count: Int)
        case numbers([Double])
    }

    var values: Values
    var names: [String]

    init(_ values: Values, names: [String] = []) { (self.values, self.names) = (values, names) }

    func taking(_ places: [Int]) -> ColumnSample {
        switch values {
        case .groups(let groups, let count):
            ColumnSample(.groups(places.map { groups[$0] }, count: count), names: names)
        case .numbers(let numbers): ColumnSample(.numbers(places.map { numbers[$0] }), names: names)
        }
    }

    /// Of each value a number that equal values share.
    private var codes: [Double] {
        switch values {
        case .groups(let groups, _): groups.map(Double.init)
        case .numbers(let numbers): numbers
        }
    }

    /// Whether all slides of every case have one value.
    func isWhole(_ cases: [String]) -> Bool {
        let codes = codes
        var known: [String: Double] = [:]
        return cases.indices.allSatisfy { row in
            let first = known[cases[row]] ?? codes[row]
            known[cases[row]] = first
            return first == codes[row]
        }
    }

    /// Whether values differ between cases of one stratum, so that something is left to tell: two groups of two cases, or five numbers.
    func varies(cases: [String], within strata: [Int]) -> Bool {
        Dictionary(grouping: strata.indices) { strata[$0] }.values.contains { rows in
            let codes = codes
            let owners = Dictionary(grouping: rows) { codes[$0] }.mapValues { Set($0.map { cases[$0] }).count }
            return switch values {
            case .groups: owners.values.count { $0 >= 2 } >= 2
            case .numbers: owners.count >= 5
            }
        }
    }
}

/// Mean ranks from 1; equal numbers share theirs.
func meanRanks(_ values: [Double]) -> [Double] { RankOrder(values).ranks([Int](repeating: 1, count: values.count)) }
