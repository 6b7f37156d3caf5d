import Foundation
import Records
import Testing

@testable import Config
@testable import Evaluation

@Suite struct ConformalTests {
    @Test func quantilesAreTheOrderStatisticsOfTheDefinition() {
        let nine = ConformalScores([(1...9).map(Double.init)])
        #expect(nine.quantile(alpha: 0.1) == 9 && nine.quantile(alpha: 0.2) == 8)
        #expect(ConformalScores([(1...8).map(Double.init)]).quantile(alpha: 0.1) == nil)
        #expect(ConformalScores.least(alpha: 1 - 0.9) == 9 && ConformalScores.least(alpha: 1 - 0.95) == 19)
        #expect(nine.p(9, class: 0) == 0.2 && nine.p(9.5, class: 0) == 0.1 && nine.p(0, class: 0) == 1)
    }

    @Test func aClassWithTooFewBagsIsInEverySet() {
        let scores = ConformalScores([[0.1, 0.2, 0.3], (1...19).map { Double($0) / 100 }])
        #expect(scores.set([0, 1], alpha: 0.1) == [0, 1])
        #expect(scores.set([1, 0], alpha: 0.1) == [0])
        #expect(scores.set([0.5, 0.5], alpha: 0.1) == [0])
    }

    @Test func intervalsOfNumbersAreTheQuantileOfOtherFolds() throws {
        // The second fold is wrong by 1 to 9, the first one by 8.5 each time.
        func judged(_ error: Double) -> Judged {
            Judged(caseID: "c\(error)", target: .number(0), answer: .number(NumberAnswer(error)))
        }
        let folds = [(1...9).map { _ in judged(-8.5) }, (1...9).map { judged(Double($0)) }]
        var evaluation = EvaluationConfig()
        evaluation.coverage = 0.8
        let told = try #require(ConformalSummary(folds, classes: ["age"], evaluation))
        // The eighth of nine is 8, which holds none of the first; 8.5 holds eight of the second.
        let (coverage, width): (Double, Double) = (8.0 / 18, 16.5)
        #expect(told.coverage == coverage && told.meanSize == width && told.classes == nil)
        evaluation.coverage = 0.95
        let endless = try #require(ConformalSummary(folds, classes: ["age"], evaluation))
        #expect(endless.coverage == 1 && endless.meanSize == nil && endless.least == 19)
    }

    @Test func chanceAloneIsBetaBinomial() throws {
        var range = CoverageRange()
        range.add(calibrating: 100, tested: 50, alpha: 0.1)
        #expect(abs(range.chances[45] - 0.1505671150359732) < 1e-10)
        #expect(abs(range.chances.reduce(0, +) - 1) < 1e-10)
        #expect(range.interval(0.95) == [39.0 / 50, 49.0 / 50])
    }

    /// Bags of two classes whose score is the model's doubt.
    private func bags(_ count: Int, _ random: inout CounterRandom, doubt: Double = 1) -> [JudgedClass] {
        (0..<count).map { place in
            let label = place % 2
            let sure = 1 - doubt * random.uniform()
            return JudgedClass(
                caseID: "c\(place)",
                label: label,
                probabilities: label == 0 ? [sure, 1 - sure] : [1 - sure, sure],
                decision: sure > 0.5 ? label : 1 - label
            )
        }
    }

    @Test func setsHoldTheTruthAsOftenAsTheySayAndScoresOfTrainingCasesDoNot() throws {
        var random = CounterRandom(seed: 5, "splits")
        var (inside, missed) = (0, 0)
        for _ in 0..<40 {
            func share(_ scores: ConformalScores, _ tested: [JudgedClass]) -> Double {
                let held = tested.count { scores.set($0.probabilities, alpha: 0.1).contains($0.label) }
                return Double(held) / Double(tested.count)
            }
            let calibrating = ConformalScores(bags(100, &random), classes: 2)
            let tested = bags(100, &random)
            var chance = CoverageRange()
            for _ in 0..<2 { chance.add(calibrating: 50, tested: 50, alpha: 0.1) }
            let range = try #require(chance.interval(0.95))
            let coverage = share(calibrating, tested)
            inside += coverage >= range[0] && coverage <= range[1] ? 1 : 0
            // A model is surer of what it was trained on.
            let trained = ConformalScores(bags(100, &random, doubt: 0.5), classes: 2)
            missed += share(trained, tested) < range[0] ? 1 : 0
        }
        // Of 40 splits two are expected outside; more than six are in fewer than one of a hundred such tests.
        #expect(inside >= 34 && missed == 40)
    }

    @Test func foldsAreSummedUp() throws {
        var random = CounterRandom(seed: 6, "folds")
        let folds = (0..<3).map { _ in
            bags(60, &random).map { bag in
                Judged(
                    caseID: bag.caseID,
                    target: .class(bag.label),
                    answer: .class(ClassAnswer(bag.probabilities, called: bag.decision))
                )
            }
        }
        var evaluation = EvaluationConfig()
        #expect(ConformalSummary(folds, classes: ["a", "b"], evaluation) == nil)
        evaluation.coverage = 0.9
        let told = try #require(ConformalSummary(folds, classes: ["a", "b"], evaluation))
        #expect(told.least == 9 && abs(told.guaranteed - 0.8) < 1e-12 && told.slides == 180)
        let range = try #require(told.range)
        let coverage = try #require(told.coverage)
        #expect(coverage >= range[0] && coverage <= 1)
        #expect(told.classes?.map(\.slides) == [90, 90] && told.classes?.contains(where: \.isTooFew) == false)
        let few = try #require(ConformalSummary(folds.map { Array($0.prefix(6)) }, classes: ["a", "b"], evaluation))
        #expect(few.classes?.allSatisfy(\.isTooFew) == true && few.meanSize == 2 && few.coverage == 1)
    }

    @Test func theSurestAreAnsweredFirst() throws {
        let sample = (0..<10).map { place in
            let sure = 0.99 - Double(place) * 0.04
            return Judged(
                caseID: "c\(place)",
                target: .class(place < 8 ? 0 : 1),
                answer: .class(ClassAnswer([sure, 1 - sure]))
            )
        }
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 100
        let curve = try #require(RiskCoverage(sample, evaluation, seed: 1))
        #expect(curve.points.map(\.accuracy.value)[7] == 1 && curve.points.last?.accuracy.value == 0.8)
        #expect(curve.points.last?.accuracy.interval?.count == 2)
    }
}
