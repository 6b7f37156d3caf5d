import Files
public import Foundation
import Records

extension PredictionFile {
    /// What several seeds of a training say of a slide, as one: means of answers and maps, and a row for
    /// the map of each.
    /// - Parameter urls: one file, which is read as it is, or one of each seed, in folders named after the seeds.
    /// - Throws: `StorageError.malformed` where the files are not of the same patches and classes.
    public init(seeds urls: [URL]) throws {
        let files = try urls.map { try PredictionFile(contentsOf: $0) }
        guard let first = files.first else { throw StorageError.malformed(path: "", reason: "no prediction is named") }
        self = first
        guard files.count > 1 else { return }
        for (url, file) in zip(urls, files)
        where file.prediction.answer.kind != first.prediction.answer.kind
            || file.classes != first.classes || file.target != first.target
            || file.prediction.corners != first.prediction.corners
            || file.bagPatches != first.bagPatches || file.prediction.kind != first.prediction.kind
        {
            throw StorageError.malformed(path: url.path, reason: "not of the same patches as \(urls[0].path)")
        }
        let predictions = files.map(\.prediction)
        prediction.answer = Answer.mean(.ofSeeds, of: predictions.map(\.answer)) ?? first.prediction.answer
        // Raw risks of several models have no common measure: the ensemble's table joins them, this file does not.
        if files.contains(where: { $0.attributes[PredictedVoices.riskMeasureName] == nil }) {
            prediction.answer = prediction.answer.withoutRisk
        }
        // Rows that explain an output are each seed's own, and its output's.
        attributes[Self.biases] = nil
        try joinFurther(of: files)
        prediction.branchAttention = predictions.map(\.attention)
        prediction.rowNames = urls.map { $0.deletingLastPathComponent().lastPathComponent }
        prediction.mainRows = Array(files.indices)
        prediction.attention = Self.mean(prediction.branchAttention)
        model = "\(model.prefix { $0 != "/" }), \(files.count) seeds"
        folds = Set(files.flatMap(\.folds)).sorted()
    }

    private static func mean(_ rows: [[Float]]) -> [Float] {
        rows[0].indices.map { column in
            Float(rows.reduce(0.0) { $0 + Double($1[column]) } / Double(rows.count))
        }
    }
}
