import Config
import Records
import Testing

@testable import Evaluation

/// 120 slides of three sites, of which one is judged by chance and the others right, and two of a fourth that are judged wrong.
@Suite struct SubgroupFiguresTests {
    private let tested: [(slide: SlideID, judged: Judged)]
    private let sites: [SlideID: String]
    private let halves: [SlideID: String]

    init() throws {
        var tested: [(slide: SlideID, judged: Judged)] = []
        var (sites, halves): ([SlideID: String], [SlideID: String]) = ([:], [:])
        for number in 0..<122 {
            let (slide, label) = (try SlideID("s\(number)"), number % 2)
            let isTiny = number >= 120
            let site = isTiny ? "tiny" : ["bad", "fine", "good"][number % 3]
            let right = label == 1 ? 0.8 : 0.2
            // Of the bad site every score has as many slides of both classes.
            let score = isTiny ? 1 - right : site == "bad" ? (number / 6 % 2 == 0 ? 0.2 : 0.8) : right
            let judged = JudgedClass(
                caseID: "c\(number)",
                label: label,
                probabilities: [1 - score, score],
                threshold: 0.5
            )
            tested.append((slide, judged.judged))
            sites[slide] = site
            if !isTiny { halves[slide] = number < 60 ? "first" : "second" }
        }
        (self.tested, self.sites, self.halves) = (tested, sites, halves)
    }

    private func figures(_ columns: [(name: String, groups: [SlideID: String])]) -> SubgroupFigures {
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 500
        let context = MetricContext(evaluation, seed: 1)
        return SubgroupFigures(training: "m", tested, classes: ["negative", "positive"], columns, context)
    }

    @Test func theSiteThatIsJudgedByChanceIsWorseThanTheOthersAndNoOtherGroupIs() throws {
        let found = figures([("site", sites), ("half", halves)])
        #expect(
            found.metric == "auc" && found.groups.map(\.name) == ["bad", "fine", "good", "tiny", "first", "second"]
        )
        #expect(found.groups.filter(\.isWorse).map(\.name) == ["bad"])
        #expect(found.worst?.name == "bad")
        #expect(CohortWords.mark(found.groups[0], found) == "worst, worse than the others")
        let bad = found.groups[0]
        #expect(bad.figure.value == 0.5)
        let others = tested.filter { sites[$0.slide] != "bad" }.compactMap(\.judged.ofClass)
        let (scores, positive) = Metrics.against(1, others)
        let wanted = 0.5 - (try #require(Metrics.auc(scores, positive: positive)))
        #expect(abs((bad.difference.value ?? 0) - wanted) < 1e-12, "\(bad.difference)")
    }

    @Test func aGroupOfTwoCasesIsNeitherComparedNorTheWorst() throws {
        let tiny = try #require(figures([("site", sites)]).groups.last)
        #expect(tiny.name == "tiny" && tiny.cases == 2 && tiny.figure.value == 0)
        #expect(tiny.difference.value == nil && tiny.difference.reason != nil && !tiny.isWorse)
        let alone = tested.map(\.slide).filter { sites[$0] == "tiny" }.map { ($0, "tiny") }
        let small = figures([("site", Dictionary(uniqueKeysWithValues: alone))])
        #expect(small.worst == nil && small.groups.count == 1)
    }

    @Test func aFigureWithoutAnIntervalIsNotTheWorst() {
        var found = figures([("half", halves)])
        let worst = found.worst?.name
        let other = found.groups.first { $0.name != worst }?.name
        for place in found.groups.indices where found.groups[place].name == worst {
            found.groups[place].figure.interval = nil
        }
        #expect(worst != nil && other != nil && found.worst?.name == other)
    }

    @Test func intervalsAreWiderTheMoreGroupsAreCompared() throws {
        let one = try #require(figures([("site", sites)]).groups[0].difference.interval)
        let both = try #require(figures([("site", sites), ("half", halves)]).groups[0].difference.interval)
        #expect(both[0] <= one[0] && both[1] >= one[1] && both != one, "\(both), \(one)")
    }
}
