import Records

/// The outcomes of a stage, and what is asked of them again and again.
final class KnownOutcomes {
    /// Sorted by unit.
    let all: [Outcome]
    private let places: [UnitID: Int]
    private var versions: [String?]?

    init(_ all: [Outcome]) {
        self.all = all
        places = Dictionary(zip(all.map(\.unit), all.indices), uniquingKeysWith: { first, _ in first })
    }

    subscript(unit: UnitID) -> Outcome? { places[unit].map { all[$0] } }

    func status(of unit: UnitID) -> Outcome.Status? { places[unit].map { all[$0].status } }

    /// nil where a unit has no result.
    func version(of unit: UnitID) throws -> String? {
        guard let place = places[unit] else { return nil }
        return try known()[place]
    }

    /// Of all, since who asks for one asks for those of thousands.
    private func known() throws -> [String?] {
        if let versions { return versions }
        let common = CommonLine()
        let made = try all.concurrentMap { $0.hasResult ? try $0.version(common) : nil }
        versions = made
        return made
    }
}
