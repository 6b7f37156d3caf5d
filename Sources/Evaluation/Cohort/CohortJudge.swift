import Records

/// Looks for what a model could learn in place of the label: columns of the table that features tell and that go with the label, and
/// facts of files that give the label away.
public struct CohortJudge: Sendable {
    public struct Findings: Sendable {
        /// How well features tell the label; beside the others, and not one of the tests that Holm counts.
        public var label: PermutationTest?
        public var columns: [ColumnFinding]
        public var leaks: [LeakFinding]
        /// Of every test, at most.
        public var permutations: Int
        /// The slides that were looked at.
        public var slides: Int
    }

    /// Of all tests together: the chance that a cohort without a shortcut is said to have one.
    public static let level = 0.05
    /// Beyond this inverses take minutes; whole cases are drawn then.
    public static let mostSlides = 1500
    /// Fewer say nothing.
    static let fewestCases = 10

    private let sample: CohortSample
    private let seed: UInt64
    private let rows: [Int]
    private let products: DenseRows
    private let strata: [Int?]
    private let permutations: Int

    /// - Parameter permutations: of every test; more where so many tests are made that no p could hold after Holm.
    public init(_ sample: CohortSample, permutations: Int = 999, seed: UInt64) {
        (self.sample, self.seed) = (sample, seed)
        rows = sample.rows(upTo: Self.mostSlides, seed: seed)
        strata = sample.strata
        let features = rows.map { sample.features[$0] }
        let scaled = features.isEmpty ? DenseRows([], width: 0) : FeatureScaling(features)(features)
        products = scaled.products(with: scaled)
        let tests = 3 * sample.columns.count + sample.facts.count
        self.permutations = max(permutations, 40 * tests - 1)
    }

    /// - Parameter looked: is told the name of each column and fact when it is done.
    public func findings(looked: (String) -> Void = { _ in }) -> Findings {
        var columns = sample.columns.map { column in
            defer { looked(column.name) }
            return finding(column)
        }
        var leaks = sample.facts.map { fact in
            defer { looked(fact.name) }
            return finding(fact)
        }
        adjust(&columns, &leaks)
        return Findings(
            label: labelTest,
            columns: columns,
            leaks: leaks,
            permutations: permutations,
            slides: rows.count
        )
    }

    private func adjust(_ columns: inout [ColumnFinding], _ leaks: inout [LeakFinding]) {
        let tests = columns.flatMap { [$0.features, $0.within, $0.label] } + leaks.map(\.test)
        var adjusted = Holm.adjusted(tests.compactMap { $0?.p })[...]
        for place in columns.indices {
            for path in [\ColumnFinding.features, \.within, \.label] where columns[place][keyPath: path] != nil {
                columns[place][keyPath: path]?.adjusted = adjusted.removeFirst()
            }
            columns[place].judge(level: Self.level)
        }
        for place in leaks.indices where leaks[place].test != nil {
            leaks[place].test?.adjusted = adjusted.removeFirst()
            leaks[place].isTold = (leaks[place].test?.adjusted ?? 1) <= Self.level
        }
    }

    private var labelTest: PermutationTest? {
        guard let label = sample.label else { return nil }
        let known = rows.filter(label.isKnown)
        let cases = known.map { sample.cases[$0] }
        guard Set(cases).count >= Self.fewestCases else { return nil }
        return probed(label.drawn(known), products.among(known, of: rows), cases, known.map { _ in 0 }, "label")
    }

    private func finding(_ column: CohortColumn) -> ColumnFinding {
        let known = rows.filter(column.isKnown)
        let cases = known.map { sample.cases[$0] }
        let drawn = column.drawn(known)
        var finding = ColumnFinding(
            name: column.name,
            isNumber: column.isNumber,
            slides: known.count,
            cases: Set(cases).count,
            groups: Self.groups(drawn, cases)
        )
        guard finding.cases >= Self.fewestCases else {
            finding.reason = "fewer than \(Self.fewestCases) cases have a value"
            return finding
        }
        let own = products.among(known, of: rows)
        let alike = known.map { _ in 0 }
        finding.features = probed(drawn, own, cases, alike, column.name)
        if finding.features == nil { finding.reason = "the values do not vary enough for a probe" }
        guard let label = sample.label else { return finding }
        let both = known.filter(label.isKnown)
        switch within(column, both) {
        case .success(let test): finding.within = test
        case .failure(let fault):
            finding.isInseparable = fault == .doesNotVary
            finding.reason = finding.reason ?? fault.rawValue
        }
        finding.label = associated(column.drawn(both), label.drawn(both), both.map { sample.cases[$0] }, column.name)
        if finding.label == nil {
            finding.reason = finding.reason ?? "the label does not vary among the slides that have a value"
        }
        return finding
    }

    /// Why a column is not tested within classes.
    private enum WithinFault: String, Error {
        case fewCases = "no class has five cases with a value, so that the column was not looked at within classes"
        case doesNotVary = "no class has enough cases of two values, so that column and label cannot be told apart"
        case variesInSmall = "only classes of fewer than five cases have several values; they are not looked at"
        case noProbe = "within classes the values do not vary enough for a probe"
    }

    /// Among the slides of classes with five cases at least.
    /// - Parameter known: slides whose value and label are known.
    private func within(_ column: CohortColumn, _ known: [Int]) -> Result<PermutationTest, WithinFault> {
        let classes = known.map { strata[$0] ?? 0 }
        let owners = Dictionary(grouping: known.indices) { classes[$0] }.mapValues { places in
            Set(places.map { sample.cases[known[$0]] }).count
        }
        let large = owners.filter { $0.value >= LinearProbe.folds }.keys.sorted()
        let places = Dictionary(uniqueKeysWithValues: large.enumerated().map { ($1, $0) })
        let (kept, own) = zip(known, classes).reduce(into: ([Int](), [Int]())) { made, entry in
            guard let place = places[entry.1] else { return }
            made.0.append(entry.0)
            made.1.append(place)
        }
        guard !kept.isEmpty else { return .failure(.fewCases) }
        let cases = kept.map { sample.cases[$0] }
        let drawn = column.drawn(kept)
        guard drawn.varies(cases: cases, within: own) else {
            let varies = column.drawn(known).varies(cases: known.map { sample.cases[$0] }, within: classes)
            return .failure(varies ? .variesInSmall : .doesNotVary)
        }
        let near = products.among(kept, of: rows)
        guard let test = probed(drawn, near, cases, own, "\(column.name) within classes") else {
            return .failure(.noProbe)
        }
        return .success(test)
    }

    private func probed(
        _ drawn: ColumnSample,
        _ products: DenseRows,
        _ cases: [String],
        _ strata: [Int],
        _ purpose: String
    ) -> PermutationTest? {
        guard let probe = LinearProbe(products, cases: cases, strata: strata, seed: seed),
            let value = probe.value(drawn)
        else { return nil }
        let shuffle = CaseShuffle(cases: cases, strata: strata, isWhole: drawn.isWhole(cases))
        let random = CounterRandom(seed: seed, "cohort probe", purpose)
        return PermutationTest(value, shuffle, permutations: permutations, random) { probe.value(drawn.taking($0)) }
    }

    private func associated(
        _ drawn: ColumnSample,
        _ label: ColumnSample,
        _ cases: [String],
        _ purpose: String
    ) -> PermutationTest? {
        let association = Association(with: label)
        guard let value = association.value(drawn) else { return nil }
        let shuffle = CaseShuffle(cases: cases, strata: cases.map { _ in 0 }, isWhole: drawn.isWhole(cases))
        let random = CounterRandom(seed: seed, "cohort association", purpose)
        return PermutationTest(value, shuffle, permutations: permutations, random) {
            association.value(drawn.taking($0))
        }
    }

    private func finding(_ fact: CohortSample.Fact) -> LeakFinding {
        var finding = LeakFinding(name: fact.name, title: fact.title, slides: 0)
        guard let label = sample.label else { return finding }
        finding.isNumber = label.isNumber
        let known = rows.filter { fact.values[$0] != nil && label.isKnown($0) }
        finding.slides = known.count
        let cases = known.map { sample.cases[$0] }
        guard Set(cases).count >= Self.fewestCases else {
            finding.reason = "fewer than \(Self.fewestCases) cases have such numbers"
            return finding
        }
        let numbers = known.map { fact.values[$0] ?? [] }
        let scaled = FeatureScaling(numbers)(numbers)
        let alike = known.map { _ in 0 }
        let products = scaled.products(with: scaled)
        // Of constant numbers the last bits would be ranked.
        guard scaled.values.contains(where: { $0 != 0 }) else {
            finding.reason = "all slides have the same"
            return finding
        }
        finding.test = probed(label.drawn(known), products, cases, alike, "fact \(fact.name)")
        if finding.test == nil { finding.reason = "the labels do not vary enough for a probe" }
        return finding
    }

    private static func groups(_ drawn: ColumnSample, _ cases: [String]) -> [ColumnFinding.Group] {
        guard case .groups(let groups, _) = drawn.values else { return [] }
        return drawn.names.enumerated().map { place, name in
            let own = groups.indices.filter { groups[$0] == place }
            return ColumnFinding.Group(name: name, slides: own.count, cases: Set(own.map { cases[$0] }).count)
        }
    }
}

extension DenseRows {
    /// Of a square table of rows with rows those of some, given as members of `all`, which is sorted.
    func among(_ some: [Int], of all: [Int]) -> DenseRows {
        guard some.count < all.count else { return self }
        let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
        let kept = some.compactMap { places[$0] }
        var made: [Double] = []
        made.reserveCapacity(kept.count * kept.count)
        for row in kept { for column in kept { made.append(values[row * width + column]) } }
        return DenseRows(count: kept.count, width: kept.count, values: made)
    }
}
