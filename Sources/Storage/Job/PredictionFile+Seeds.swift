import Files
public import Foundation
import Records

extension PredictionFile {
    /// What several seeds of a training say of a slide, as one: means of answers and maps, and a row for the map of each. Rows that explain an
    /// output are their mean over all models, where these have a unit in common; else each seed's own, under its name.
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
            || file.bagPatches != first.bagPatches
        {
            throw StorageError.malformed(path: url.path, reason: "not of the same patches as \(urls[0].path)")
        }
        let predictions = files.map(\.prediction)
        prediction.answer = Answer.mean(.ofSeeds, of: predictions.map(\.answer)) ?? first.prediction.answer
        // Raw risks of several models have no common measure: the ensemble's table joins them, this file does not.
        if files.contains(where: { $0.attributes[PredictedVoices.riskMeasureName] == nil }) {
            prediction.answer = prediction.answer.withoutRisk
        }
        try joinFurther(of: files)
        // A search may give seeds models that attend and others that score, which have no common scale: the map is of the former.
        let kind = predictions.contains { $0.kind == .attention } ? MapKind.attention : first.prediction.kind
        let seeds = zip(urls, files).map { url, file in
            (name: url.deletingLastPathComponent().lastPathComponent, file: file)
        }
        let mapped = seeds.filter { $0.file.prediction.kind == kind }
        prediction.kind = kind
        prediction.branchAttention = mapped.map(\.file.prediction.attention)
        prediction.rowNames = mapped.map(\.name)
        prediction.mainRows = Array(mapped.indices)
        prediction.attention = Self.mean(prediction.branchAttention)
        // Contributions are of the answer, which all seeds have given, whatever their maps show.
        let explained = seeds.map { ($0.name, $0.file.explained) }
        let rows = Self.joined(explained.map(\.1), of: first.prediction.answer.kind) ?? Self.apart(explained)
        prediction.branchAttention += rows.map(\.values)
        prediction.rowNames += rows.map(\.name)
        for name in [Self.biases, Self.explanationFacts] { attributes[name] = nil }
        attributes.merge(
            try Self.attributes(explained: rows.map { ($0.name, bias: $0.bias, facts: $0.facts) })
        ) { $1 }
        model = "\(model.prefix { $0 != "/" }), \(files.count) seeds"
        folds = Set(files.flatMap(\.folds)).sorted()
    }

    /// A row of a model that explains an output.
    private struct ExplainedRow {
        var name: String
        var explanation: Explanation
        var output: Int
        var values: [Float]
        var bias: Double?
        var facts: ExplanationFacts?
    }

    private var explained: [ExplainedRow] {
        zip(prediction.rowNames, prediction.branchAttention).compactMap { name, values in
            Explanation.named(MapRow(name).role).map { explanation, output in
                ExplainedRow(
                    name: name,
                    explanation: explanation,
                    output: output,
                    values: values,
                    bias: bias(of: name),
                    facts: explanationFacts(of: name)
                )
            }
        }
    }

    /// The mean of all models; nil where not every seed has the same rows, or their outputs have no common unit: log hazards of Cox's loss.
    private static func joined(_ seeds: [[ExplainedRow]], of kind: Target.Kind) -> [ExplainedRow]? {
        func outputs(_ rows: [ExplainedRow]) -> [String] { Set(rows.map { $0.explanation.row($0.output) }).sorted() }
        guard let first = seeds.first, !first.isEmpty, seeds.allSatisfy({ outputs($0) == outputs(first) }),
            kind != .survival || outputs(first).count > 1
        else { return nil }
        let groups = Dictionary(grouping: seeds.joined()) { $0.explanation.row($0.output) }
        return groups.sorted { ($0.value[0].output, $0.key) < ($1.value[0].output, $1.key) }.map { name, rows in
            var row = rows[0]
            row.name = Explanation.mean + name
            row.values = mean(rows.map(\.values))
            let biases = rows.compactMap(\.bias)
            row.bias = biases.count == rows.count ? biases.reduce(0, +) / Double(rows.count) : nil
            row.facts = ExplanationFacts.worst(rows.compactMap(\.facts))
            return row
        }
    }

    private static func apart(_ seeds: [(String, [ExplainedRow])]) -> [ExplainedRow] {
        seeds.flatMap { seed, rows in
            rows.map { row in
                var row = row
                row.name = "\(seed).\(row.name)"
                return row
            }
        }
    }

    private static func mean(_ rows: [[Float]]) -> [Float] {
        rows[0].indices.map { column in
            Float(rows.reduce(0.0) { $0 + Double($1[column]) } / Double(rows.count))
        }
    }
}
