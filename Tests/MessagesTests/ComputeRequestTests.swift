import Config
import Foundation
import Messages
import Records
import Testing

@Suite struct ComputeRequestTests {
    @Test func aTrainRequestSurvivesTheWayThroughAPipe() throws {
        let slide = try SlideID("a")
        let request = TrainRequest(
            name: "acmil",
            cohort: Cohort(classes: ["0", "1"], slides: [CohortSlide(slide: slide, caseID: "p", target: .class(1))]),
            split: Split(fold: 3, train: [slide], validation: [], test: []),
            features: ["a": "/f/a.h5"],
            encoder: EncoderFacts(name: "e", digest: "d", licence: "none", isHandcrafted: true),
            model: .acmil(ACMILConfig()),
            training: TrainingConfig(),
            evaluation: EvaluationConfig(),
            output: "/o/fold_3",
            fingerprint: "f",
            provenance: ["wsi": "1"],
            device: .cuda(2)
        )
        #expect(try JSONDecoder().decode(TrainRequest.self, from: JSONEncoder().encode(request)) == request)
    }

    @Test func wordsAndAnswersSurviveTheWayThroughAPipe() throws {
        func check<Value: Codable & Equatable>(_ value: Value) throws {
            #expect(try Frame(.word, value).value(Value.self, of: .word) == value)
        }
        try check(TrainProgress(done: 1, total: 2))
        let ends: [SlideEnd.Way] = [.written, .empty, .failed(Failure(.bag, "a", "no rows"))]
        for end in ends { try check(SlideEnd(try SlideID("a"), end)) }
        var answer = TrainAnswer(outputs: ["/o/a"], figures: ["test_auc": 0.9], empty: [try SlideID("b")])
        (answer.learning, answer.baselines) = (12.5, 0.25)
        try check(answer)
    }
}
