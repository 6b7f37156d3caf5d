import Records

/// How well risks and survival agree with what came, made ready to be computed with any weights.
struct SurvivalScores: Sendable {
    let followUp: FollowUp
    private let highRisk: [Int]?
    private let harrellC: Concordance
    private let unoC: Concordance
    private let areas: [DynamicAUC]
    /// At the context's times.
    private let briers: SurvivalBrier
    /// Over the times that all models tell.
    private let overTime: SurvivalBrier?
    private let tellsSurvival: Bool

    /// Points of the mean over time.
    private static let points = 50

    init(_ sample: [Judged], _ context: SurvivalContext) {
        let answers = sample.compactMap(\.answer.ofSurvival)
        let risks = answers.map(\.risk)
        let followUp = FollowUp(sample)
        let groups = sample.map(\.group)
        self.followUp = followUp
        func censoring(_ group: Int) -> CensoringCurve { context.censoring[group] ?? .unknown }
        harrellC = .harrell(followUp, risks: risks, groups: groups)
        unoC = .uno(followUp, risks: risks, groups: groups, censoring: censoring, until: context.tau)
        areas = context.times.map {
            DynamicAUC(followUp, risks: risks, at: $0, groups: groups, censoring: censoring)
        }
        func brier(at times: [Double]) -> SurvivalBrier {
            let survival = answers.map { answer in times.map { answer.survival(at: $0) ?? .nan } }
            return SurvivalBrier(followUp, survival: survival, at: times, groups: groups, censoring: censoring)
        }
        briers = brier(at: context.times)
        tellsSurvival = !answers.isEmpty && answers.allSatisfy { !$0.survival.isEmpty }
        let isHigh = zip(groups, risks).map { group, risk in context.cuts[group].map { risk > $0 ? 1 : 0 } }
        highRisk = isHigh.contains { $0 == nil } ? nil : isHigh.compactMap { $0 }
        let ends = answers.compactMap(\.times.last) + [followUp.moments.last, context.tau].compactMap { $0 }
        if tellsSurvival, let end = ends.min(), let first = followUp.moments.first, first < end {
            let step = (end - first) / Double(Self.points - 1)
            overTime = brier(at: (0..<Self.points).map { first + step * Double($0) })
        } else {
            overTime = nil
        }
    }

    func harrell(_ weights: [Int]) -> Figure { harrellC.value(weights) }

    func uno(_ weights: [Int]) -> Figure { unoC.value(weights) }

    /// - Parameter place: of the time.
    func area(_ place: Int, _ weights: [Int]) -> Figure { areas[place].value(weights) }

    func brier(_ place: Int, _ weights: [Int]) -> Figure {
        tellsSurvival ? briers.score(place, weights) : .undefined("the model tells no survival")
    }

    func integratedBrier(_ weights: [Int]) -> Figure {
        overTime?.integrated(weights) ?? .undefined("the model tells no survival over a span of time")
    }

    /// Whether those above and below the median risk of their fold's validation part differ; their groups are pooled.
    func logRank() -> Figure {
        guard let highRisk else { return .undefined("a fold has no validation part that risks could be cut by") }
        return LogRank(followUp, groups: highRisk).test().map(\.p)
    }

    /// The rows of both groups, low risk first; nil where they cannot be told apart.
    var riskGroups: [(name: String, rows: [Int])]? {
        highRisk.map { groups in
            [(0, "low risk"), (1, "high risk")].map { group, name in
                (name, groups.indices.filter { groups[$0] == group })
            }
        }
    }
}
