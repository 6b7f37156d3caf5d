import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage

/// What follows from trained folds: `study.json`, the splits, the metrics of every seed and of all seeds.
struct TrainingResults: Sendable {
    var run: StudyRun
    var material: TrainingMaterial

    private var layout: JobLayout { run.layout }
    private var name: String { run.study.config.name }
    private var top: URL { layout.training.appending(path: name) }

    /// What stands for all folds comes when all are there: the splits must never stand beside models that saw other ones.
    func finish(_ trained: StageResult, _ runs: [SeedRun]) async throws {
        let outcomes = Dictionary(uniqueKeysWithValues: trained.outcomes.map { ($0.unit, $0) })
        for run in runs {
            let own = try material.splits.compactMap { outcomes[try run.unit($0.fold)] }
            try writeStudy(run, own)
            try removeFolds(of: run)
            try removeResumePoints(of: run)
            try writeSplits(in: run.folder)
            try await writeMetrics(run, own)
        }
        if runs.count > 1 {
            try removeSeeds(otherThan: runs)
            try await summarise(runs)
        }
    }

    private func writeStudy(_ run: SeedRun, _ outcomes: [Outcome]) throws {
        let study = TrainedStudy(
            config: run.config,
            classes: material.cohort.classes,
            encoder: material.encoder,
            splits: material.splits,
            cases: run.config.cohort.unit == .case ? material.cohort.cases.mapValues { $0.map(\.slide) } : nil,
            checkpoints: try outcomes.map { try CanonicalJSON.fingerprint($0.fingerprint) },
            files: TrainedStudy.files(of: outcomes, name: run.name)
        )
        let file = run.folder.appending(path: TrainedStudy.file)
        // The sections that training does not depend on may change without a new training.
        let data = try study.sealed()
        if (try? Data(contentsOf: file)) != data { try AtomicFile.write(data, to: file) }
    }

    /// The splits as CLAM's files, for whoever wants to repeat a fold elsewhere.
    private func writeSplits(in folder: URL) throws {
        let place = folder.appending(path: "splits")
        let wanted = Dictionary(uniqueKeysWithValues: material.splits.map { ("splits_\($0.fold).csv", $0.clamTable) })
        for name in try names(in: place) where wanted[name] == nil { try remove(place.appending(path: name)) }
        for (name, text) in wanted.sorted(by: { $0.key < $1.key }) {
            let file = place.appending(path: name)
            if (try? Data(contentsOf: file)) != Data(text.utf8) { try AtomicFile.write(text, to: file) }
        }
    }

    /// Without hidden ones: what another process is about to give its name is among these.
    private func names(in folder: URL) throws -> [String] {
        try FolderWalk.names(in: folder).filter { !$0.hasPrefix(".") }
    }

    /// Removes a file or a folder with all that is in it. Equal commands may do so at once: what one of them has removed, the
    /// others do not find.
    private func remove(_ url: URL) throws {
        for attempt in 1... {
            do { return try FileManager.default.removeItem(at: url) } catch {
                guard try RegularFile.exists(url) else { return }
                if attempt == 10 { throw error }
            }
        }
    }

    /// Of a process that trained a fold when another one had ended with it, and was killed.
    private func removeResumePoints(of run: SeedRun) throws {
        for split in material.splits {
            for name in TrainRequest.resumeFiles {
                let file = run.folder.appending(path: "fold_\(split.fold)/\(name)")
                guard unlink(file.path) == 0 || errno == ENOENT else {
                    throw StorageError.system(path: file.path, call: "unlink", errno: errno)
                }
            }
        }
    }

    /// Folds of an earlier training with more of them.
    private func removeFolds(of run: SeedRun) throws {
        let kept = Set(material.splits.map { "fold_\($0.fold)" })
        for name in try names(in: run.folder) where name.hasPrefix("fold_") && !kept.contains(name) {
            try remove(run.folder.appending(path: name))
            if let fold = Int(name.dropFirst("fold_".count)) {
                try remove(layout.outcome(stage: TrainStage.name(model: self.name), run.unit(fold)))
            }
        }
    }

    private func removeSeeds(otherThan runs: [SeedRun]) throws {
        let kept = Set(runs.map(\.folder.lastPathComponent))
        for name in try names(in: top) where name.hasPrefix("seed_") && !kept.contains(name) { try removeEntry(name) }
    }

    /// - Throws: `Failure` (exit 4) where one seed would stand among several, or several beside one, without `--redo`.
    func checkOtherLayout(than runs: [SeedRun]) throws {
        let strangers = try otherLayout(than: runs)
        guard let first = strangers.first, !run.settings.redo else { return }
        throw Failure(
            .fingerprint,
            "\(name)/\(first)",
            "a training with \(runs.count > 1 ? "one seed" : "several seeds") is in the way; "
                + "give this one another name, or --redo to replace it"
        )
    }

    func removeOtherLayout(than runs: [SeedRun]) throws {
        let strangers = try otherLayout(than: runs)
        for name in strangers { try removeEntry(name) }
        guard !strangers.isEmpty else { return }
        if runs.count == 1 { return try remove(layout.outcomes(stage: "summarise_\(name)")) }
        try remove(top.appending(path: "splits"))
        try remove(layout.outcome(stage: "evaluate_\(name)", SlideID("metrics")))
    }

    private func otherLayout(than runs: [SeedRun]) throws -> [String] {
        try names(in: top).filter {
            runs.count > 1 ? $0.hasPrefix("fold_") || $0 == TrainedStudy.file : $0.hasPrefix("seed_")
        }
        .sorted()
    }

    /// An entry of the training's folder, with the outcomes of its folds and metrics.
    private func removeEntry(_ entry: String) throws {
        try remove(top.appending(path: entry))
        if entry.hasPrefix("seed_") { try remove(layout.outcomes(stage: "evaluate_\(name)/\(entry)")) }
        let outcomes = layout.outcomes(stage: TrainStage.name(model: name))
        for file in try names(in: outcomes) where file == "\(entry).json" || file.hasPrefix("\(entry)_fold_") {
            try remove(outcomes.appending(path: file))
        }
    }

    private func writeMetrics(_ run: SeedRun, _ outcomes: [Outcome]) async throws {
        let inputs = try Dictionary(uniqueKeysWithValues: outcomes.map { ($0.unit.text, try $0.version()) })
        try await evaluate("evaluate_\(run.name)", run.config.evaluation, inputs) {
            let evaluation = try TrainingEvaluation(
                model: run.folder,
                folds: material.splits.map(\.fold),
                evaluation: run.config.evaluation,
                seed: run.config.training.seed
            )
            let report = try evaluation.report()
            return try write(report, evaluation.page(of: report), in: run.folder)
        }
    }

    private func write(_ report: some Encodable, _ page: String, in folder: URL) throws -> [URL] {
        let files = [folder.appending(path: "metrics.json"), folder.appending(path: "report.html")]
        try CanonicalJSON.write(report, to: files[0])
        try AtomicFile.write(page, to: files[1])
        return files
    }

    /// Metrics follow from the folds in seconds, so they are always those of the folds and settings at hand.
    private func evaluate(
        _ name: String,
        _ config: EvaluationConfig,
        _ inputs: [String: String],
        work: () throws -> [URL]
    ) async throws {
        var stage = Stage(name: name, layout: layout, settings: run.settings)
        stage.settings.redo = true
        let parameters = try Fingerprint.parameters(of: config)
        let fingerprint = Fingerprint(stage: "evaluate", parameters: parameters, inputs: inputs)
        let plan = try stage.plan([Stage.Unit(id: try SlideID("metrics"), fingerprint: fingerprint)])
        _ = try await stage.run(plan, progress: { _ in }) { waiting, record in
            for unit in waiting {
                let files = try work()
                var outcome = Outcome(unit: unit.id, stage: name, status: .ok, fingerprint: unit.fingerprint)
                try outcome.record(files, in: layout)
                try record(outcome)
            }
        }
    }

    private func summarise(_ runs: [SeedRun]) async throws {
        let inputs = try Dictionary(
            uniqueKeysWithValues: runs.map {
                ($0.folder.lastPathComponent, try Digest.quick(fileAt: $0.folder.appending(path: "metrics.json")))
            }
        )
        try await evaluate("summarise_\(name)", run.study.config.evaluation, inputs) {
            let summary = try SeedSummary(
                name: name,
                folders: runs.map { ($0.config.training.seed, $0.folder) }
            )
            return try write(summary.report, summary.page, in: top)
        }
    }
}
