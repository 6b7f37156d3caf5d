import Testing

@testable import Evaluation

/// By hand, and what is not defined.
@Suite struct AgreementEdgeTests {
    @Test func equalNumbersHaveNoCorrelation() {
        // The mean of these is a rounding beside 0.1.
        let constant = NumberScores(truth: [0.1, 0.1, 0.1], predicted: [1, 2, 3])
        #expect(constant.pearson([1, 1, 1]).reason == "the true numbers are all equal")
        #expect(constant.determination([1, 1, 1]).value == nil && constant.spearman([1, 1, 1]).value == nil)
        #expect(constant.meanAbsoluteError([0, 0, 1]) == .success(2.9))
        let varied = NumberScores(truth: [1, 2, 3], predicted: [0.1, 0.1, 0.1])
        #expect(varied.pearson([1, 1, 1]).reason == "the predicted numbers are all equal")
        #expect(varied.pearson([0, 1, 0]).reason == "the true numbers are all equal")
        #expect(varied.rootMeanSquaredError([0, 0, 0]).reason == "nothing was tested")
        #expect(varied.agreement([0, 1, 0]).value == nil)
        #expect(NumberScores(truth: [1, 2], predicted: [1, .nan]).meanAbsoluteError([1, 1]).value == nil)
    }

    @Test func numbersTooLargeToBeSquaredHaveNoFigure() {
        let large = NumberScores(truth: [1e200, -1e200, 0], predicted: [-1e200, 1e200, 5])
        let ones = [1, 1, 1]
        let figures = [
            large.rootMeanSquaredError(ones), large.determination(ones), large.pearson(ones),
            large.concordanceCorrelation(ones),
        ]
        #expect(figures.allSatisfy { $0.value == nil } && large.agreement(ones).value == nil)
        #expect(large.spearman(ones).value.map { matches($0, -1) } ?? false)
    }

    @Test func perfectNumbersAreOneAndConstantShiftsAreBias() throws {
        let perfect = NumberScores(truth: [1, 2, 4], predicted: [1, 2, 4])
        #expect(
            perfect.determination([1, 2, 1]) == .success(1) && perfect.concordanceCorrelation([1, 2, 1]) == .success(1)
        )
        let shifted = try NumberScores(truth: [1, 2, 4], predicted: [2, 3, 5]).agreement([1, 1, 1]).get()
        #expect(shifted == NumberScores.Agreement(bias: 1, limits: 1...1))
    }

    @Test func ranksAreThoseOfTheRepeatedSample() {
        #expect(RankOrder([3, 1, 3, 2]).ranks([1, 1, 1, 1]) == [3.5, 1, 3.5, 2])
        // 1 1 2 3 3 3
        let ranks = RankOrder([3, 1, 3, 2]).ranks([2, 2, 1, 1])
        #expect(ranks == [5, 1.5, 5, 3])
    }

    @Test func kappaIsOneAtBestAndZeroByChance() {
        #expect(
            GradeAgreement(truth: [0, 1, 2], predicted: [0, 1, 2], grades: 3).quadraticKappa([1, 1, 1]) == .success(1)
        )
        let chance = GradeAgreement(truth: [0, 0, 1, 1], predicted: [0, 1, 0, 1], grades: 2)
        #expect(chance.quadraticKappa([1, 1, 1, 1]) == .success(0))
        #expect(chance.quadraticKappa([1, 0, 0, 0]).reason == "all grades are one")
        #expect(chance.quadraticKappa([0, 0, 0, 0]).reason == "nothing was tested")
    }

    @Test func whatIsNotKnownOfALabelCountsForNothing() throws {
        let labels = LabelScores(
            truth: [[true, nil], [false, nil], [nil, true]],
            scores: [[0.9, 0.1], [0.2, 0.3], [0.1, 0.6]],
            decisions: [[true, true], [false, true], [true, false]]
        )
        let ones = [1, 1, 1]
        #expect(labels.areas(ones) == [1, nil] && labels.averagePrecisions(ones) == [1, 1])
        #expect(labels.f1s(ones) == [1, 0] && labels.f1s([0, 1, 0]) == [nil, nil])
        #expect(labels.microArea(ones) == 1 && labels.microF1(ones) == 2.0 / 3)
        let broken = LabelScores(truth: [[true], [false]], scores: [[.nan], [0]], decisions: [[true], [false]])
        #expect(
            broken.areas([1, 1]) == [nil] && broken.microAveragePrecision([1, 1]) == nil && broken.f1s([1, 1]) == [1]
        )
        #expect(LabelScores.macro(labels.areas(ones)).reason == "1 of 2 labels have no value")
        #expect(LabelScores.macro(labels.f1s(ones)) == .success(0.5) && LabelScores.macro([]).value == nil)
    }
}
