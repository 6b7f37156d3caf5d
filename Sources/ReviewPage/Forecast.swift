import Files
import Foundation
import Records
import Storage

extension ReviewJob {
    /// What one model says of a slide.
    struct Forecast: Encodable, Equatable, Sendable {
        var classes: [String]
        var probabilities: [Double]
        /// Of the second class, where there are two: that of the fold that judged the slide, or the mean of all folds'.
        var threshold: Double?
        /// Lowest and highest probability by class over the folds and seeds that judged the slide, where there are several.
        var ranges: [[Double]]?
        /// Where all folds judged a new slide: their probabilities by class, and their thresholds.
        var folds: [[Double]]?
        var thresholds: [Double]?
        /// Index of the class that is called.
        var called: Int
        /// Index of the class whose probability stands for the slide.
        var shown: Int
        /// How far from another call.
        var margin: Double
        var patches: Int
        /// What a reader should know of it: that it is of an earlier training, say.
        var note: String?
        /// `PredictionFile.shownDigest`.
        var digest: String

        init(_ file: PredictionFile) throws {
            classes = file.classes
            probabilities = file.prediction.probabilities
            folds = Self.stored("wsi_fold_probabilities", in: file)
            thresholds = Self.stored("wsi_fold_thresholds", in: file)
            let call = file.prediction.call
            (called, shown, threshold, margin) = (call.called, call.shown, call.threshold, call.margin)
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
    }
}
