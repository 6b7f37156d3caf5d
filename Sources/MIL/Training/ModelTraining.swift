import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage
import Torch

/// Trains the model of a fold. Where it is MHIM with a host, the plain host is trained first, by the same recipe on the
/// same bags, and stays in the fold's folder as `host.safetensors` and `host_history.csv`.
struct ModelTraining {
    let request: TrainRequest
    /// With every width written out.
    let config: ModelConfig
    /// What the model's numbers are to mean.
    let readout: Readout
    let recipe: Recipe
    let featureWidth: Int
    let training: [CohortSlide]
    let validation: [CohortSlide]
    let bags: DeviceBags
    let device: Device

    static let hostName = "host.safetensors"
    static let hostHistoryName = "host_history.csv"
    static let hostFiles = [hostName, hostHistoryName]

    private var folder: URL { URL(filePath: request.output, directoryHint: .isDirectory) }
    private var outputs: Int { readout.outputs }
    private var fresh: FreshParameters {
        FreshParameters(CounterDraws(seed: request.training.seed, fold: request.split.fold))
    }

    struct Trained {
        var model: any MILModel
        var result: TrainingLoop.Trained
        /// Further files of the fold, published already.
        var outputs: [URL] = []
    }

    /// The model with these parameters.
    func model(from source: some ParameterSource) throws -> any MILModel {
        try config.model(
            featureWidth: featureWidth,
            readout: readout,
            attention: request.training.targetAttention,
            from: source,
            on: device
        )
    }

    func run(progress: (TrainProgress) -> Void) throws -> Trained {
        let model = try model(from: fresh)
        guard case .mhim(let mhim) = config, mhim.start.host, let student = model as? any TaughtModel else {
            // Another training's host must not stay beside a model without one.
            for name in Self.hostFiles { try Leftovers.remove(folder.appending(path: name)) }
            let result = try loop(TrainRequest.resumeFiles[0]).run(optioned(model)) {
                progress(TrainProgress(done: $0.epoch + 1, total: recipe.epochs))
            }
            return Trained(model: model, result: result)
        }
        let total = 2 * recipe.epochs
        let host = try trainedHost(mhim) { progress(TrainProgress(done: $0.epoch + 1, total: total)) }
        try student.begin(withHost: host, path: Self.hostName)
        let result = try loop(TrainRequest.resumeFiles[0]).run(optioned(student)) {
            progress(TrainProgress(done: recipe.epochs + $0.epoch + 1, total: total))
        }
        let outputs = Self.hostFiles.map { folder.appending(path: $0) }
        return Trained(model: student, result: result, outputs: outputs)
    }

    /// What a killed training goes on from must not stay beside a finished one.
    func removeResumePoints() throws {
        for name in TrainRequest.resumeFiles { try resumePoint(name).remove() }
    }

    /// The plain host's parameters, trained now or before the training was killed.
    private func trainedHost(_ mhim: MHIMConfig, progress: (EpochRecord) -> Void) throws -> [String: StoredTensor] {
        let file = folder.appending(path: Self.hostName)
        if let stored = try SafeTensors.ifThere(file), stored.metadata["fingerprint"] == request.fingerprint {
            return stored.tensors
        }
        let host = try mhim.hostModel(featureWidth: featureWidth, classes: outputs, from: fresh, on: device)
            .asking(readout)
        let trained = try loop(TrainRequest.resumeFiles[1]).run(optioned(host), progress: progress)
        try AtomicFile.write(EpochRecord.table(trained.history), to: folder.appending(path: Self.hostHistoryName))
        let metadata = ["fingerprint": request.fingerprint, "epoch": "\(trained.epoch)"]
        try SafeTensors(tensors: trained.parameters, metadata: metadata).write(to: file)
        return trained.parameters
    }

    /// The same model, as the options of the training change what it learns from.
    private func optioned(_ model: any MILModel) -> any MILModel {
        OptionedModel(model, request.training, training, readout, bags) ?? model
    }

    private func loop(_ resume: String) throws -> TrainingLoop {
        let (settings, fold) = (request.training, request.split.fold)
        return TrainingLoop(
            recipe: recipe,
            readout: readout,
            riskSet: settings.riskSet ?? 32,
            seed: settings.seed,
            fold: fold,
            order: BagOrder(settings.sampling, of: training, seed: settings.seed, fold: fold),
            classWeights: try classWeights(),
            training: training,
            validation: validation,
            bags: bags,
            resume: resumePoint(resume)
        )
    }

    /// Those of labels, and of several targets, stand in the readout.
    private func classWeights() throws -> [Double] {
        switch readout {
        case .class(let count), .ordinal(let count):
            try request.training.classWeights.factors(for: training, classes: count)
        case .labels, .number, .hazards, .risk, .several: []
        }
    }

    private func resumePoint(_ name: String) -> ResumePoint {
        ResumePoint(fingerprint: request.fingerprint, file: folder.appending(path: name))
    }
}
