import Records
import Testing

@testable import Evaluation

@Suite struct EnsembleTests {
    @Test func classesAreAveragedAndTheModelsThatCallTheSameAreCounted() throws {
        let voices: [Answer] = [
            .class(ClassAnswer([0.9, 0.1], threshold: 0.5)), .class(ClassAnswer([0.6, 0.4], threshold: 0.25)),
            .class(ClassAnswer([0.3, 0.7], threshold: 0.5)),
        ]
        let ensemble = try #require(Ensemble(voices: voices))
        let answer = try #require(ensemble.answer.ofClass)
        #expect(zip(answer.probabilities, [0.6, 0.4]).allSatisfy { abs($0 - $1) < 1e-15 })
        // The mean threshold, 1.25 / 3, is above 0.4.
        #expect(answer.called == 0 && ensemble.spread.agreement == [1.0 / 3])
        #expect(try #require(ensemble.spread.sd).allSatisfy { abs($0 - 0.3) < 1e-15 })
        #expect(
            Ensemble.columns(.class, classes: ["no", "yes"])
                == ["models", "predicted", "prob_no", "prob_yes", "sd_no", "sd_yes", "agreement"]
        )
        let cells = ensemble.cells(among: ["no", "yes"])
        #expect(cells.count == 7 && cells[0] == "3" && cells[1] == "no" && cells[6] == "\(1.0 / 3)")
    }

    @Test func labelsGradesAndNumbersHaveTheirOwnSpread() throws {
        let labels = try #require(
            Ensemble(voices: [.labels(LabelsAnswer([0.9, 0.4])), .labels(LabelsAnswer([0.7, 0.8]))])
        )
        #expect(labels.spread.agreement == [1, 0.5] && labels.answer.ofLabels?.called == [true, true])
        let grades = try #require(
            Ensemble(voices: [.ordinal(OrdinalAnswer([1, 0, 0])), .ordinal(OrdinalAnswer([0, 0.5, 0.5]))])
        )
        #expect(grades.spread.agreement == [0.5])
        let numbers = try #require(Ensemble(voices: [1.0, 2, 6].map { .number(NumberAnswer($0)) }))
        let (root, cells) = (Double(7).squareRoot(), ["3", "3", "3.0"])
        #expect(numbers.answer.ofNumber?.value == 3 && numbers.spread.sd == [root])
        #expect(numbers.spread.agreement == nil)
        #expect(numbers.cells(among: ["score"]) == cells + ["\(root)"])
        let alone = try #require(Ensemble(voices: [.number(NumberAnswer(4))]))
        #expect(alone.spread.sd == nil && alone.cells(among: ["score"]) == ["1", "4", "4.0", ""])
        #expect(Ensemble(voices: []) == nil)
    }

    @Test func risksAreToldInTheMeasureOfEachModelsOwnValidationPart() throws {
        func risks(_ values: [Double]) -> [Answer] {
            values.map { .survival(SurvivalAnswer(risk: $0, times: [1, 2], survival: [0.9, 0.5])) }
        }
        let wide = RiskOrigin(validation: risks([10, 20, 30]), training: [])
        let narrow = RiskOrigin(validation: risks([0.1, 0.2, 0.3]), training: [])
        #expect(wide == RiskOrigin(validation: risks([30, 10, 20]), training: risks([1, 2])))
        let voices = [wide(risks([40])[0]), narrow(risks([0.2])[0])]
        let ensemble = try #require(Ensemble(voices: voices))
        // 2 and 0 standard deviations.
        #expect(abs((ensemble.answer.ofSurvival?.risk ?? 0) - 1) < 1e-12)
        #expect(ensemble.answer.ofSurvival?.survival == [0.9, 0.5])
        #expect(abs((ensemble.spread.sd?[0] ?? 0) - Double(2).squareRoot()) < 1e-12)
        // Without two different risks the training part tells.
        let training = RiskOrigin(validation: risks([5, 5]), training: risks([1, 3]))
        #expect(training.mean == 2 && training.sd == Double(2).squareRoot())
        #expect(RiskOrigin(validation: [], training: [])(risks([7])[0]).ofSurvival?.risk == 7)
    }
}
