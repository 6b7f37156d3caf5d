/// How long rows were observed and whether that ended with the event, in order of time, made ready to be counted with any
/// weights.
///
/// Rows are slides or cases; times are finite, of any unit, as long as it is the same for all. At a tie events come before
/// censorings: whoever is censored at a time was still at risk of the events at it.
public struct FollowUp: Sendable {
    /// Of each row, until the event or until observation ended.
    public let times: [Double]
    /// Of each row: whether it had the event, else it is censored.
    public let events: [Bool]
    /// The distinct times, ascending.
    let moments: [Double]
    /// The rows of each moment.
    let rows: [[Int]]

    /// What happens at a moment, each row counted as often as its weight says.
    struct Count: Equatable, Sendable {
        var time: Double
        /// Rows observed up to this moment or beyond it.
        var atRisk: Int
        var events: Int
        var censored: Int
    }

    /// - Parameters: one of both for each row. O(n log n).
    public init(times: [Double], events: [Bool]) {
        (self.times, self.events) = (times, events)
        var moments: [Double] = []
        var rows: [[Int]] = []
        for row in times.indices.sorted(by: { (times[$0], $0) < (times[$1], $1) }) {
            if times[row] != moments.last {
                moments.append(times[row])
                rows.append([])
            }
            rows[rows.count - 1].append(row)
        }
        (self.moments, self.rows) = (moments, rows)
    }

    /// One count for every moment that a row with a weight has, ascending; O(n).
    /// - Parameter weights: how often each row counts; once each where there are none.
    func counts(_ weights: [Int]? = nil) -> [Count] {
        var counts: [Count] = []
        var atRisk = weights?.reduce(0, +) ?? times.count
        for (time, here) in zip(moments, rows) {
            var (dead, censored) = (0, 0)
            for row in here {
                let weight = weights?[row] ?? 1
                if events[row] { dead += weight } else { censored += weight }
            }
            guard dead + censored > 0 else { continue }
            counts.append(Count(time: time, atRisk: atRisk, events: dead, censored: censored))
            atRisk -= dead + censored
        }
        return counts
    }
}
