/// How well risks order times: the share of comparable pairs in which the earlier event has the higher risk, equal risks counting
/// half (Harrell et al., Statistics in Medicine 15, 1996), made ready to be computed with any weights.
///
/// Two rows are compared where both are of one group, for risks of different models have no common zero, and the earlier one had the
/// event: at a tie of times, where one had it and the other is censored. Risks within 1e-8 of each other are equal. Both rules
/// are scikit-survival's. All pairs of all groups are pooled.
public struct Concordance: Sendable {
    private struct Row {
        var row: Int
        /// Among the group's risks in ascending order: its own, and where those equal to it begin and end.
        var place: Int
        var lower: Int
        var upper: Int
        /// What each of its pairs counts.
        var factor: Double
    }

    /// Rows of one group that ended at one time.
    private struct Moment {
        var events: [Row] = []
        var censored: [Row] = []
    }

    private struct Group {
        var count: Int
        /// The latest first.
        var moments: [Moment]
    }

    private var groups: [Group] = []
    private let fault: Undefined?

    /// Harrell's C: every pair counts alike, so that it depends on how long rows were observed.
    /// - Parameters:
    ///   - risks: higher for earlier events; one per row.
    ///   - groups: of each row, such as fold and seed; all one where there are none.
    public static func harrell(_ followUp: FollowUp, risks: [Double], groups: [Int]? = nil) -> Concordance {
        Concordance(followUp, risks, groups, factors: risks.map { _ in 1 }, nil)
    }

    /// Uno's C up to τ: pairs whose earlier event is before τ count G(its time)⁻², so that it does not depend on censoring (Uno et
    /// al., Statistics in Medicine 30, 2011).
    ///
    /// Not defined where an event before τ lies where a training part knows no G, or knows it to be 0.
    /// - Parameters:
    ///   - censoring: of the training part of each row's group.
    ///   - until: τ, exclusive; all events where there is none.
    static func uno(
        _ followUp: FollowUp,
        risks: [Double],
        groups: [Int]? = nil,
        censoring: (_ group: Int) -> CensoringCurve,
        until tau: Double? = nil
    ) -> Concordance {
        var fault: Undefined?
        let factors = risks.indices.map { row in
            let time = followUp.times[row]
            guard followUp.events[row], tau.map({ time < $0 }) ?? true else { return 0.0 }
            switch censoring(groups?[row] ?? 0).weight(at: time) {
            case .success(let weight): return weight * weight
            case .failure(let undefined):
                fault = fault ?? undefined
                return 0
            }
        }
        return Concordance(followUp, risks, groups, factors: factors, fault)
    }

    /// Of numbers or grades: pairs of different true values count, in the right order where the higher one is predicted higher.
    static func numbers(_ truth: [Double], predicted: [Double], groups: [Int]? = nil) -> Concordance {
        let all = FollowUp(times: truth, events: truth.map { _ in true })
        return harrell(all, risks: predicted.map(-), groups: groups)
    }

    /// O(n log n).
    private init(_ followUp: FollowUp, _ risks: [Double], _ groups: [Int]?, factors: [Double], _ fault: Undefined?) {
        guard risks.allSatisfy(\.isFinite), followUp.times.allSatisfy(\.isFinite) else {
            self.fault = Undefined("a time or a predicted value is not finite")
            return
        }
        self.fault = fault
        let members = Dictionary(grouping: risks.indices) { groups?[$0] ?? 0 }.sorted { $0.key < $1.key }.map(\.value)
        var made = [Row?](repeating: nil, count: risks.count)
        for member in members {
            let order = member.sorted { (risks[$0], $0) < (risks[$1], $1) }
            let sorted = order.map { risks[$0] }
            var (lower, upper) = (0, 0)
            for (place, row) in order.enumerated() {
                while sorted[place] - sorted[lower] > Self.tie { lower += 1 }
                while upper < sorted.count, sorted[upper] - sorted[place] <= Self.tie { upper += 1 }
                made[row] = Row(row: row, place: place, lower: lower, upper: upper, factor: factors[row])
            }
        }
        var moments = [[Moment]](repeating: [], count: members.count)
        let groupOf = Dictionary(
            uniqueKeysWithValues: members.enumerated().flatMap { index, rows in rows.map { ($0, index) } }
        )
        for rows in followUp.rows.reversed() {
            var here: [Int: Moment] = [:]
            for row in rows {
                guard let made = made[row], let group = groupOf[row] else { continue }
                if followUp.events[row] {
                    here[group, default: Moment()].events.append(made)
                } else {
                    here[group, default: Moment()].censored.append(made)
                }
            }
            for (group, moment) in here { moments[group].append(moment) }
        }
        self.groups = zip(members, moments).map { Group(count: $0.count, moments: $1) }
    }

    private static let tie = 1e-8

    /// What the figure rests on, every row once.
    var support: ConcordanceSupport {
        var support = ConcordanceSupport()
        var (sum, squares) = (0.0, 0.0)
        for group in groups {
            var count = 0
            for moment in group.moments {
                count += moment.censored.count
                for row in moment.events where row.factor > 0 && count > 0 {
                    support.events += 1
                    support.pairs += count
                    let weight = row.factor * Double(count)
                    (sum, squares) = (sum + weight, squares + weight * weight)
                }
                count += moment.events.count
            }
        }
        support.effectiveEvents = squares > 0 ? sum * sum / squares : 0
        return support
    }

    /// Not defined where no two rows can be compared. O(n log n) for every set of weights.
    /// - Parameter weights: how often each row counts.
    public func value(_ weights: [Int]) -> Figure {
        if let fault { return .failure(fault) }
        var (right, all) = (0.0, 0.0)
        for group in groups {
            var later = FenwickTree(places: group.count)
            var count = 0
            func add(_ row: Row) {
                guard weights[row.row] > 0 else { return }
                later.add(weights[row.row], at: row.place)
                count += weights[row.row]
            }
            for moment in group.moments {
                moment.censored.forEach(add)
                for row in moment.events where weights[row.row] > 0 && row.factor > 0 && count > 0 {
                    let weight = Double(weights[row.row]) * row.factor
                    // Those below count whole and equals half: the mean of both sums.
                    right += weight * Double(later.sum(below: row.lower) + later.sum(below: row.upper)) / 2
                    all += weight * Double(count)
                }
                moment.events.forEach(add)
            }
        }
        guard all > 0 else { return .undefined("no two rows can be compared") }
        return .success(right / all)
    }
}
