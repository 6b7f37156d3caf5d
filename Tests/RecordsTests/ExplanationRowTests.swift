import Records
import Testing

@Suite struct ExplanationRowTests {
    @Test(arguments: Explanation.allCases) func aRowsNameIsReadBack(explanation: Explanation) {
        let row = MapRow("seed_1.fold_0.\(explanation.row(2))")
        let (found, output) = Explanation.named(row.role) ?? (.contribution, -1)
        #expect(found == explanation && output == 2 && row.models == "seed_1.fold_0.")
        #expect(Explanation.named("\(explanation.rawValue)_x") == nil && Explanation.named(explanation.rawValue) == nil)
    }

    @Test func whatIsExplainedIsOneNumberOfTheAnswer() {
        #expect(Readout.class(count: 3).margins(called: 1) == [Margin(output: 1, weights: [-0.5, 1, -0.5])])
        #expect(Readout.class(count: 2).margins(called: 0)[0]([3, 1]) == 2)
        let labels = Readout.labels([.init(yes: 1, no: 1), .init(yes: 1, no: 1)])
        #expect(labels.margins(called: 0).map(\.weights) == [[1, 0], [0, 1]])
        #expect(labels.margins(called: 0).map(\.output) == [0, 1])
        let hazards = Readout.hazards(Readout.Hazards(edges: [1, 2, 3], end: 5, alpha: 0.5))
        #expect(hazards.margins(called: 0)[0]([1, 2, 3, 6]) == 3)
        #expect(Readout.ordinal(count: 4).margins(called: 0).map(\.weights) == [[1, 0, 0]])
        let number = Readout.number(Readout.NumberScale(mean: 3, sd: 2, huber: nil))
        // Of several targets the first one's; the others' outputs do not count.
        let several = Readout.several([.init(name: "a", readout: number), .init(name: "b", readout: labels)])
        #expect(several.margins(called: 0) == [Margin(output: 0, weights: [1, 0, 0])])
    }

    @Test func theWorstOfSeveralModelsIsTold() {
        let good = ExplanationFacts(whole: 2, residual: -0.01, nodes: 16)
        let bad = ExplanationFacts(whole: 1, residual: 0.5, nodes: 8)
        #expect(good.share == 0.005 && ExplanationFacts(nodes: 8).share == nil)
        #expect(ExplanationFacts.worst([good, bad]) == ExplanationFacts(whole: 1, residual: 0.5, nodes: 16))
        #expect(ExplanationFacts.worst([]) == nil)
    }
}
