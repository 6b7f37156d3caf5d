public import Records

/// How well risks and survival agree with what came, made ready to be computed with any weights.
struct SurvivalScores: Sendable {
    let followUp: FollowUp
    private let times: [Double]
    /// One for each case of a fold: its slides, or tests, share one time and are not independent of each other.
    let cases: [Judged]
    /// Of each of `cases`; nil where a fold has no cut.
    private let highRisk: [Int]?
    /// Up to where all answers tell survival; nil where one tells none.
    private let told: Double?
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
        (self.followUp, times) = (followUp, context.times)
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
        let cases = Self.byCase(sample)
        self.cases = cases
        told = tellsSurvival ? answers.compactMap(\.times.last).min() : nil
        let isHigh = cases.map { judged in
            context.cuts[judged.group].flatMap { cut in judged.answer.ofSurvival.map { $0.risk > cut ? 1 : 0 } }
        }
        highRisk = isHigh.contains { $0 == nil } ? nil : isHigh.compactMap { $0 }
        let ends = answers.compactMap(\.times.last) + [followUp.moments.last, context.tau].compactMap { $0 }
        if tellsSurvival, let end = ends.min(), let first = followUp.moments.first, first < end {
            let step = (end - first) / Double(Self.points - 1)
            // Rounding must not go beyond the end.
            overTime = brier(at: (0..<Self.points).map { min(end, first + step * Double($0)) })
        } else {
            overTime = nil
        }
    }

    func harrell(_ weights: [Int]) -> Figure { harrellC.value(weights) }

    func uno(_ weights: [Int]) -> Figure { unoC.value(weights) }

    /// Of Uno's C, which stands for a report.
    var support: ConcordanceSupport { unoC.support }

    /// - Parameter place: of the time.
    func area(_ place: Int, _ weights: [Int]) -> Figure { areas[place].value(weights) }

    func brier(_ place: Int, _ weights: [Int]) -> Figure {
        guard let told else { return .undefined("a model tells no survival") }
        guard times[place] <= told else {
            return .undefined("a model tells survival up to \(told); take earlier times")
        }
        return briers.score(place, weights)
    }

    func integratedBrier(_ weights: [Int]) -> Figure {
        overTime?.integrated(weights) ?? .undefined("the model tells no survival over a span of time")
    }

    /// Whether cases above and below the median risk of their fold's validation part differ; their groups are pooled.
    func logRank() -> Figure {
        guard Set(cases.map(\.caseID)).count == cases.count else {
            return .undefined("cases are tested by several folds, and such tests are not independent")
        }
        guard let highRisk else { return .undefined("a fold has no validation part that risks could be cut by") }
        return LogRank(FollowUp(cases), groups: highRisk).test().map(\.p)
    }

    /// The places in `cases` of both groups, low risk first; nil where they cannot be told apart.
    var riskGroups: [(name: String, rows: [Int])]? {
        highRisk.map { groups in
            [(0, "low risk"), (1, "high risk")].map { group, name in
                (name, groups.indices.filter { groups[$0] == group })
            }
        }
    }

    /// With the mean of the answers to a case's slides.
    private static func byCase(_ sample: [Judged]) -> [Judged] {
        struct Key: Hashable { var caseID: String, group: Int }
        let groups = Dictionary(grouping: sample) { Key(caseID: $0.caseID, group: $0.group) }
        return groups.sorted { ($0.key.caseID, $0.key.group) < ($1.key.caseID, $1.key.group) }.map { _, own in
            var one = own[0]
            one.answer = Answer.mean(.ofFolds, of: own.map(\.answer).alikeTold) ?? one.answer
            return one
        }
    }
}

extension [Answer] {
    /// Without survival where one of them tells none: then their mean tells none either.
    public var alikeTold: [Answer] {
        let survival = compactMap(\.ofSurvival)
        guard survival.count == count, survival.contains(where: \.survival.isEmpty) else { return self }
        return survival.map { .survival(SurvivalAnswer(risk: $0.risk, times: [], survival: [])) }
    }
}
