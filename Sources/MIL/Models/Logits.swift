import Evaluation
import Foundation
import Records
import Torch

/// What a model says by the logits that it gives for a bag.
/// - Parameter threshold: of the model's checkpoint, where the answer is to keep it.
/// - Throws: `MILError.overflow` where they are none: features may be finite and still too large for the model's sums.
func answer(_ kind: Target.Kind, _ logits: [Double], of slide: SlideID, threshold: Double? = nil) throws -> Answer {
    guard logits.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: slide.text) }
    return switch kind {
    case .class: .class(ClassAnswer(softmax(logits), threshold: threshold))
    }
}

/// How far logits `[R, C]` are from what the bag is trained towards: of a class their mean cross-entropy.
func bagLoss(_ logits: Tensor, _ target: Target) throws -> Tensor {
    switch target {
    case .class(let label): try crossEntropy(logits, label: label)
    }
}

/// The same of one row of logits that has been read, in double precision.
func bagLoss(_ logits: [Double], _ target: Target) -> Double {
    switch target {
    case .class(let label):
        let largest = logits.max() ?? 0
        return log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest - logits[label]
    }
}
