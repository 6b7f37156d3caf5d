import Records
import Storage
import TestSupport
import Testing

@testable import MIL
@testable import Messages

@Suite struct ExplainedPredictionTests {
    /// A row for each output by contribution, by the others one of the class that the slide is called.
    @Test func explanationsAreRowsWithWhatIsToldOfThem() throws {
        let stored = try StoredProblem()
        try stored.train(0..<1)
        var request = stored.request { _ in [0] }
        request.items = Array(request.items.prefix(2))
        request.explain = [.contribution, .single, .occlusion, .ig, .lrp]
        try Inference(request).run { _ in }
        for item in request.items {
            let file = try stored.prediction(item.slide)
            let called = try #require(file.prediction.answer.ofClass).called
            let others = [Explanation.single, .occlusion, .ig, .lrp].map { $0.row(called) }
            #expect(file.prediction.rowNames.suffix(6) == ["contribution_0", "contribution_1"] + others)
            #expect(file.explanationFacts(of: Explanation.occlusion.row(called))?.neighbourhoods == 96)
            let facts = try ["ig", "lrp"].map { try #require(file.explanationFacts(of: "\($0)_\(called)")) }
            #expect(facts[0].nodes != nil && facts[0].residual != nil && facts[1].residual != nil)
            // Whatever is not attention is no part of the one map.
            #expect(file.prediction.mainRows == [0, 1, 2, 3, 4])
        }
    }
}
