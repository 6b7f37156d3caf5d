import Foundation
import Records
import Storage

/// The maps of a prediction's rows that explain its answer: signed, with 0 in the middle of the scale.
struct ExplainedMaps {
    private let file: PredictionFile
    /// Of each explanation how many outputs it tells of.
    private let outputs: [Explanation: Int]
    /// Of each explanation the end of one scale for all of a slide, so that outputs can be compared.
    private let reach: [Explanation: Double]

    init(_ file: PredictionFile) {
        self.file = file
        let prediction = file.prediction
        let rows = zip(prediction.rowNames, prediction.branchAttention).compactMap { name, values in
            Explanation.named(MapRow(name).role).map {
                (explanation: $0.explanation, output: $0.output, values: values)
            }
        }
        let kinds = Dictionary(grouping: rows, by: \.explanation)
        outputs = kinds.mapValues { Set($0.map(\.output)).count }
        let count = file.bagPatches
        reach = Dictionary(
            uniqueKeysWithValues: kinds.map { explanation, rows in
                (explanation, Self.reach(rows.map { Self.shown($0.values, explanation, count) }))
            }
        )
    }

    /// nil for a row that explains nothing.
    func map(_ name: String, _ given: [Float]) -> PatchMap? {
        guard let (explanation, output) = Explanation.named(MapRow(name).role) else { return nil }
        let end = reach[explanation] ?? 1
        let title = title(of: name, explanation, output)
        let bias = file.bias(of: name).map { "bias \(RoundNumber.short(Float($0)))" }
        let facts = file.explanationFacts(of: name)?.words ?? []
        func noted(_ notes: [String]) -> String {
            notes.isEmpty ? title : "\(title) (\(notes.joined(separator: ", ")))"
        }
        let ofModel = noted([bias].compactMap { $0 })
        return PatchMap(
            name: name,
            title: noted([bias].compactMap { $0 } + facts),
            quantity: .explanation(explanation, of: unit(explanation, output)),
            given: given,
            values: Self.shown(given, explanation, file.bagPatches),
            range: -end...end,
            measurement: (explanation.isPart ? "N·" : "") + ofModel
        )
    }

    private static func shown(_ values: [Float], _ explanation: Explanation, _ count: Int) -> [Float] {
        explanation.isPart ? values.map { $0 * Float(count) } : values
    }

    /// Where the scale ends: the round number that all but a hundredth of the patches stay within.
    private static func reach(_ rows: [[Float]]) -> Double {
        let sizes = rows.joined().map(abs).sorted()
        guard let size = sizes.dropLast(sizes.count / 100).last, size > 0 else { return 1 }
        return RoundNumber.smallest(atLeast: Double(size))
    }

    /// What an output of a model is, for people; what is explained of several may be made of them (`Readout.margins`).
    private func unit(_ explanation: Explanation, _ output: Int) -> String {
        let isOutput = explanation.isOfOutputs
        return switch file.prediction.answer.kind {
        case .class: isOutput ? "logit" : "logit less the mean of the others"
        case .labels: "log odds"
        case .number: "value"
        // Cox's loss has one output, discrete hazards one for each interval of time and a survival that is told in steps.
        case .survival where isOutput:
            outputs[explanation, default: 1] > 1 ? "log odds of the hazard in interval \(output + 1)" : "log hazard"
        case .survival: "log hazard, or mean log odds of the hazards"
        case .ordinal: isOutput ? "output" : "log odds of being above \(file.classes.first ?? "the first class")"
        }
    }

    /// Without what stands in brackets: the bias, which is in no patch, and what else has to be known.
    private func title(of name: String, _ explanation: Explanation, _ output: Int) -> String {
        let isNamed = [.class, .labels].contains(file.prediction.answer.kind) && file.classes.indices.contains(output)
        let models = MapRow(name).models
        let mean = models == Explanation.mean ? "mean " : "\(models)"
        let isOne = outputs[explanation, default: 1] == 1
        let whose = isNamed ? " to \(file.classes[output])" : isOne ? "" : " to output \(output)"
        return "\(mean)\(explanation.rawValue)\(whose)"
    }
}

extension ExplanationFacts {
    /// For a title.
    fileprivate var words: [String] {
        let residual = share.map { share in
            let percent = share.isFinite ? String(format: "%.2g %%", 100 * share) : "all"
            let isLarge = nodes != nil && share > Self.largestShare
            return "residual \(percent)"
                + (isLarge ? ", above \(RoundNumber.short(Float(100 * Self.largestShare))) %" : "")
        }
        return [
            patches.map { "of \($0) patches, the others are 0" },
            neighbourhoods.map { "\($0) neighbourhoods" },
            nodes.map { "\($0) steps" },
            residual,
        ].compactMap { $0 }
    }
}
