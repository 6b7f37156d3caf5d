import Foundation
import Records
import Testing

@testable import Config
@testable import Evaluation

@Suite struct ConformalTests {
    /// Each of a case of its own.
    private static func scores(_ values: [Double]) -> [ConformalScores.Score] {
        values.enumerated().map { ConformalScores.Score(caseID: "c\($0)", value: $1) }
    }

    @Test func quantilesAreTheOrderStatisticsOfTheDefinition() {
        let nine = ConformalScores([Self.scores((1...9).map(Double.init))])
        #expect(nine.quantile(alpha: 0.1) == 9 && nine.quantile(alpha: 0.2) == 8)
        #expect(ConformalScores([Self.scores((1...8).map(Double.init))]).quantile(alpha: 0.1) == nil)
        #expect(ConformalScores.least(alpha: 1 - 0.9) == 9 && ConformalScores.least(alpha: 1 - 0.95) == 19)
        #expect(nine.p(9, class: 0) == 0.2 && nine.p(9.5, class: 0) == 0.1 && nine.p(0, class: 0) == 1)
    }

    @Test func aClassWithTooFewBagsIsInEverySet() {
        let scores = ConformalScores([Self.scores([0.1, 0.2, 0.3]), Self.scores((1...19).map { Double($0) / 100 })])
        #expect(scores.set([0, 1], alpha: 0.1) == [0, 1])
        #expect(scores.set([1, 0], alpha: 0.1) == [0])
        #expect(scores.set([0.5, 0.5], alpha: 0.1) == [0])
    }

    @Test func nineOfAClassRuleItOutAtNinetyPercentHoweverTheRateIsWritten() {
        let nine = ConformalScores([Self.scores((1...9).map { Double($0) / 10 })])
        for alpha in [0.1, 1 - 0.9] {
            #expect(nine.set([0.05], alpha: alpha).isEmpty && nine.set([0.1], alpha: alpha) == [0])
        }
        let nineteen = ConformalScores([Self.scores((1...19).map { Double($0) / 20 })])
        #expect(nineteen.set([0.01], alpha: 1 - 0.95).isEmpty && nineteen.set([0.05], alpha: 1 - 0.95) == [0])
    }

    @Test func aCaseCountsOnceHoweverManySlidesItHas() {
        // Eight cases of one slide, and one of four of which three fit badly.
        let many = [0.3, 0.95, 0.95, 0.95].map { ConformalScores.Score(caseID: "many", value: $0) }
        let scores = ConformalScores([Self.scores((1...8).map { Double($0) / 10 }) + many])
        #expect(scores.cases() == 9)
        #expect(scores.p(0.95, class: 0) == 1.75 / 10 && scores.p(0.96, class: 0) == 0.1)
        #expect(abs(scores.p(0.3, class: 0) - 0.8) < 1e-12)
        #expect(scores.quantile(alpha: 0.2) == 0.8 && scores.quantile(alpha: 0.1) == 0.95)
        // As many slides of one case rule nothing out.
        let one = ConformalScores([(0..<40).map { ConformalScores.Score(caseID: "one", value: Double($0)) }])
        #expect(one.quantile(alpha: 0.1) == nil && one.set([0], alpha: 0.1) == [0])
    }

    @Test func whatFoldsProveIsTheFourthTheoremOfBarberAndOthers() {
        #expect(abs(ConformalScores.guaranteed(alpha: 0.1, cases: 100, folds: 5) - 0.7238095238095238) < 1e-12)
        // Left out one by one, nothing but 2 alpha is lost.
        #expect(abs(ConformalScores.guaranteed(alpha: 0.1, cases: 40, folds: 40) - 0.8) < 1e-12)
        let twelve = ConformalScores.guaranteed(alpha: 0.1, cases: 12, folds: 10)
        #expect(abs(twelve - (0.8 - (1 - 10.0 / 12) / 11)) < 1e-12)
        #expect(ConformalScores.guaranteed(alpha: 0.5, cases: 20, folds: 2) == 0)
        #expect(ConformalScores.guaranteed(alpha: 0.1, cases: 3, folds: 5) == 0)
    }

    @Test func intervalsOfNumbersAreTheQuantileOfOtherFolds() throws {
        // The second fold is wrong by 1 to 9, the first one by 8.5 each time.
        func judged(_ place: Int, _ error: Double) -> Judged {
            Judged(caseID: "c\(place)", target: .number(0), answer: .number(NumberAnswer(error)))
        }
        let folds = [(1...9).map { judged(-$0, -8.5) }, (1...9).map { judged($0, Double($0)) }]
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

    @Test func setsHoldTheTruthAsOftenAsTheySayAndScoresOfTrainingCasesDoNot() {
        var random = CounterRandom(seed: 5, "splits")
        var (honest, flattered) = (0.0, 0.0)
        for _ in 0..<40 {
            func share(_ scores: ConformalScores, _ tested: [JudgedClass]) -> Double {
                let held = tested.count { scores.set($0.probabilities, alpha: 0.1).contains($0.label) }
                return Double(held) / Double(tested.count)
            }
            let calibrating = ConformalScores(bags(100, &random), classes: 2)
            let tested = bags(100, &random)
            honest += share(calibrating, tested) / 40
            // A model is surer of what it was trained on.
            let trained = ConformalScores(bags(100, &random, doubt: 0.5), classes: 2)
            flattered += share(trained, tested) / 40
        }
        // Of 50 of a class the 46th largest is the bound, which holds 46 of 51. Beta-binomial, the mean of 40 splits has an sd of 0.0067.
        #expect(abs(honest - 46.0 / 51) < 0.02 && flattered < 0.6)
    }

    private func judged(_ name: String, _ bags: [JudgedClass]) -> [Judged] {
        bags.map { bag in
            Judged(
                caseID: "\(name) \(bag.caseID)",
                target: .class(bag.label),
                answer: .class(ClassAnswer(bag.probabilities, called: bag.decision))
            )
        }
    }

    @Test func casesThatWereSetAsideGuaranteeWhatIsWanted() throws {
        var random = CounterRandom(seed: 7, "set aside")
        let parts = (0..<3).map { fold in
            ConformalSummary.Part(
                calibrating: judged("aside \(fold)", bags(80, &random)),
                tested: judged("\(fold)", bags(60, &random))
            )
        }
        var evaluation = EvaluationConfig()
        evaluation.coverage = 0.9
        let told = try #require(ConformalSummary(parts, of: .calibration, classes: ["a", "b"], evaluation))
        #expect(told.guaranteed == 0.9 && told.classes?.map(\.guaranteed) == [0.9, 0.9] && told.cases == 180)
        var whole = CoverageRange()
        for _ in 0..<6 { whole.add(calibrating: 40, tested: 30, alpha: 0.1) }
        #expect(told.range == whole.interval(0.95) && told.classes?.allSatisfy { $0.range != nil } == true)
        // Scores of a model that was trained on what was set aside would hold about half.
        let range = try #require(whole.interval(0.999))
        let coverage = try #require(told.coverage)
        #expect(coverage >= range[0] && coverage <= range[1] && range[0] > 0.7)
        // One fold is enough.
        #expect(ConformalSummary([parts[0]], of: .calibration, classes: ["a", "b"], evaluation)?.cases == 60)
    }

    @Test func foldsAreSummedUp() throws {
        var random = CounterRandom(seed: 6, "folds")
        let folds = (0..<3).map { fold in judged("\(fold)", bags(60, &random)) }
        var evaluation = EvaluationConfig()
        #expect(ConformalSummary(folds, classes: ["a", "b"], evaluation) == nil)
        evaluation.coverage = 0.9
        let told = try #require(ConformalSummary(folds, classes: ["a", "b"], evaluation))
        // 2 (1 − 1/3) / (90/3 + 1) is less than (1 − 3/90) / 4.
        let proved = 0.8 - 4.0 / 3 / 31
        #expect(told.least == 9 && abs(told.guaranteed - proved) < 1e-12 && told.slides == 180 && told.cases == 180)
        #expect(told.source == .folds && told.range == nil && told.classes?.contains { $0.range != nil } == false)
        #expect(told.classes?.map(\.slides) == [90, 90] && told.classes?.contains(where: \.isTooFew) == false)
        #expect(told.classes?.map(\.cases) == [90, 90])
        // By construction: each score is ranked among the other folds'.
        let coverage = try #require(told.coverage)
        #expect(abs(coverage - 0.9) < 0.05)
        // A doubt is even from 0 to 1, so that a class is in a set where its probability is above a tenth or so.
        let (size, single) = (try #require(told.meanSize), try #require(told.single))
        #expect(abs(size - 1.8) < 0.1 && abs(single - 0.2) < 0.1)
        try casesCountOnce(folds, told, evaluation)
        let few = try #require(ConformalSummary(folds.map { Array($0.prefix(6)) }, classes: ["a", "b"], evaluation))
        #expect(few.classes?.allSatisfy(\.isTooFew) == true && few.meanSize == 2 && few.coverage == 1)
    }

    /// Each slide put into its case twice more changes numbers of slides alone.
    private func casesCountOnce(
        _ folds: [[Judged]],
        _ told: ConformalSummary,
        _ evaluation: EvaluationConfig
    ) throws {
        let many = try #require(
            ConformalSummary(folds.map { $0.flatMap { [$0, $0, $0] } }, classes: ["a", "b"], evaluation)
        )
        #expect(many.slides == 540 && many.cases == 180 && many.classes?.map(\.cases) == [90, 90])
        let pairs = [
            (many.coverage, told.coverage), (many.meanSize, told.meanSize), (many.single, told.single),
            (many.singleAccuracy, told.singleAccuracy), (many.none, told.none), (many.guaranteed, told.guaranteed),
        ]
        for (one, other) in pairs { #expect(abs((one ?? -1) - (other ?? -1)) < 1e-9) }
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
