import Foundation
import Records
import Torch

/// One bag's turn in a step of Cox's partial likelihood, which compares the risks of a set of bags.
///
/// A step has two passes, so that the memory is that of one bag: in the first every bag tells its risks, without a graph; from all
/// of them follows how the loss changes with each risk; in the second every bag's risk has just that slope.
public final class RiskTurn {
    /// Risks that the first pass told: the rows of each loss that the model has, in the order of its losses.
    private(set) var heard: [[Double]] = []
    private var slopes: [CoxLoss]?
    private var place = 0

    public init() {}

    /// Ends the first pass.
    /// - Parameter slopes: the value of each loss and its slope, as `heard`.
    func begin(_ slopes: [CoxLoss]) { (self.slopes, place) = (slopes, 0) }

    /// What the loss of a model's outputs is.
    /// - Parameter risks: `[R, 1]`, one or several heads, whose losses are averaged.
    /// - Returns: a scalar; in the first pass 0.
    func loss(_ risks: Tensor) throws -> Tensor {
        guard let slopes else {
            heard.append(try risks.floats().map(Double.init))
            return try Tensor.zeros([], on: risks.device)
        }
        guard place < slopes.count, slopes[place].slopes.count == risks.shape[0] else {
            throw Failure(.bug, nil, "the two passes of a step of Cox's loss differ")
        }
        defer { place += 1 }
        let (rows, own) = (Double(risks.shape[0]), slopes[place])
        let slope = try Tensor(own.slopes.map { Float($0 / rows) }, shape: [own.slopes.count, 1], on: risks.device)
        let risks = try risks.to(.float32)
        return try ((risks - risks.detach()) * slope).sum() + own.value
    }
}

/// Cox's negative log partial likelihood, divided by the number of events (Cox, 1972), with ties as Efron (1977) has them.
struct CoxLoss: Equatable {
    /// Of a whole set.
    var value: Double
    /// How it changes with each log relative hazard.
    var slopes: [Double]

    /// nil without an event.
    init?(risks: [Double], times: [SurvivalTime]) {
        let events = Dictionary(grouping: times.indices.filter { times[$0].isEvent }, by: { times[$0].time })
        guard !events.isEmpty, let largest = risks.max() else { return nil }
        let hazards = risks.map { exp($0 - largest) }
        let count = Double(events.values.reduce(0) { $0 + $1.count })
        (value, slopes) = (0, [Double](repeating: 0, count: risks.count))
        // In order of time: sums in another order would have other last digits.
        for (time, deaths) in events.sorted(by: { $0.key < $1.key }) {
            let exposed = times.indices.filter { times[$0].time >= time }
            let all = exposed.reduce(0) { $0 + hazards[$1] }
            let tied = deaths.reduce(0) { $0 + hazards[$1] }
            // Of all that are exposed, and what less of those that die.
            var (whole, less) = (0.0, 0.0)
            for place in deaths.indices {
                let share = Double(place) / Double(deaths.count)
                let sum = all - share * tied
                value += log(sum) + largest - risks[deaths[place]]
                whole += 1 / sum
                less += share / sum
            }
            for index in exposed { slopes[index] += hazards[index] * whole }
            for index in deaths { slopes[index] -= hazards[index] * less + 1 }
        }
        value /= count
        slopes = slopes.map { $0 / count }
    }

    init(value: Double, slopes: [Double]) { (self.value, self.slopes) = (value, slopes) }

    /// Of a set of bags whose models have several losses, of several heads each.
    /// - Parameter heard: by bag, by loss, by head.
    /// - Returns: by bag, by loss; slopes by head. Each is as many times as steep as there are bags, since the step is the mean of its
    ///   bags' losses. nil without an event.
    static func turns(_ heard: [[[Double]]], times: [SurvivalTime]) -> [[CoxLoss]]? {
        var turns = heard.map { bag in bag.map { CoxLoss(value: 0, slopes: [Double](repeating: 0, count: $0.count)) } }
        for loss in (heard.first ?? []).indices {
            let heads = heard[0][loss].count
            for head in 0..<heads {
                guard let cox = CoxLoss(risks: heard.map { $0[loss][head] }, times: times) else { return nil }
                for bag in heard.indices {
                    turns[bag][loss].value += cox.value / Double(heads)
                    turns[bag][loss].slopes[head] = cox.slopes[bag] * Double(heard.count)
                }
            }
        }
        return turns
    }
}
