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
    /// What is of the whole bag is shared out over the slides of a case; what is of a slide's own patches is told of all of these.
    @Test func theSlidesOfACaseHaveTheirPartsOfOneExplanation() throws {
        let stored = try StoredProblem()
        try stored.train(0..<1)
        var request = stored.request { _ in [0] }
        request.items = Array(request.items.prefix(2))
        let parts = request.items.map { PredictRequest.Part(slide: $0.slide, features: $0.features) }
        for place in request.items.indices { request.items[place].bag = parts }
        request.explain = [.contribution, .single, .ig, .lrp]
        try Inference(request).run { _ in }
        let files = try request.items.map { try stored.prediction($0.slide) }
        let called = try #require(files[0].prediction.answer.ofClass).called
        func rows(_ explanation: Explanation) throws -> [[Float]] {
            try files.map { file in
                let place = try #require(file.prediction.rowNames.firstIndex(of: explanation.row(called)))
                return file.prediction.branchAttention[place]
            }
        }
        for explanation in [Explanation.ig, .lrp] {
            let facts = try files.map { try #require($0.explanationFacts(of: explanation.row(called))) }
            let (whole, residual) = (try #require(facts[0].whole), try #require(facts[0].residual))
            let sum = try rows(explanation).joined().reduce(residual) { $0 + Double($1) }
            #expect(facts[0] == facts[1] && abs(sum - whole) < 1e-4, "\(explanation) \(sum) \(whole)")
        }
        for explanation in request.explain ?? [] {
            let told = try rows(explanation)
            #expect(told.map(\.count) == [96, 96] && told[0] != told[1], "\(explanation)")
        }
        #expect(try rows(.single).allSatisfy { $0.allSatisfy { $0 != 0 } })
        // A slide that is asked by itself is told the same.
        request.items = [request.items[1]]
        try Inference(request).run { _ in }
        let again = try stored.prediction(request.items[0].slide)
        #expect(again.prediction.branchAttention == files[1].prediction.branchAttention)
    }
}
