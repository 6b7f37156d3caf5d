import Foundation

/// Minus Cox's partial log likelihood of risks (JRSS B 34, 1972), ties by Efron (JASA 72, 1977), as a loss of outputs. O(n + events).
struct CoxLoss: RowLoss {
    private let followUp: FollowUp

    init(_ followUp: FollowUp) { self.followUp = followUp }

    var outputs: Int { 1 }
    // A constant does not change who is at more risk than whom.
    var hasIntercepts: Bool { false }

    /// Of all rows, e^(risk − the largest risk): only ratios count, and none overflows.
    private struct Masses {
        let of: [Double]
        let top: Double

        init(_ risks: [Double]) {
            let top = risks.max() ?? 0
            (self.top, of) = (top, risks.map { exp($0 - top) })
        }
    }

    /// The sums of `values` at a moment over all at risk and over those with the event, the last moment first; called for each moment
    /// that has events, with their number.
    private func walk(
        _ values: [Double],
        _ visit: (_ moment: Int, _ deaths: Int, _ atRisk: Double, _ dying: Double) -> Void
    ) {
        var atRisk = 0.0
        for moment in followUp.rows.indices.reversed() {
            var (dying, deaths) = (0.0, 0)
            for row in followUp.rows[moment] {
                atRisk += values[row]
                guard followUp.events[row] else { continue }
                dying += values[row]
                deaths += 1
            }
            if deaths > 0 { visit(moment, deaths, atRisk, dying) }
        }
    }

    func value(_ scores: [[Double]]) -> Double {
        let masses = Masses(scores[0])
        var value = zip(scores[0], followUp.events).reduce(0) { $0 - ($1.1 ? $1.0 - masses.top : 0) }
        walk(masses.of) { _, deaths, atRisk, dying in
            for event in 0..<deaths { value += log(Self.left(atRisk, dying, event, deaths)) }
        }
        return value
    }

    /// What is left of those at risk when of tied events the next one comes: of the others, their share on average.
    private static func left(_ atRisk: Double, _ dying: Double, _ event: Int, _ deaths: Int) -> Double {
        max(atRisk - Double(event) / Double(deaths) * dying, .leastNormalMagnitude)
    }

    func slope(_ scores: [[Double]]) -> [[Double]] {
        let masses = Masses(scores[0])
        let rates = rates(masses)
        let shares = spread(rates.all, rates.dying)
        return [masses.of.indices.map { masses.of[$0] * shares[$0] - (followUp.events[$0] ? 1 : 0) }]
    }

    func curvature(_ scores: [[Double]]) -> ([[Double]]) -> [[Double]] {
        let masses = Masses(scores[0])
        let rates = rates(masses)
        let shares = spread(rates.all, rates.dying)
        return { direction in
            let moved = zip(masses.of, direction[0]).map(*)
            var sums = [(atRisk: Double, dying: Double)](repeating: (0, 0), count: followUp.rows.count)
            walk(moved) { moment, _, atRisk, dying in sums[moment] = (atRisk, dying) }
            var (all, dying) = (rates.all.map { _ in 0.0 }, rates.all.map { _ in 0.0 })
            walk(masses.of) { moment, deaths, atRisk, mass in
                let own = sums[moment]
                for event in 0..<deaths {
                    let share = Double(event) / Double(deaths)
                    let left = Self.left(atRisk, mass, event, deaths)
                    let term = (own.atRisk - share * own.dying) / (left * left)
                    all[moment] += term
                    dying[moment] += share * term
                }
            }
            let means = spread(all, dying)
            return [moved.indices.map { moved[$0] * shares[$0] - masses.of[$0] * means[$0] }]
        }
    }

    /// Σ 1/left of each moment, and the same with each term times what those with the event are spared of it.
    private func rates(_ masses: Masses) -> (all: [Double], dying: [Double]) {
        var (all, own) = (followUp.rows.map { _ in 0.0 }, followUp.rows.map { _ in 0.0 })
        walk(masses.of) { moment, deaths, atRisk, dying in
            for event in 0..<deaths {
                let term = 1 / Self.left(atRisk, dying, event, deaths)
                all[moment] += term
                own[moment] += Double(event) / Double(deaths) * term
            }
        }
        return (all, own)
    }

    /// Of each row, the sum up to its moment, without what is spared to those that have the event there.
    private func spread(_ all: [Double], _ dying: [Double]) -> [Double] {
        var (sum, shares) = (0.0, followUp.times.map { _ in 0.0 })
        for (moment, rows) in followUp.rows.enumerated() {
            sum += all[moment]
            for row in rows { shares[row] = sum - (followUp.events[row] ? dying[moment] : 0) }
        }
        return shares
    }
}
