import Evaluation
import Files
import Foundation
import Records
import Storage
import Torch

/// Where a training stands after an epoch. All else that the next epoch depends on is a function of the seed, so going on
/// from here gives the same bytes as if nothing had come between.
struct TrainingState {
    var history: [EpochRecord] = []
    /// The epoch that the selection prefers so far, counted from 0, with the parameters it had.
    var best: (epoch: Int, parameters: [String: Tensor])?
    /// The weights' running mean and the steps that made it, where a recipe has one.
    var average: (means: [String: Tensor], count: Int)?
}

/// The file that a killed training goes on from; it goes when the training ends.
///
/// Processes that train the same fold at once share it: whose state it holds makes no difference, since all of them come to
/// the same one after an epoch, and each goes on without it where another has ended and taken it away.
struct ResumePoint {
    /// What the state is of: another training's file is not read.
    let fingerprint: String
    let file: URL

    private enum Prefix: String, CaseIterable { case parameter, optimiser, best, average }

    private static let format = "wsi-resume-1"

    func save(_ state: TrainingState, _ model: any MILModel, _ optimiser: Adam) throws {
        var tensors: [String: StoredTensor] = [:]
        func add(_ prefix: Prefix, _ values: [String: Tensor]) throws {
            for (name, tensor) in values {
                let stored = StoredTensor(shape: tensor.shape, floats: try tensor.floats())
                tensors["\(prefix.rawValue).\(name)"] = stored
            }
        }
        try add(.parameter, model.values())
        try add(.optimiser, optimiser.state())
        try add(.best, state.best?.parameters ?? [:])
        try add(.average, state.average?.means ?? [:])
        var metadata = [
            "format": Self.format, "fingerprint": fingerprint, "best_epoch": "\(state.best?.epoch ?? -1)",
            "history": String(decoding: try CanonicalJSON.line(state.history), as: UTF8.self),
        ]
        metadata["averaged_steps"] = state.average.map { "\($0.count)" }
        try SafeTensors(tensors: tensors, metadata: metadata).write(to: file)
    }

    /// Puts model and optimiser where they were.
    /// - Returns: nil where there is no such file or it is another training's: then nothing has changed.
    func restore(_ model: any MILModel, _ optimiser: Adam) throws -> TrainingState? {
        guard let stored = try SafeTensors.ifThere(file) else { return nil }
        guard stored.metadata["format"] == Self.format, stored.metadata["fingerprint"] == fingerprint else {
            return nil
        }
        let refusal = MILError.checkpoint(path: file.path, reason: "the saved state does not fit the model; remove it")
        guard let epoch = stored.metadata["best_epoch"].flatMap({ Int($0) }), let text = stored.metadata["history"],
            let history = try? JSONDecoder().decode([EpochRecord].self, from: Data(text.utf8))
        else { throw refusal }
        let device = model.parameters.first?.tensor.device ?? .cpu
        func values(_ prefix: Prefix) throws -> [String: Tensor] {
            let own = stored.tensors.filter { $0.key.hasPrefix("\(prefix.rawValue).") }
            return try Dictionary(
                uniqueKeysWithValues: own.map { name, tensor in
                    guard let floats = tensor.floats else { throw refusal }
                    let value = try Tensor(floats, shape: tensor.shape, on: device)
                    return (String(name.dropFirst(prefix.rawValue.count + 1)), value)
                }
            )
        }
        let (parameters, best, means) = (try values(.parameter), try values(.best), try values(.average))
        let steps = stored.metadata["averaged_steps"].flatMap { Int($0) }
        guard model.takes(parameters), best.isEmpty == (epoch < 0), best.isEmpty || model.takes(best),
            means.isEmpty == (steps == nil),
            means.isEmpty || model.trainable.allSatisfy({ means[$0.name]?.shape == $0.tensor.shape })
        else {
            throw refusal
        }
        try optimiser.restore(values(.optimiser))
        try model.assign(parameters)
        return TrainingState(
            history: history,
            best: epoch < 0 ? nil : (epoch, best),
            average: steps.map { (means, $0) }
        )
    }

    func remove() throws { try Leftovers.remove(file) }
}

extension SafeTensors {
    /// - Returns: nil where there is no such file, or none any more.
    static func ifThere(_ file: URL) throws -> SafeTensors? {
        guard try RegularFile.exists(file) else { return nil }
        do { return try SafeTensors(contentsOf: file) } catch let error as StorageError where error.code == .notFound {
            return nil
        }
    }
}

extension MILModel {
    /// Copies of all parameters by name.
    func values() throws -> [String: Tensor] {
        try withoutGrad {
            Dictionary(uniqueKeysWithValues: try parameters.map { ($0.name, try $0.tensor.clone()) })
        }
    }

    /// Whether the values are those of exactly this model's parameters.
    func takes(_ values: [String: Tensor]) -> Bool {
        values.count == parameters.count && parameters.allSatisfy { values[$0.name]?.shape == $0.tensor.shape }
    }

    /// Gives the parameters the values of their names.
    func assign(_ values: [String: Tensor]) throws {
        try withoutGrad {
            for parameter in parameters { try values[parameter.name].map { try parameter.tensor.assign($0) } }
        }
    }
}
