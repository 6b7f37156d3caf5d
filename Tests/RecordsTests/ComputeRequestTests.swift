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
            provenance: ["wsi": "1"]
        )
        #expect(try JSONDecoder().decode(TrainRequest.self, from: JSONEncoder().encode(request)) == request)
    }

    @Test func aLineIsEitherProgressOrResult() throws {
        let progress = ComputeLine(progress: ComputeProgress(unit: "epoch", done: 1, total: 2, subject: "fold 0"))
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(progress)) as? [String: Any]
        #expect(object?.keys.sorted() == ["progress"])
        let ends: [SlideEnd.Way] = [.written, .empty, .failed(Failure(.bag, "a", "no rows"))]
        for end in ends {
            let line = ComputeLine(ended: SlideEnd(try SlideID("a"), end))
            #expect(try JSONDecoder().decode(ComputeLine.self, from: JSONEncoder().encode(line)) == line)
        }
        let result = ComputeLine(result: ComputeResult(figures: ["slide_auc": 0.9]))
        #expect(try JSONDecoder().decode(ComputeLine.self, from: JSONEncoder().encode(result)) == result)
    }
}
