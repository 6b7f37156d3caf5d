/// Whether predicted survival at a time means what it says: rows in groups of about equal size by what was predicted for them, each
/// with the survival that the Kaplan-Meier estimate observes in it (D'Agostino and Nam, Handbook of Statistics 23, 2003).
enum SurvivalCalibration {
    struct Group: Sendable {
        /// Rows, each as often as its weight says.
        var count: Int
        /// Mean predicted S(t).
        var predicted: Double
        /// Observed S(t). Not defined where all that are left of the group are censored before t.
        var observed: Figure
        /// Of the observed.
        var interval: Result<ClosedRange<Double>, Undefined>
    }

    /// From the lowest predicted survival to the highest; rows of equal predictions stay together, so that groups may be fewer.
    /// Not defined where a prediction is not in 0...1 or there are no rows. O(n log n).
    /// - Parameters:
    ///   - survival: S(`time`) of each row.
    ///   - count: of groups.
    ///   - weights: how often each row counts.
    static func groups(
        _ followUp: FollowUp,
        survival: [Double],
        at time: Double,
        count: Int,
        confidence: Double,
        weights: [Int]? = nil
    ) -> Result<[Group], Undefined> {
        guard survival.allSatisfy((0...1).contains) else { return .failure(.outside) }
        let weights = weights ?? survival.map { _ in 1 }
        let total = weights.reduce(0, +)
        guard total > 0 else { return .undefined("nothing was tested") }
        var members = [[Int]](repeating: [], count: count)
        var (before, first, last) = (0, 0, Double?.none)
        for row in survival.indices.sorted(by: { (survival[$0], $0) < (survival[$1], $1) }) {
            if survival[row] != last { first = before }
            last = survival[row]
            if weights[row] > 0 { members[min(count - 1, first * count / total)].append(row) }
            before += weights[row]
        }
        return .success(
            members.filter { !$0.isEmpty }.map { rows in
                let own = rows.map { weights[$0] }
                let size = own.reduce(0, +)
                let curve = KaplanMeier.fitted(
                    FollowUp(times: rows.map { followUp.times[$0] }, events: rows.map { followUp.events[$0] }),
                    weights: own
                )
                let sum = zip(rows, own).reduce(0) { $0 + survival[$1.0] * Double($1.1) }
                return Group(
                    count: size,
                    predicted: sum / Double(size),
                    observed: curve.flatMap { $0.survival(at: time) },
                    interval: curve.flatMap { $0.interval(at: time, confidence: confidence) }
                )
            }
        )
    }
}
