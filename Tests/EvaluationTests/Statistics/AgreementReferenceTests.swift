import Testing

@testable import Evaluation

/// What scikit-learn and scipy give, of weighted rows for the sample with each row repeated.
@Suite struct AgreementReferenceTests {
    @Test(arguments: [false, true]) func figuresOfNumbersAreThoseOfScikitLearnAndScipy(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let (truth, predicted) = (try sample.data["truth"].numbers, try sample.data["predicted"].numbers)
        let (scores, weights) = (NumberScores(truth: truth, predicted: predicted), sample.weights)
        let grades = GradeAgreement(
            truth: try sample.data["grade"].integers,
            predicted: try sample.data["graded"].integers,
            grades: 4
        )
        let found = [
            ("mae", scores.meanAbsoluteError(weights)), ("rmse", scores.rootMeanSquaredError(weights)),
            ("r2", scores.determination(weights)), ("pearson", scores.pearson(weights)),
            ("spearman", scores.spearman(weights)), ("lin", scores.concordanceCorrelation(weights)),
            ("concordance", Concordance.numbers(truth, predicted: predicted).value(weights)),
            ("qwk", grades.quadraticKappa(weights)),
        ]
        let wanted = try sample.wanted("numbers")
        for (name, figure) in found { #expect(matches(try figure.get(), try wanted[name].number), "\(name)") }
        let limits = try scores.agreement(weights).get()
        let numbers = [limits.bias, limits.limits.lowerBound, limits.limits.upperBound]
        #expect(matches(numbers, try wanted["agreement"].numbers))
    }

    @Test(arguments: [false, true]) func figuresOfLabelsAreThoseOfScikitLearn(weighted: Bool) throws {
        let sample = try StatisticsSample(weighted: weighted)
        let scores = try sample.data["scores"].rows
        let labels = LabelScores(
            truth: try sample.data["labels"].rows.map { row in row.map { $0 < 0 ? nil : $0 > 0 } },
            scores: scores,
            decisions: scores.map { row in row.map { $0 >= 0.5 } }
        )
        let wanted = try sample.wanted("labels")
        // The last number of each is that of all labels together.
        let found = [
            ("auc", labels.areas(sample.weights), labels.microArea(sample.weights)),
            ("ap", labels.averagePrecisions(sample.weights), labels.microAveragePrecision(sample.weights)),
            ("f1", labels.f1s(sample.weights), labels.microF1(sample.weights)),
        ]
        for (name, each, together) in found {
            let all = try (each + [together]).map { try #require($0) }
            #expect(matches(all, try wanted[name].numbers), "\(name)")
            let mean = try wanted[name].numbers.dropLast().reduce(0, +) / 3
            #expect(matches(try LabelScores.macro(each).get(), mean))
        }
    }
}
