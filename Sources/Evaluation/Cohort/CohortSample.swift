public import Records

/// What is known of a cohort's slides, an entry for each in every member.
public struct CohortSample: Sendable {
    public var slides: [SlideID]
    public var cases: [String]
    /// What is asked, as classes or a number; nil for other targets, which no column is then held against.
    public var label: CohortColumn?
    /// Mean of every feature over a slide's patches, `[n, D]`.
    public var features: [[Double]]
    /// Of the table.
    public var columns: [CohortColumn]
    public var facts: [Fact]

    /// Numbers of slides that should not give the label away.
    public struct Fact: Sendable, Equatable {
        public var name: String
        /// For readers.
        public var title: String
        /// One or several numbers of each slide, of all as many; nil where they are not known.
        public var values: [[Double]?]

        public init(_ name: String, title: String, _ values: [[Double]?]) {
            (self.name, self.title, self.values) = (name, title, values)
        }
    }

    public init(
        slides: [SlideID],
        cases: [String],
        label: CohortColumn?,
        features: [[Double]],
        columns: [CohortColumn],
        facts: [Fact]
    ) {
        (self.slides, self.cases, self.label) = (slides, cases, label)
        (self.features, self.columns, self.facts) = (features, columns, facts)
    }

    /// The strata that a label makes: its classes; of numbers four groups of the same size. nil of a slide whose label is not known.
    var strata: [Int?] {
        switch label?.values {
        case .groups(let groups, _): return groups
        case .numbers(let numbers):
            let known = numbers.compactMap { $0 }
            var quarters = meanRanks(known).map { min(3, Int(4 * ($0 - 1) / Double(known.count))) }[...]
            return numbers.map { $0 == nil ? nil : quarters.removeFirst() }
        case nil: return slides.map { _ in nil }
        }
    }

    /// Whole cases in a random order, as many as have `limit` slides together at most; all where they are no more.
    func rows(upTo limit: Int, seed: UInt64) -> [Int] {
        guard slides.count > limit else { return Array(slides.indices) }
        let owned = Dictionary(grouping: cases.indices) { cases[$0] }
        let names = owned.keys.sorted()
        var random = CounterRandom(seed: seed, "cohort cases")
        var rows: [Int] = []
        for place in random.permutation(names.count) {
            let own = owned[names[place]] ?? []
            if rows.count + own.count > limit { break }
            rows += own
        }
        return rows.sorted()
    }
}
