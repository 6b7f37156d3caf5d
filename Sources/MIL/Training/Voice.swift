import Config
import Evaluation
import Foundation
import Records
import Torch

/// A fold's model that answers for slides.
struct Voice {
    let card: CheckpointCard
    let model: any MILModel
    let draws: TestDraws?
    private let standardiser: Standardiser?
    private let trainingMean: [Float]?
    private let kept = KeptRows()

    /// Whether `ig` knows where to begin.
    var knowsMeanPatch: Bool { trainingMean != nil }

    /// - Parameter folder: of the checkpoint.
    /// - Throws: `MILError.checkpoint` where it cannot be used, or does not know where gradients are to begin.
    init(_ checkpoint: Checkpoint, at folder: URL, explaining explanations: [Explanation], _ device: Device) throws {
        (card, standardiser, trainingMean) = (checkpoint.card, checkpoint.standardiser, checkpoint.trainingMean)
        model = try checkpoint.makeModel(on: device)
        draws = TestDraws(card.recipe, seed: card.seed, fold: card.fold)
        guard !explanations.contains(.ig) || trainingMean != nil else {
            throw MILError.checkpoint(
                path: folder.path,
                reason: "it is of an earlier version and does not know the training's mean patch, from which ig begins"
            )
        }
    }

    /// The same checkpoint's model with random weights, which answers for the whole bag.
    init(untrained checkpoint: Checkpoint, on device: Device) throws {
        (card, standardiser, trainingMean) = (checkpoint.card, checkpoint.standardiser, checkpoint.trainingMean)
        model = try checkpoint.makeUntrainedModel(on: device)
        draws = nil
    }

    /// Features `[N, D]` as the model takes them.
    func tensor(_ bag: Bag, on device: Device) throws -> Tensor {
        try bag.tensor(standardiser, card.training.precision, on: device)
    }

    /// What an explanation says of the patches of one slide of a bag, in the unit that people think in.
    ///
    /// Contributions are of the answer as the recipe gives it, by draws or not, and of every output; of several targets the first one's.
    /// - Parameter called: the class that the slide is called, where a class is asked.
    /// - Throws: `MILError.overflow` where a value is no finite number.
    func explained(
        _ bag: Bag,
        _ part: BagPart,
        by explanation: Explanation,
        called: Int,
        on device: Device
    ) throws -> [ExplainedRow] {
        let make = { try explainedRows(bag, part, by: explanation, called: called, on: device) }
        // These two are worked out for a slide's own patches; the others for the whole bag, whichever of its slides asks.
        let isOfPart = bag.parts.count == 1 || [.single, .occlusion].contains(explanation)
        let key = KeptRows.Key(slides: bag.parts.map(\.slide), explanation: explanation, called: called)
        let rows = try isOfPart ? make() : kept.rows(key, make)
        return try rows.map { try $0.scaled(card.readout.outputScale).cut(to: part) }
    }

    /// Of all patches of the bag; what is worked out for the part alone is 0 for the others.
    private func explainedRows(
        _ bag: Bag,
        _ part: BagPart,
        by explanation: Explanation,
        called: Int,
        on device: Device
    ) throws -> [ExplainedRow] {
        let features = try tensor(bag, on: device)
        if explanation.isOfOutputs {
            let told = try withoutGrad {
                try explanation == .critical
                    ? draws.criticalContributions(features, of: model) : draws.contributions(features, of: model)
            }
            return told.bias.prefix(card.readout.outputs).enumerated().map { output, bias in
                let values = Array(told.values[output * bag.count..<(output + 1) * bag.count])
                return ExplainedRow(output: output, values: values, bias: Double(bias))
            }
        }
        let explain = BagExplainer(
            model: model,
            features: features,
            margins: card.wholeReadout.margins(called: called),
            trainingMean: explanation == .ig ? trainingMean : nil,
            neighbourhoods: explanation == .occlusion
                ? PatchBlocks(of: part.rows.count, at: part.corners, atMost: Explanation.neighbourhoods).blocks
                    .map { $0.map { $0 + part.rows.lowerBound } } : [],
            rows: part.rows
        )
        return try explain(explanation)
    }
}

/// What explanations say of the last bag of several slides, each of which asks for its own part of it.
private final class KeptRows {
    struct Key: Hashable {
        var slides: [SlideID]
        var explanation: Explanation
        var called: Int
    }

    private var rows: [Key: [ExplainedRow]] = [:]

    func rows(_ key: Key, _ make: () throws -> [ExplainedRow]) throws -> [ExplainedRow] {
        if let known = rows[key] { return known }
        let made = try make()
        rows = rows.filter { $0.key.slides == key.slides }
        rows[key] = made
        return made
    }
}

extension ExplainedRow {
    fileprivate func scaled(_ scale: (factor: Double, offset: Double)) -> ExplainedRow {
        let factor = scale.factor
        var row = self
        row.values = values.map { Float(Double($0) * factor) }
        row.bias = bias.map { $0 * factor + scale.offset }
        row.facts?.whole = facts?.whole.map { $0 * factor }
        row.facts?.residual = facts?.residual.map { $0 * factor }
        return row
    }

    fileprivate func cut(to part: BagPart) throws -> ExplainedRow {
        var row = self
        row.values = Array(values[part.rows])
        guard row.values.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: part.slide.text) }
        return row
    }
}
