import Files
import Foundation
import Records
import Storage

extension ReviewJob {
    /// What one model says of a slide.
    struct Forecast: Encodable, Equatable, Sendable {
        var classes: [String]
        var probabilities: [Double]
        /// Of the last class, where there are two: that of the fold that judged the slide, or the mean of all folds'.
        var threshold: Double?
        /// Lowest and highest probability by class over the folds and seeds that judged the slide, where there are several.
        var ranges: [[Double]]?
        /// Where all folds judged a new slide: their probabilities by class, and their thresholds.
        var folds: [[Double]]?
        var thresholds: [Double]?
        /// Index of the class that is called.
        var called: Int
        /// How far from another call: from the threshold, or the most probable class from the second.
        var margin: Double
        var patches: Int
        /// What a reader should know of it: that it is of an earlier training, say.
        var note: String?
        /// `PredictionFile.shownDigest`.
        var digest: String

        init(_ file: PredictionFile) throws {
            classes = file.classes
            probabilities = file.prediction.probabilities
            threshold = file.prediction.threshold
            folds = Self.stored("wsi_fold_probabilities", in: file)
            thresholds = Self.stored("wsi_fold_thresholds", in: file)
            (called, margin) = Self.call(probabilities, threshold)
            if let folds, folds.count > 1 {
                ranges = classes.indices.map { label in
                    let values = folds.compactMap { $0.indices.contains(label) ? $0[label] : nil }
                    return [values.min() ?? 0, values.max() ?? 0]
                }
            }
            patches = file.prediction.attention.count
            digest = try file.shownDigest()
        }

        private static func stored<Value: Decodable>(_ name: String, in file: PredictionFile) -> Value? {
            file.attributes[name].flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
        }

        /// Two classes are told apart by the threshold on the last one, more by the highest probability; the first of equals.
        static func call(_ probabilities: [Double], _ threshold: Double?) -> (called: Int, margin: Double) {
            guard let last = probabilities.last else { return (0, 0) }
            if probabilities.count == 2, let threshold {
                return (last >= threshold ? 1 : 0, abs(last - threshold))
            }
            let highest = probabilities.max() ?? 0
            let called = probabilities.firstIndex(of: highest) ?? 0
            let second = probabilities.enumerated().filter { $0.offset != called }.map(\.element).max() ?? 0
            return (called, probabilities.count == 2 ? (highest - second) / 2 : highest - second)
        }
    }
}
