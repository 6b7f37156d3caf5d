public import Foundation
public import Records
import Storage

/// Probabilities and attention of every slide with features, by the folds that have not seen it.
public struct PredictStage: Sendable {
    public var layout: JobLayout
    /// `JOB/training/<name>`, of this job or another one.
    public var model: URL
    public var device: TrainingConfig.DeviceChoice
    public var settings: WorkSettings

    public init(layout: JobLayout, model: URL, device: TrainingConfig.DeviceChoice = .auto, settings: WorkSettings) {
        self.layout = layout
        self.model = model
        self.device = device
        self.settings = settings
    }

    init(run: StudyRun) {
        self.init(
            layout: run.layout,
            model: run.layout.training.appending(path: run.study.config.name),
            device: run.study.config.training.device,
            settings: run.settings
        )
    }

    static func name(model: String) -> String { "predict_\(model)" }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let study = try TrainedStudy.read(model)
        let name = model.lastPathComponent
        let features = try Features.read(layout, encoder: study.encoder.name)
        guard !features.files.isEmpty else {
            throw Failure(
                .notFound,
                layout.root.path,
                "no features of \(study.encoder.name) in this job; run wsi features first"
            )
        }
        let stage = Stage(name: Self.name(model: name), layout: layout, settings: settings)
        let checkpoints = try Dictionary(uniqueKeysWithValues: study.splits.map { ($0.fold, try checkpoint($0.fold)) })
        var folds: [SlideID: [Int]] = [:]
        for slide in features.files.keys {
            let chosen = study.folds(for: slide)
            if !chosen.isEmpty { folds[slide] = chosen }
        }
        let seen = features.files.count - folds.count
        if seen > 0 { progress(.note("predict: \(seen) slide(s) served for training only and are left out")) }
        let plan = try stage.plan(
            folds.keys.sorted().map { slide in
                var inputs = ["features": features.versions[slide] ?? ""]
                for fold in folds[slide] ?? [] { inputs["fold_\(fold)"] = checkpoints[fold] }
                return Stage.Unit(
                    id: slide,
                    fingerprint: Fingerprint(stage: "predict", parameters: ["model": name], inputs: inputs),
                    file: layout.predictions.appending(path: "\(name)/\(slide.text).h5")
                )
            }
        )
        let output = layout.predictions.appending(path: name)
        return try await stage.run(plan, progress: progress) { waiting, record in
            let items = try waiting.compactMap { unit in
                try features.files[unit.id].map { file in
                    PredictRequest.Item(
                        slide: unit.id,
                        features: file.path,
                        folds: folds[unit.id] ?? [],
                        fingerprint: try CanonicalJSON.fingerprint(unit.fingerprint)
                    )
                }
            }
            let request = PredictRequest(model: model.path, items: items, output: output.path, device: device)
            let result = try await ComputeCall(verb: "predict", programs: settings.programs).run(request) { said in
                if said.unit == "slide" { progress(.advanced(amount: 1, of: "slides")) }
            }
            let failures = Dictionary(
                result.failures.map { ($0.subject ?? "", $0) },
                uniquingKeysWith: { first, _ in first }
            )
            for unit in waiting {
                var outcome = Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint)
                if let failure = failures[unit.id.text] {
                    outcome.status = .failed
                    outcome.failure = Failure(
                        failure.code,
                        unit.id.text,
                        failure.message.replacing(layout.root.path + "/", with: "")
                    )
                } else if result.empty.contains(unit.id) {
                    outcome.status = .empty
                } else {
                    outcome.outputs = try layout.digests(of: [output.appending(path: "\(unit.id.text).h5")])
                }
                try record(outcome)
            }
        }
    }

    private func checkpoint(_ fold: Int) throws -> String {
        let folder = model.appending(path: "fold_\(fold)")
        let files = ["checkpoint.json", "checkpoint.safetensors"].map { folder.appending(path: $0) }
        return try CanonicalJSON.fingerprint(files.map { try Digest.sha256(fileAt: $0) })
    }
}

extension TrainedStudy {
    /// - Throws: `Failure` where the folder holds no training.
    static func read(_ model: URL) throws -> TrainedStudy {
        let file = model.appending(path: Self.file)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(
                .notFound,
                model.path,
                "no trained model here; run wsi train first, or name another with --model"
            )
        }
        let study = try CanonicalJSON.read(TrainedStudy.self, from: file)
        for (split, wanted) in zip(study.splits, study.checkpoints) {
            let card = model.appending(path: "fold_\(split.fold)/checkpoint.json")
            guard try CanonicalJSON.read(CheckpointMark.self, from: card).fingerprint == wanted else {
                throw Failure(
                    .fingerprint,
                    "fold_\(split.fold)",
                    "this checkpoint belongs to another training than \(Self.file); finish it with wsi train"
                )
            }
        }
        return study
    }

    /// The part of `checkpoint.json` that says which training it came from.
    private struct CheckpointMark: Decodable {
        var fingerprint: String
    }

    /// The folds that may speak about a slide: those that tested it; all of them where it is not of the cohort; none where
    /// it only served for training.
    func folds(for slide: SlideID) -> [Int] {
        let tested = splits.filter { $0.test.contains(slide) }.map(\.fold)
        if !tested.isEmpty { return tested }
        let known = splits.contains { $0.train.contains(slide) || $0.validation.contains(slide) }
        return known ? [] : splits.map(\.fold)
    }
}
