/// Whether groups differ in survival: the log-rank test (Mantel, Cancer Chemotherapy Reports 50, 1966; Peto and Peto, JRSS A
/// 135, 1972), with as many groups as there are.
struct LogRank: Sendable {
    struct Test: Equatable, Sendable {
        /// χ²
        var statistic: Double
        /// Of freedom: one less than the groups that take part.
        var degrees: Int
        /// Probability of such a statistic, or a larger one, where the groups do not differ.
        var p: Double
    }

    private let followUp: FollowUp
    /// Of each row, as an index.
    private let groups: [Int]
    private let count: Int

    /// - Parameter groups: of each row; any numbers.
    init(_ followUp: FollowUp, groups: [Int]) {
        self.followUp = followUp
        let known = Set(groups).sorted()
        let index = Dictionary(uniqueKeysWithValues: zip(known, known.indices))
        self.groups = groups.map { index[$0] ?? 0 }
        count = known.count
    }

    /// Groups of which no event was to be expected (all censored before the first event) do not take part, as in R's survival.
    /// Not defined with fewer than two groups, without events, or where groups are never at risk together at an event.
    ///
    /// O(n + times · groups²).
    /// - Parameter weights: how often each row counts.
    func test(_ weights: [Int]? = nil) -> Result<Test, Undefined> {
        var atRisk = [Int](repeating: 0, count: count)
        for (row, group) in groups.enumerated() { atRisk[group] += weights?[row] ?? 1 }
        guard atRisk.count(where: { $0 > 0 }) > 1 else { return .undefined("there are not two groups") }
        var excess = [Double](repeating: 0, count: count)
        var expected = excess
        var covariance = [[Double]](repeating: excess, count: count)
        for here in followUp.rows {
            var (dead, gone) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
            for row in here {
                let weight = weights?[row] ?? 1
                gone[groups[row]] += weight
                if followUp.events[row] { dead[groups[row]] += weight }
            }
            let (all, deaths) = (Double(atRisk.reduce(0, +)), Double(dead.reduce(0, +)))
            if deaths > 0 {
                let shares = atRisk.map { Double($0) / all }
                // Of one who dies alone the group is certain.
                let spread = all > 1 ? deaths * (all - deaths) / (all - 1) : 0
                for one in 0..<count {
                    expected[one] += deaths * shares[one]
                    excess[one] += Double(dead[one]) - deaths * shares[one]
                    for other in 0..<count {
                        covariance[one][other] += spread * shares[one] * ((one == other ? 1 : 0) - shares[other])
                    }
                }
            }
            for group in 0..<count { atRisk[group] -= gone[group] }
        }
        let taking = (0..<count).filter { expected[$0] > 0 }
        guard !taking.isEmpty else { return .undefined("there is no event") }
        // The excesses sum to 0: that of the last group says nothing new.
        let free = taking.dropLast()
        guard !free.isEmpty, let factor = Cholesky(free.map { row in free.map { covariance[row][$0] } }) else {
            return .undefined("no two groups are at risk together where an event happens")
        }
        let wanted = free.map { excess[$0] }
        let statistic = zip(wanted, factor.solve(wanted)).reduce(0) { $0 + $1.0 * $1.1 }
        let p = ChiSquare.survival(statistic, degrees: free.count)
        return .success(Test(statistic: statistic, degrees: free.count, p: p))
    }
}
