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

    var folder: URL { URL(filePath: request.output, directoryHint: .isDirectory) }
    private var outputs: Int { readout.outputs }
    func fresh(seed: UInt64) -> FreshParameters {
        FreshParameters(CounterDraws(seed: seed, fold: request.split.fold))
    }

    struct Trained {
        var model: any MILModel
        var result: TrainingLoop.Trained
        /// Further files of the fold, published already.
        var outputs: [URL] = []
        /// Where several first weights were allowed, what came of those that were tried; of a plain host that was.
        var starts: [TrainingStart] = []
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
        guard case .mhim(let mhim) = config, mhim.start.host,
            let student = try model(from: fresh(seed: request.training.seed)) as? any TaughtModel
        else {
            // Another training's host must not stay beside a model without one.
            for name in Self.hostFiles { try Leftovers.remove(folder.appending(path: name)) }
            let best = try best(resume: TrainRequest.resumeFiles[0], then: 0, progress) { try self.model(from: $0) }
            let kept = StoredParameters(best.result.parameters, path: folder.path)
            return Trained(model: try model(from: kept), result: best.result, starts: best.starts)
        }
        let (host, starts) = try trainedHost(mhim, progress)
        try student.begin(withHost: host, path: Self.hostName)
        let before = max(1, starts.count) * recipe.epochs
        let result = try loop(TrainRequest.resumeFiles[0]).run(optioned(student)) {
            progress(TrainProgress(done: before + $0.epoch + 1, total: before + recipe.epochs))
        }
        let outputs = Self.hostFiles.map { folder.appending(path: $0) }
        return Trained(model: student, result: result, outputs: outputs, starts: starts)
    }

    /// What a killed training goes on from must not stay beside a finished one.
    func removeResumePoints() throws {
        for name in TrainRequest.resumeFiles { try resumePoint(name).remove() }
    }

    /// The plain host's parameters, trained now or before the training was killed.
    private func trainedHost(
        _ mhim: MHIMConfig,
        _ progress: (TrainProgress) -> Void
    ) throws -> (parameters: [String: StoredTensor], starts: [TrainingStart]) {
        let file = folder.appending(path: Self.hostName)
        if let stored = try SafeTensors.ifThere(file), stored.metadata["fingerprint"] == request.fingerprint {
            return (stored.tensors, try TrainingStart.told(in: stored.metadata))
        }
        let best = try best(resume: TrainRequest.resumeFiles[1], then: recipe.epochs, progress) {
            try mhim.hostModel(featureWidth: featureWidth, classes: outputs, from: $0, on: device).asking(readout)
        }
        let trained = best.result
        try AtomicFile.write(EpochRecord.table(trained.history), to: folder.appending(path: Self.hostHistoryName))
        var metadata = ["fingerprint": request.fingerprint, "epoch": "\(trained.epoch)"]
        try TrainingStart.tell(best.starts, in: &metadata)
        try SafeTensors(tensors: trained.parameters, metadata: metadata).write(to: file)
        return (trained.parameters, best.starts)
    }

    /// The same model, as the options of the training change what it learns from.
    func optioned(_ model: any MILModel) -> any MILModel {
        OptionedModel(model, request.training, training, readout, bags) ?? model
    }

    /// - Parameter start: which of the first weights the training is from.
    func loop(_ resume: String, start: Int = 0) throws -> TrainingLoop {
        let (settings, fold) = (request.training, request.split.fold)
        let seed = TrainingStart.seed(start, of: settings.seed)
        return TrainingLoop(
            recipe: recipe,
            readout: readout,
            riskSet: settings.riskSet ?? 32,
            seed: seed,
            fold: fold,
            order: BagOrder(settings.sampling, of: training, seed: seed, fold: fold),
            classWeights: try classWeights(),
            training: training,
            validation: validation,
            bags: bags,
            resume: resumePoint(resume, start: start)
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

    private func resumePoint(_ name: String, start: Int = 0) -> ResumePoint {
        let fingerprint = start == 0 ? request.fingerprint : "\(request.fingerprint) start \(start)"
        return ResumePoint(fingerprint: fingerprint, file: folder.appending(path: name))
    }
}
