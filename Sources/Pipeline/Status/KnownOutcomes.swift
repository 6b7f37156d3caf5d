import Records

/// The outcomes of a stage in brief, by their units.
final class KnownOutcomes {
    /// Sorted by unit.
    let all: [OutcomeBrief]
    private let places: [UnitID: Int]
    /// What `Lineage` has found of each.
    private var changes: [[String]?]

    init(_ all: [OutcomeBrief]) {
        self.all = all
        changes = Array(repeating: nil, count: all.count)
        places = Dictionary(zip(all.map(\.unit), all.indices), uniquingKeysWith: { first, _ in first })
    }

    subscript(unit: UnitID) -> OutcomeBrief? { places[unit].map { all[$0] } }

    /// Asked once of each unit.
    /// - Returns: nil where there is none.
    func changes(_ unit: UnitID, _ find: (OutcomeBrief) throws -> [String]) rethrows -> [String]? {
        try places[unit].map { try changes(at: $0, find) }
    }

    /// The same of one in `all`.
    func changes(at place: Int, _ find: (OutcomeBrief) throws -> [String]) rethrows -> [String] {
        if let known = changes[place] { return known }
        let found = try find(all[place])
        changes[place] = found
        return found
    }
}
