import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage
import Torch

/// Training from several first weights, where a training may find nothing (`training.starts`).
///
/// Of bags whose answer hangs on few instances some trainings learn the bags by heart before attention has found those instances, and
/// stay there. Such a fold answers no better than chance on its validation part, which is how it is known.
extension ModelTraining {
    /// A trained model's parameters, and what came of all starts.
    struct Best {
        var result: TrainingLoop.Trained
        /// Empty where one start alone is allowed.
        var starts: [TrainingStart]
    }

    /// Trains until something is found, or no start is left.
    /// - Parameters:
    ///   - name: of the file that a killed training goes on from.
    ///   - later: epochs that follow these trainings, for the progress.
    ///   - build: the model with these first weights.
    func best(
        resume name: String,
        then later: Int,
        _ progress: (TrainProgress) -> Void,
        _ build: (FreshParameters) throws -> any MILModel
    ) throws -> Best {
        // Where the validation part tells no loss, nothing tells whether something was found; where it is the test part, it must not.
        let canTell = readout.hasLoss(of: validation) && !request.selectsOnTest
        let allowed = canTell ? request.training.starts ?? 1 : 1
        let file = StartsFile(
            url: folder.appending(path: TrainRequest.resumeFiles[2]),
            fingerprint: "\(request.fingerprint) \(name)"
        )
        var known = allowed == 1 ? nil : try file.read()
        while true {
            let start = known?.starts.count ?? 0
            if let known, start == allowed || known.starts.contains(where: \.hasFound) { return known }
            let seed = TrainingStart.seed(start, of: request.training.seed)
            let (loop, model) = (try loop(name, start: start), try build(fresh(seed: seed)))
            let before = start * recipe.epochs
            let result = try loop.run(optioned(model)) {
                progress(TrainProgress(done: before + $0.epoch + 1, total: before + recipe.epochs + later))
            }
            guard allowed > 1 else { return Best(result: result, starts: []) }
            let own = Best(result: result, starts: [try loop.start(model, result.epoch)])
            let best = known.map { $0.beside(own) } ?? own.first
            try file.write(best)
            known = best
        }
    }
}

extension ModelTraining.Best {
    /// With its start marked.
    fileprivate var first: Self {
        var first = self
        first.starts[0].isKept = true
        return first
    }

    /// The better one, of equal ones the first, and the starts of both.
    fileprivate func beside(_ next: Self) -> Self {
        let kept = starts.first(where: \.isKept)?.loss ?? .infinity
        guard next.starts[0].loss < kept else { return Self(result: result, starts: starts + next.starts) }
        var others = starts
        for place in others.indices { others[place].isKept = false }
        return Self(result: next.result, starts: others + next.first.starts)
    }
}

extension TrainingLoop {
    /// What came of a start: the loss on the validation part, beside that of one answer for all.
    /// - Parameter model: with the parameters that are kept.
    fileprivate func start(_ model: any MILModel, _ epoch: Int) throws -> TrainingStart {
        let bags = try numbers(of: validation, by: model, bags, testDraws)
        let mean = (bags.first?.numbers.indices ?? 0..<0).map { place in
            bags.map { $0.numbers[place] }.reduce(0, +) / Double(bags.count)
        }
        let alike = bags.map { BagNumbers(slide: $0.slide, numbers: mean) }
        guard let loss = try readout.loss(of: readout.scored(bags)),
            let lone = try readout.loss(of: readout.scored(alike))
        else {
            throw Failure(.bug, nil, "a validation part that has a loss tells none")
        }
        return TrainingStart(loss: loss, loneAnswer: lone, epoch: epoch)
    }
}

extension TrainingStart {
    private static let key = "starts"

    /// From the metadata of a file of weights; none where it tells of none.
    static func told(in metadata: [String: String]) throws -> [TrainingStart] {
        try metadata[key].map { try JSONDecoder().decode([TrainingStart].self, from: Data($0.utf8)) } ?? []
    }

    static func tell(_ starts: [TrainingStart], in metadata: inout [String: String]) throws {
        if starts.isEmpty { return }
        metadata[key] = String(decoding: try CanonicalJSON.line(starts), as: UTF8.self)
    }
}

/// The best start so far, which a killed training goes on from.
private struct StartsFile {
    let url: URL
    /// What it is of: another training's file is not read.
    let fingerprint: String

    private static let format = "wsi-starts-1"

    func write(_ best: ModelTraining.Best) throws {
        var metadata = [
            "format": Self.format, "fingerprint": fingerprint, "epoch": "\(best.result.epoch)",
            "history": String(decoding: try CanonicalJSON.line(best.result.history), as: UTF8.self),
        ]
        metadata["score"] = best.result.score.map { "\($0)" }
        try TrainingStart.tell(best.starts, in: &metadata)
        try SafeTensors(tensors: best.result.parameters, metadata: metadata).write(to: url)
    }

    /// nil where there is no such file, or it is another training's.
    func read() throws -> ModelTraining.Best? {
        guard let stored = try SafeTensors.ifThere(url), stored.metadata["format"] == Self.format,
            stored.metadata["fingerprint"] == fingerprint
        else { return nil }
        guard let epoch = stored.metadata["epoch"].flatMap({ Int($0) }), let text = stored.metadata["history"],
            let history = try? JSONDecoder().decode([EpochRecord].self, from: Data(text.utf8)),
            let starts = try? TrainingStart.told(in: stored.metadata), !starts.isEmpty
        else {
            throw MILError.checkpoint(path: url.path, reason: "the saved starts cannot be read; remove it")
        }
        let result = TrainingLoop.Trained(
            parameters: stored.tensors,
            epoch: epoch,
            score: stored.metadata["score"].flatMap { Double($0) },
            history: history
        )
        return ModelTraining.Best(result: result, starts: starts)
    }
}
