import Files
import Foundation
import Records
import Storage

extension ReviewJob {
    /// What one model says of a slide.
    struct Forecast: Encodable, Equatable, Sendable {
        var classes: [String]
        /// With the threshold of the fold that judged the slide, or the mean of all folds'.
        var answer: Answer
        /// Where all folds judged a new slide.
        var folds: [Answer]?
        /// Lowest and highest of each of the answer's numbers over the folds and seeds that judged the slide, where there are
        /// several.
        var ranges: [[Double]]?
        var patches: Int
        /// Of several targets the one whose answer this is, and what is said of the others.
        var target: String?
        var others: [String]?
        /// What the model's training knows of the slide, of that target; nil where it knows nothing.
        var label: String?
        /// What a reader should know of it: that it is of an earlier training, say.
        var note: String?
        /// `PredictionFile.shownDigest`.
        var digest: String

        init(_ file: PredictionFile) throws {
            let classes = file.classes
            self.classes = classes
            answer = file.prediction.answer
            folds = file.answersOfFolds
            if let folds, folds.count > 1 {
                let numbers = folds.map { $0.numbers(among: classes).map(\.number) }
                ranges = answer.numbers(among: classes).indices.map { place in
                    let values = numbers.compactMap { $0.indices.contains(place) ? $0[place] : nil }
                    return [values.min() ?? 0, values.max() ?? 0]
                }
            }
            patches = file.prediction.attention.count
            target = file.target
            others = file.target.map { _ in file.further.map(\.words) }
            digest = try file.shownDigest()
        }

        /// What the model decided for.
        var called: String { answer.name(among: classes) }

        enum CodingKeys: String, CodingKey { case classes, ranges, patches, note, digest, target, others, label }

        /// The answer stands beside the others, under names of its own.
        func encode(to encoder: any Encoder) throws {
            try answer.shown(folds: folds).encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(classes, forKey: .classes)
            try container.encodeIfPresent(ranges, forKey: .ranges)
            try container.encode(patches, forKey: .patches)
            try container.encodeIfPresent(note, forKey: .note)
            try container.encodeIfPresent(target, forKey: .target)
            try container.encodeIfPresent(others, forKey: .others)
            try container.encodeIfPresent(label, forKey: .label)
            try container.encode(digest, forKey: .digest)
        }
    }
}
