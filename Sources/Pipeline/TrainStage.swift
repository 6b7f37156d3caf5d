import Foundation
import Records
import Storage

/// What a training leaves in `JOB/training/<name>/study.json`: enough to predict and evaluate without its config file.
struct TrainedStudy: Codable, Equatable, Sendable {
    /// The config with every default written out.
    var config: PipelineConfig
    var classes: [String]
    var encoder: EncoderIdentity
    var splits: [Split]
    /// Fingerprint of each fold's checkpoint, in the order of the splits: which models these splits belong to.
    var checkpoints: [String]

    static let file = "study.json"
}

/// One model per fold, and the pooled metrics of all.
struct TrainStage: Sendable {
    var run: StudyRun

    static func name(model: String) -> String { "train_\(model)" }

    private var layout: JobLayout { run.layout }
    private var config: PipelineConfig { run.study.config }
    private var folder: URL { layout.training.appending(path: config.name) }

    func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let encoder = try run.study.encoder().identity
        let features = try Features.read(layout, encoder: encoder.name)
        let cohort = try usable(features, progress)
        let splits = run.study.splits.map { $0.keeping(Set(cohort.slides.map(\.slide))) }
        try Splits.check(splits, of: cohort)
        let stage = Stage(name: Self.name(model: config.name), layout: layout, settings: run.settings)
        let byUnit = try Dictionary(uniqueKeysWithValues: splits.map { (try SlideID("fold_\($0.fold)"), $0) })
        let plan = try stage.plan(
            byUnit.sorted { $0.value.fold < $1.value.fold }.map { unit, split in
                Stage.Unit(id: unit, fingerprint: try fingerprint(split, cohort, encoder, features))
            }
        )
        let result = try await stage.run(plan, progress: progress) { waiting, record in
            try await withThrowingTaskGroup(of: Outcome.self) { group in
                var units = waiting.makeIterator()
                func add(_ unit: Stage.Unit) {
                    guard let split = byUnit[unit.id] else { return }
                    let request = request(unit, split, cohort, encoder, features)
                    group.addTask { try await train(unit, request, stage: stage.name, progress) }
                }
                for _ in 0..<max(1, run.settings.workers) { units.next().map(add) }
                while let outcome = try await group.next() {
                    try record(outcome)
                    units.next().map(add)
                }
            }
        }
        if result.report.failures.isEmpty { try await finish(result, cohort, encoder, splits) }
        return result
    }

    /// What stands for all folds comes when all are there: the splits must never stand beside models that saw other ones.
    private func finish(
        _ trained: StageResult,
        _ cohort: Cohort,
        _ encoder: EncoderIdentity,
        _ splits: [Split]
    ) async throws {
        let fingerprints = Dictionary(uniqueKeysWithValues: trained.outcomes.map { ($0.unit.text, $0.fingerprint) })
        let study = TrainedStudy(
            config: config,
            classes: cohort.classes,
            encoder: encoder,
            splits: splits,
            checkpoints: try splits.map { try CanonicalJSON.fingerprint(fingerprints["fold_\($0.fold)"]) }
        )
        let file = folder.appending(path: TrainedStudy.file)
        // The sections that training does not depend on may change without a new training.
        if (try? CanonicalJSON.read(TrainedStudy.self, from: file)) != study {
            try CanonicalJSON.write(study, to: file)
        }
        try removeFolds(otherThan: splits)
        try await writeMetrics(trained, splits)
    }

    /// Folds of an earlier training with more of them.
    private func removeFolds(otherThan splits: [Split]) throws {
        let kept = Set(splits.map { "fold_\($0.fold)" })
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        for name in names where name.hasPrefix("fold_") && !kept.contains(name) {
            try FileManager.default.removeItem(at: folder.appending(path: name))
            try? FileManager.default.removeItem(at: layout.outcome(stage: Self.name(model: config.name), SlideID(name)))
        }
    }

    /// The labelled slides that have features; the others are named, not silently dropped.
    private func usable(_ features: Features, _ progress: ProgressSink) throws -> Cohort {
        let cohort = run.study.cohort
        let missing = cohort.slides.filter { features.files[$0.slide] == nil }.map(\.slide.text)
        guard missing.count < cohort.slides.count else {
            throw Failure(
                .notFound,
                layout.root.path,
                "no slide of the cohort has features here; run wsi features first"
            )
        }
        if !missing.isEmpty {
            let shown = missing.prefix(5).joined(separator: ", ") + (missing.count > 5 ? ", …" : "")
            progress(.note("train: \(missing.count) labelled slide(s) have no features and are left out: \(shown)"))
        }
        return Cohort(classes: cohort.classes, slides: cohort.slides.filter { features.files[$0.slide] != nil })
    }

    private func fingerprint(
        _ split: Split,
        _ cohort: Cohort,
        _ encoder: EncoderIdentity,
        _ features: Features
    ) throws -> Fingerprint {
        let slides = (split.train + split.validation + split.test).sorted()
        return Fingerprint(
            stage: "train",
            parameters: [
                "model": String(decoding: try CanonicalJSON.line(config.model), as: UTF8.self),
                "training": String(decoding: try CanonicalJSON.line(config.training), as: UTF8.self),
                "threshold": config.evaluation.threshold.rawValue,
                "encoder": encoder.name,
                "folds": "\(config.cohort.folds)",
                "val_fraction": "\(config.cohort.valFraction)",
                "test_slides": config.cohort.testSlides ?? "",
                "classes": cohort.classes.joined(separator: ", "),
            ],
            inputs: [
                "labels": try CanonicalJSON.fingerprint(cohort), "split": try CanonicalJSON.fingerprint(split),
                "features": try CanonicalJSON.fingerprint(slides.map { features.versions[$0] ?? "" }),
            ]
        )
    }

    private func request(
        _ unit: Stage.Unit,
        _ split: Split,
        _ cohort: Cohort,
        _ encoder: EncoderIdentity,
        _ features: Features
    ) -> TrainRequest {
        TrainRequest(
            name: config.name,
            cohort: cohort,
            split: split,
            features: Dictionary(uniqueKeysWithValues: features.files.map { ($0.key.text, $0.value.path) }),
            encoder: EncoderFacts(
                name: encoder.name,
                digest: encoder.digest,
                licence: encoder.licence,
                isHandcrafted: encoder.input == nil
            ),
            model: config.model,
            training: config.training,
            evaluation: config.evaluation,
            output: folder.appending(path: unit.id.text).path,
            fingerprint: (try? CanonicalJSON.fingerprint(unit.fingerprint)) ?? "",
            provenance: unit.fingerprint.inputs.merging(["wsi_version": run.version]) { $1 }
        )
    }

    private func train(
        _ unit: Stage.Unit,
        _ request: TrainRequest,
        stage: String,
        _ progress: @escaping ProgressSink
    ) async throws -> Outcome {
        var outcome = Outcome(unit: unit.id, stage: stage, status: .ok, fingerprint: unit.fingerprint)
        do {
            let result = try await ComputeCall(verb: "train", programs: run.settings.programs).run(request) { said in
                if said.unit == "epoch" { progress(.advanced(amount: 1, of: "epochs")) }
            }
            outcome.outputs = try layout.digests(of: result.outputs.map { URL(filePath: $0) })
            outcome.figures = result.figures
        } catch let failure as Failure
            where failure.code.exitStatus == .partial || failure.code.exitStatus == .integrity
        {
            outcome.status = .failed
            // Results hold no path of this machine.
            outcome.failure = Failure(
                failure.code,
                unit.id.text,
                failure.message.replacing(layout.root.path + "/", with: "")
            )
        }
        return outcome
    }

    private func writeMetrics(_ trained: StageResult, _ splits: [Split]) async throws {
        let stage = Stage(name: "evaluate_\(config.name)", layout: layout, settings: run.settings)
        let file = folder.appending(path: "metrics.json")
        let page = folder.appending(path: "report.html")
        let fingerprint = Fingerprint(
            stage: "evaluate",
            parameters: try Fingerprint.parameters(of: config.evaluation),
            inputs: try Dictionary(uniqueKeysWithValues: trained.outcomes.map { ($0.unit.text, try $0.version()) })
        )
        var following = stage
        // Metrics follow from the folds in seconds, so they are always those of the folds and settings at hand.
        following.settings.redo = true
        let plan = try following.plan([Stage.Unit(id: try SlideID("metrics"), fingerprint: fingerprint)])
        _ = try await following.run(plan, progress: { _ in }) { waiting, record in
            for unit in waiting {
                let request = EvaluateRequest(
                    model: folder.path,
                    folds: splits.map(\.fold),
                    evaluation: config.evaluation,
                    seed: config.training.seed,
                    output: file.path,
                    page: page.path
                )
                _ = try await ComputeCall(verb: "evaluate", programs: run.settings.programs).run(request) { _ in }
                var outcome = Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint)
                outcome.outputs = try layout.digests(of: [file, page])
                try record(outcome)
            }
        }
    }
}

/// The feature files of a job, by slide.
struct Features: Sendable {
    var files: [SlideID: URL] = [:]
    /// `Outcome.version()` of each.
    var versions: [SlideID: String] = [:]

    /// Slides whose features are there and belong to their patches as they are now; an empty slide has none to learn from.
    static func read(_ layout: JobLayout, encoder: String) throws -> Features {
        var features = Features()
        for outcome in try Stage.outcomes(stage: FeatureStage.name(encoder: encoder), in: layout)
        where outcome.status == .ok {
            let tiled = Stage.outcome(of: outcome.unit, stage: TileStage.name, in: layout)
            guard let grid = outcome.facts["grid"], let tiled, tiled.hasResult,
                try tiled.version() == outcome.fingerprint.inputs["patches"], try outcome.isIntact(in: layout)
            else { continue }
            features.files[outcome.unit] = layout.features(
                in: layout.root.appending(path: grid),
                encoder: encoder,
                outcome.unit
            )
            features.versions[outcome.unit] = try outcome.version()
        }
        return features
    }
}

extension Split {
    func keeping(_ slides: Set<SlideID>) -> Split {
        Split(
            fold: fold,
            train: train.filter(slides.contains),
            validation: validation.filter(slides.contains),
            test: test.filter(slides.contains)
        )
    }
}
