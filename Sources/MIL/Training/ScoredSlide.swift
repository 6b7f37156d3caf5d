import Evaluation
import Foundation
import Records
import Torch

/// A slide as a model sees it at test time.
struct ScoredSlide {
    var slide: CohortSlide
    var answer: Answer
    /// What the model is from the slide's target, as `bagLoss` has it; nil where that is a matter of several slides.
    var loss: Double?

    /// Of classes by the most probable one.
    var argmax: Judged { judged(threshold: nil) }

    func judged(threshold: Double?, temperature: Temperature? = nil) -> Judged {
        let decided = answer.decided(by: threshold)
        return Judged(
            caseID: slide.caseID,
            target: slide.target,
            answer: temperature.map { decided.calibrated(by: $0.scaled) } ?? decided
        )
    }
}

/// Runs slides through a model as at test time.
/// - Throws: `MILError.overflow` for a slide that the model has no answer to.
func scores(
    of slides: [CohortSlide],
    by model: any MILModel,
    _ readout: Readout,
    _ bags: DeviceBags
) throws -> [ScoredSlide] {
    bags.expect(slides.map(\.slide))
    return try withoutGrad {
        try slides.map { slide in
            let logits = try model(try bags.features(slide.slide)).logits.floats().map { Double($0) }
            let answer = try readout.answer(logits, of: slide.slide)
            let loss = readout.aim(at: slide.target).flatMap { bagLoss(logits, $0) }
            return ScoredSlide(slide: slide, answer: answer, loss: loss)
        }
    }
}
