import Evaluation
import Foundation
import Records
import Torch

/// The probabilities of a model's logits.
/// - Throws: `MILError.overflow` where they are none: features may be finite and still too large for the model's sums.
func finiteProbabilities(_ logits: [Double], of slide: SlideID) throws -> [Double] {
    guard logits.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: slide.text) }
    return softmax(logits)
}

/// A slide as a model sees it at test time.
struct ScoredSlide {
    var slide: CohortSlide
    var probabilities: [Double]
    /// What the model is from the slide's target, as `bagLoss` has it.
    var loss: Double

    /// Judged by the most probable class.
    var argmax: Judged { judged(threshold: nil) }

    func judged(threshold: Double?, temperature: Temperature? = nil) -> Judged {
        Judged(
            caseID: slide.caseID,
            target: slide.target,
            probabilities: probabilities,
            threshold: threshold,
            temperature: temperature
        )
    }
}

/// Runs slides through a model as at test time.
/// - Throws: `MILError.overflow` for a slide that the model has no answer to.
func scores(of slides: [CohortSlide], by model: any MILModel, _ bags: DeviceBags) throws -> [ScoredSlide] {
    try withoutGrad {
        try slides.map { slide in
            let logits = try model(try bags.features(slide.slide)).logits.floats().map { Double($0) }
            let probabilities = try finiteProbabilities(logits, of: slide.slide)
            return ScoredSlide(slide: slide, probabilities: probabilities, loss: bagLoss(logits, slide.target))
        }
    }
}
