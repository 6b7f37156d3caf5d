import Evaluation
import Records
import Storage

/// What the folds of a training can tell of whether a bag is like those that they were trained on.
struct BelongingReferences {
    private var references: [Int: BelongingReference] = [:]

    /// - Throws: `MILError.checkpoint` for a reference that does not fit its fold; a fold without one is no error.
    init(_ cards: [Int: CheckpointCard], in training: TrainingFolder) throws {
        for (fold, card) in cards {
            references[fold] = try BelongingReference(of: training.fold(fold), width: card.featureWidth)
        }
    }

    /// The text of a prediction's root that tells it.
    func attributes(of bag: Bag, folds: [Int]) throws -> [String: String] {
        let told = folds.compactMap { fold in references[fold]?.finding(of: bag, fold: fold) }
        return try PredictionFile.attributes(Belonging(folds: told))
    }
}
