import Records

/// The outcomes of a stage in brief, by their units.
final class KnownOutcomes {
    /// Sorted by unit.
    let all: [OutcomeBrief]
    private let places: [UnitID: Int]

    init(_ all: [OutcomeBrief]) {
        self.all = all
        places = Dictionary(zip(all.map(\.unit), all.indices), uniquingKeysWith: { first, _ in first })
    }

    subscript(unit: UnitID) -> OutcomeBrief? { places[unit].map { all[$0] } }
}
