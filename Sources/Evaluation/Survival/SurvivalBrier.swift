/// How far predicted survival is from what happened, made ready to be computed with any weights: the mean squared distance of S(t)
/// from whether a row is without an event at t (Graf et al., Statistics in Medicine 18, 1999).
///
/// Rows with an event up to t count 1/G(their time), rows observed beyond t 1/G(t), rows censored up to t nothing; G is that of
/// the training part of the row's group. Predicted probabilities mean the same in every group, so that rows are pooled.
struct SurvivalBrier: Sendable {
    /// By time, of each row.
    private let terms: [[Double]]
    /// Of the mean over time.
    private let integrated: [Double]
    /// By time.
    private let faults: [Undefined?]
    private let integratedFault: Undefined?

    /// At a time, not defined where G is 0 or not known at the time of an event before it, or at it for a row observed beyond it;
    /// scikit-survival refuses the whole sample where any row lies where G is not known, and lets a G of 0 count nothing.
    /// O(n · times).
    /// - Parameters:
    ///   - survival: S of each row at each of the times.
    ///   - times: ascending and distinct.
    ///   - groups: of each row, such as fold and seed; all one where there are none.
    ///   - censoring: of the training part of each row's group.
    init(
        _ followUp: FollowUp,
        survival: [[Double]],
        at times: [Double],
        groups: [Int]? = nil,
        censoring: (_ group: Int) -> CensoringCurve
    ) {
        var terms: [[Double]] = []
        var faults: [Undefined?] = []
        for (place, time) in times.enumerated() {
            var fault: Undefined?
            terms.append(
                survival.indices.map { row in
                    let isAfter = followUp.times[row] > time
                    guard isAfter || followUp.events[row] else { return 0 }
                    let predicted = survival[row][place]
                    let distance = isAfter ? 1 - predicted : predicted
                    let weight = censoring(groups?[row] ?? 0).weight(at: isAfter ? time : followUp.times[row])
                    if let reason = weight.reason { fault = fault ?? Undefined(reason) }
                    if !(0...1).contains(predicted) { fault = fault ?? .outside }
                    return distance * distance * (weight.value ?? 0)
                }
            )
            faults.append(fault)
        }
        var integrated = [Double](repeating: 0, count: survival.count)
        for place in times.indices.dropFirst() {
            let share = (times[place] - times[place - 1]) / (times[times.count - 1] - times[0])
            for row in integrated.indices {
                integrated[row] += share * (terms[place - 1][row] + terms[place][row]) / 2
            }
        }
        (self.terms, self.faults, self.integrated) = (terms, faults, integrated)
        let isSpan = zip(times, times.dropFirst()).allSatisfy(<) && times.count > 1
        integratedFault = isSpan ? faults.lazy.compactMap { $0 }.first : Undefined("a mean over time wants two times")
    }

    /// At the time with this index; O(n) for every set of weights.
    /// - Parameter weights: how often each row counts.
    func score(_ place: Int, _ weights: [Int]) -> Figure {
        faults[place].map { .failure($0) } ?? Self.mean(terms[place], weights)
    }

    /// Mean over the time from the first to the last of the times, linear between them (the trapezoidal rule); O(n).
    func integrated(_ weights: [Int]) -> Figure {
        integratedFault.map { .failure($0) } ?? Self.mean(integrated, weights)
    }

    private static func mean(_ terms: [Double], _ weights: [Int]) -> Figure {
        var (sum, count) = (0.0, 0)
        for (term, weight) in zip(terms, weights) {
            sum += Double(weight) * term
            count += weight
        }
        return count > 0 ? .success(sum / Double(count)) : .undefined("nothing was tested")
    }
}

extension Undefined {
    /// Of predicted survival.
    static let outside = Undefined("a predicted survival is not between 0 and 1")
}
