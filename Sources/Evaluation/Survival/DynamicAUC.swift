/// The area under the cumulative/dynamic ROC curve at a time t, made ready to be computed with any weights: how well risks tell
/// rows with an event up to t from those still observed without one after t (Heagerty, Lumley and Pepe, Biometrics 56, 2000).
///
/// As scikit-survival has it (Uno et al., JASA 102, 2007; Hung and Chiang, Canadian Journal of Statistics 38, 2010): cases count
/// 1/G(their time), controls count alike, since inside a group their common weight 1/G(t) cancels out; rows censored up to t count
/// nothing.
/// Equal risks count half; risks are equal where they, in order, follow each other within 1e-8. Only pairs of one group are
/// compared, and all pairs are pooled.
struct DynamicAUC: Sendable {
    private struct Row {
        var row: Int
        /// 1/G of a case; 0 of a control.
        var weight: Double
    }

    /// Of each group, from the highest risk to the lowest, equal ones together.
    private var groups: [[[Row]]] = []
    private let fault: Undefined?
    private let time: Double

    private static let tie = 1e-8

    /// Not defined where the training part of a case's group does not know G at the case's time. O(n log n).
    /// - Parameters:
    ///   - time: t
    ///   - risks: for events up to t, such as 1 − S(t) or one risk for all times; one per row.
    ///   - groups: of each row, such as fold and seed; all one where there are none.
    ///   - censoring: of the training part of each row's group.
    init(
        _ followUp: FollowUp,
        risks: [Double],
        at time: Double,
        groups: [Int]? = nil,
        censoring: (_ group: Int) -> CensoringCurve
    ) {
        self.time = time
        guard risks.allSatisfy(\.isFinite) else {
            fault = Undefined("a predicted value is not finite")
            return
        }
        var fault: Undefined?
        var members: [Int: [Row]] = [:]
        for row in risks.indices {
            let group = groups?[row] ?? 0
            if followUp.times[row] > time {
                members[group, default: []].append(Row(row: row, weight: 0))
            } else if followUp.events[row] {
                switch censoring(group).weight(at: followUp.times[row]) {
                case .success(let weight): members[group, default: []].append(Row(row: row, weight: weight))
                case .failure(let undefined): fault = fault ?? undefined
                }
            }
        }
        self.fault = fault
        self.groups = members.sorted { $0.key < $1.key }.map { _, rows in
            var blocks: [[Row]] = []
            var last = Double.infinity
            for row in rows.sorted(by: { (risks[$1.row], $0.row) < (risks[$0.row], $1.row) }) {
                if last - risks[row.row] > Self.tie { blocks.append([]) }
                blocks[blocks.count - 1].append(row)
                last = risks[row.row]
            }
            return blocks
        }
    }

    /// Not defined where no group has both a case and a control. O(n) for every set of weights.
    /// - Parameter weights: how often each row counts.
    func value(_ weights: [Int]) -> Figure {
        if let fault { return .failure(fault) }
        var (right, all) = (0.0, 0.0)
        for blocks in groups {
            var (cases, controls) = (0.0, 0)
            for block in blocks {
                var (mass, count) = (0.0, 0)
                for row in block {
                    if row.weight > 0 {
                        mass += Double(weights[row.row]) * row.weight
                    } else {
                        count += weights[row.row]
                    }
                }
                right += Double(count) * (cases + mass / 2)
                cases += mass
                controls += count
            }
            all += cases * Double(controls)
        }
        guard all > 0 else {
            return .undefined("no group has both an event up to \(time) and a row observed beyond it")
        }
        return .success(right / all)
    }

    /// Mean over times, each counting what S of the tested rows falls by from the time before it (Lambert and Chevret,
    /// Statistical Methods in Medical Research 25, 2016).
    ///
    /// Not defined where S does not fall up to the last time or is not known.
    /// - Parameters:
    ///   - areas: one per time.
    ///   - times: ascending.
    static func mean(_ areas: [Double], at times: [Double], _ survival: KaplanMeier) -> Figure {
        var (sum, before) = (0.0, 1.0)
        for (area, time) in zip(areas, times) {
            switch survival.survival(at: time) {
            case .success(let value):
                sum += area * (before - value)
                before = value
            case .failure(let undefined): return .failure(undefined)
            }
        }
        return before < 1 ? .success(sum / (1 - before)) : .undefined("there is no event up to the last time")
    }
}
