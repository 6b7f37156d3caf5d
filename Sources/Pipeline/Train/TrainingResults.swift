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
    private var top: TrainingFolder { layout.training(name) }

    /// What stands for all folds of a seed comes when all are there: the splits must never stand beside models that saw other ones. Of
    /// several seeds, two that are whole have a summary, which says of the others that they did not take part.
    func finish(_ trained: StageResult, _ runs: [SeedRun]) async throws {
        let outcomes = Dictionary(uniqueKeysWithValues: trained.outcomes.map { ($0.unit, $0) })
        let missing = runs.flatMap { run in
            material.splits.compactMap { split -> SeedEnsemble.Missing? in
                let outcome = outcomes[run.unit(split.fold)]
                guard outcome?.status != .ok, let seed = run.name.seed else { return nil }
                return SeedEnsemble.Missing(
                    seed: seed,
                    fold: split.fold,
                    reason: outcome?.failure?.message ?? "it is not trained"
                )
            }
        }
        let absent = Set(missing.map(\.seed))
        let whole = runs.filter { run in run.name.seed.map { !absent.contains($0) } ?? true }
        // What an earlier training left would pass for a whole one.
        for run in runs where run.name.seed.map(absent.contains) ?? false { try remove(run.folder.file(.study)) }
        guard trained.report.failures.isEmpty || whole.count > 1 else { return }
        for run in whole {
            let own = material.splits.compactMap { outcomes[run.unit($0.fold)] }
            try writeStudy(run, own)
            try removeFolds(of: run)
            try removeResumePoints(of: run)
            try writeSplits(in: run.folder)
            try await writeMetrics(run, own)
        }
        if runs.count > 1 {
            try removeSeeds(otherThan: runs)
            try await summarise(whole, missing)
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
        let file = run.folder.file(.study)
        // The sections that training does not depend on may change without a new training.
        let data = try study.sealed()
        if (try? Data(contentsOf: file)) != data { try AtomicFile.write(data, to: file) }
    }

    /// The splits as CLAM's files, for whoever wants to repeat a fold elsewhere.
    private func writeSplits(in folder: TrainingFolder) throws {
        let place = folder.splits
        let wanted = Dictionary(
            uniqueKeysWithValues: material.splits.map { (TrainingFolder.splitName($0.fold), $0.clamTable) }
        )
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

    private func remove(_ url: URL) throws { try Leftovers.remove(url) }

    /// Of a process that trained a fold when another one had ended with it, and was killed.
    private func removeResumePoints(of run: SeedRun) throws {
        for split in material.splits {
            let fold = run.folder.fold(split.fold)
            for name in TrainRequest.resumeFiles {
                try remove(fold.url.appending(path: name))
            }
            // Of a search that this training has none of any more.
            if run.config.search == nil { try remove(fold.search) }
            for candidate in try names(in: fold.search) {
                let folder = fold.search.appending(path: candidate)
                for name in try names(in: folder) where name != CandidateFolder.File.record.rawValue {
                    try remove(folder.appending(path: name))
                }
            }
        }
    }

    /// Folds of an earlier training with more of them.
    private func removeFolds(of run: SeedRun) throws {
        let kept = Set(material.splits.map(\.fold))
        for name in try names(in: run.folder.url) {
            guard let fold = FoldName.fold(of: name), !kept.contains(fold) else { continue }
            try remove(run.folder.fold(fold).url)
            try remove(layout.outcome(stage: .train(self.name), run.unit(fold)))
        }
    }

    private func removeSeeds(otherThan runs: [SeedRun]) throws {
        let kept = Set(runs.compactMap(\.name.seed))
        for seed in try SeedRun.seeds(in: top.url) where !kept.contains(seed) { try remove(.seed(seed)) }
    }

    /// - Throws: `Failure` (exit 4) where one seed would stand among several, or several beside one, without `--redo`.
    func checkOtherLayout(than runs: [SeedRun]) throws {
        let strangers = try otherLayout(than: runs)
        guard let first = strangers.first, !run.settings.redo else { return }
        throw Failure(
            .fingerprint,
            "\(name)/\(first.name)",
            "a training with \(runs.count > 1 ? "one seed" : "several seeds") is in the way; "
                + "give this one another name, or --redo to replace it"
        )
    }

    func removeOtherLayout(than runs: [SeedRun]) throws {
        let strangers = try otherLayout(than: runs)
        for entry in strangers { try remove(entry) }
        guard !strangers.isEmpty else { return }
        if runs.count == 1 { return try remove(layout.outcomes(stage: .summarise(name))) }
        try remove(top.splits)
        try remove(layout.outcome(stage: .evaluate(top.name), .metrics))
    }

    /// What a training's folder holds besides what follows from its folds.
    private enum Entry {
        case seed(UInt64)
        case fold(Int)
        case study

        init?(name: String) {
            if let seed = SeedFolder.seed(of: name) {
                self = .seed(seed)
            } else if let fold = FoldName.fold(of: name) {
                self = .fold(fold)
            } else if name == TrainedStudy.file {
                self = .study
            } else {
                return nil
            }
        }

        var isOfSeveralSeeds: Bool { if case .seed = self { true } else { false } }

        var name: String {
            switch self {
            case .seed(let seed): SeedFolder.name(seed)
            case .fold(let fold): FoldName.text(fold)
            case .study: TrainedStudy.file
            }
        }
    }

    private func otherLayout(than runs: [SeedRun]) throws -> [Entry] {
        try names(in: top.url).sorted().compactMap(Entry.init).filter { $0.isOfSeveralSeeds != (runs.count > 1) }
    }

    /// An entry of the training's folder, with the outcomes of its folds and metrics.
    private func remove(_ entry: Entry) throws {
        try remove(top.url.appending(path: entry.name))
        let stage = StageName.train(name)
        switch entry {
        case .study: break
        case .fold(let fold): try remove(layout.outcome(stage: stage, .fold(fold, seed: nil)))
        case .seed(let seed):
            try remove(layout.outcomes(stage: .evaluate(TrainingName(name, seed: seed))))
            let outcomes = layout.outcomes(stage: stage)
            for file in try names(in: outcomes) where UnitID(fileName: file)?.fold?.seed == seed {
                try remove(outcomes.appending(path: file))
            }
        }
    }

    private func writeMetrics(_ run: SeedRun, _ outcomes: [Outcome]) async throws {
        let inputs = try Dictionary(uniqueKeysWithValues: outcomes.map { ($0.unit.text, try $0.version()) })
        try await evaluate(.evaluate(run.name), run.config.evaluation, inputs) {
            let evaluation = try TrainingEvaluation(
                model: run.folder.url,
                folds: material.splits.map(\.fold),
                evaluation: run.config.evaluation,
                seed: run.config.training.seed
            )
            let report = try evaluation.report()
            return try write(
                report,
                evaluation.page(of: report),
                evaluation.furtherPages(of: report),
                tables: [(.search, evaluation.searchTable), (.sets, evaluation.setTable)],
                in: run.folder
            )
        }
    }

    /// - Parameters:
    ///   - further: a page for each of several targets beside the first.
    ///   - tables: with their texts; nil where there is nothing to tell, and an earlier one is removed.
    private func write(
        _ report: some Encodable,
        _ page: String,
        _ further: [(target: String, page: String)],
        tables: [(file: TrainingFolder.File, text: String?)],
        in folder: TrainingFolder
    ) throws -> [URL] {
        var files = [folder.file(.metrics), folder.file(.report)]
        try CanonicalJSON.write(report, to: files[0])
        try AtomicFile.write(page, to: files[1])
        for (file, text) in tables {
            let url = folder.file(file)
            if let text {
                files.append(url)
                try AtomicFile.write(text, to: url)
            } else if try RegularFile.exists(url) {
                try remove(url)
            }
        }
        let others = try further.map { target, page in
            let file = folder.report(of: target)
            try AtomicFile.write(page, to: file)
            return file
        }
        let kept = Set((files + others).map(\.lastPathComponent))
        for name in try names(in: folder.url)
        where name.hasPrefix("report_") && name.hasSuffix(".html") && !kept.contains(name) {
            try remove(folder.url.appending(path: name))
        }
        return files + others
    }

    /// Metrics follow from the folds in seconds, so they are always those of the folds and settings at hand.
    private func evaluate(
        _ name: StageName,
        _ config: EvaluationConfig,
        _ inputs: [String: String],
        work: () throws -> [URL]
    ) async throws {
        let stage = Stage(name: name, layout: layout, settings: run.settings)
        let parameters = try Fingerprint.parameters(of: config)
        let fingerprint = Fingerprint(stage: StageName.Kind.evaluate.rawValue, parameters: parameters, inputs: inputs)
        try await stage.makeAnew(Stage.Unit(id: .metrics, fingerprint: fingerprint), work)
    }

    private func summarise(_ runs: [SeedRun], _ missing: [SeedEnsemble.Missing]) async throws {
        var inputs = try Dictionary(
            uniqueKeysWithValues: runs.map {
                ($0.folder.url.lastPathComponent, try Digest.quick(fileAt: $0.folder.file(.metrics)))
            }
        )
        for one in missing { inputs["\(SeedFolder.name(one.seed))_\(FoldName.text(one.fold))"] = one.reason }
        try await evaluate(.summarise(name), run.study.config.evaluation, inputs) {
            let summary = try SeedSummary(
                name: name,
                folders: runs.map { ($0.config.training.seed, $0.folder.url) },
                missing: missing
            )
            return try write(
                summary.report,
                summary.page,
                summary.further.map { ($0.target, $0.summary.page) },
                tables: [(.search, summary.searchTable), (.sets, nil)],
                in: top
            )
        }
    }
}
