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

/// A slide with the numbers that a model gives for it at test time.
struct BagNumbers {
    var slide: CohortSlide
    var numbers: [Double]
}

/// Runs slides through a model as at test time.
/// - Parameter draws: nil: of the whole bag.
func numbers(
    of slides: [CohortSlide],
    by model: any MILModel,
    _ bags: DeviceBags,
    _ draws: TestDraws? = nil
) throws -> [BagNumbers] {
    bags.expect(slides.map(\.slide))
    return try withoutGrad {
        try slides.map { slide in
            let logits = try draws.logits(try bags.features(slide.slide), by: model)
            return BagNumbers(slide: slide, numbers: logits)
        }
    }
}

extension Readout {
    /// What the numbers mean, for each target that is asked; a slide of which a target is not known is not there.
    /// - Throws: `MILError.overflow` for a slide that the model has no answer to.
    func scored(_ bags: [BagNumbers]) throws -> [[ScoredSlide]] {
        try zip(parts, columns).enumerated().map { place, asked in
            let (readout, columns) = (asked.0.readout, asked.1)
            return try bags.compactMap { bag in
                guard let target = bag.slide.target.part(place) else { return nil }
                let numbers = Array(bag.numbers[columns])
                let loss = readout.aim(at: target).flatMap { bagLoss(numbers, $0) }
                let slide = CohortSlide(slide: bag.slide.slide, caseID: bag.slide.caseID, target: target)
                return ScoredSlide(slide: slide, answer: try readout.answer(numbers, of: slide.slide), loss: loss)
            }
        }
    }

    /// The weighted sum of the targets' losses, each the mean over the slides of which it is known; nil where none has one.
    func loss(of scored: [[ScoredSlide]]) -> Double? {
        let losses = zip(parts, scored).compactMap { part, slides in
            slides.isEmpty ? nil : slides.loss.map { part.weight * $0 }
        }
        return losses.isEmpty ? nil : losses.reduce(0, +)
    }
}

/// The same of the one target that is asked, or the first of several.
func scores(
    of slides: [CohortSlide],
    by model: any MILModel,
    _ readout: Readout,
    _ bags: DeviceBags,
    _ draws: TestDraws? = nil
) throws -> [ScoredSlide] { try readout.scored(numbers(of: slides, by: model, bags, draws))[0] }
