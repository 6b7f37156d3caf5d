import Evaluation
import Files
import Foundation
import Records
import Storage

/// Slides through all models of a training, over its folds and its seeds: `predictions/NAME/ensemble.csv`, of several targets one table for
/// each, and `ensemble.json` with the models that took part. The outcome of `ensemble_NAME` tells what they were made of.
public struct EnsemblePrediction: Sendable {
    /// Of the first seed, or of the only training.
    private let stage: PredictStage
    private let seeds: TrainedSeeds
    private let name: TrainingName

    /// - Parameter stage: with the folder of a training, which may have several seeds.
    public init(_ stage: PredictStage) throws {
        self.stage = stage
        name = stage.model.name
        seeds = try TrainedSeeds(in: stage.model)
    }

    private var layout: JobLayout { stage.layout }
    private var folder: URL { layout.predictions(of: name) }

    /// - Returns: how each seed's stage ended.
    public func run(progress: @escaping ProgressSink) async throws -> [StageReport] {
        if seeds.trained.count > 1 {
            progress(.note("predict: with the models of \(seeds.trained.count) seeds: \(seeds.words)"))
        }
        var reports: [StageReport] = []
        for training in seeds.trained {
            var own = stage
            own.model = training
            reports.append(try await own.run(progress: progress).report)
        }
        try await join(progress)
        return reports
    }

    /// Commands on shards of the slides end beside each other: each joins what is there when its turn has come, and one that another waits
    /// for leaves it to that.
    private func join(_ progress: ProgressSink) async throws {
        let what = StageName.ensemble(name).text
        let turn: Turn?
        do { turn = try Turn.take(what, in: layout) } catch let error as StorageError {
            progress(.note("warning: commands that join predictions of \(name) at once are not told apart: \(error)"))
            turn = nil
        }
        defer { turn?.end() }
        while let turn, try turn.earlier().contains(where: { $0.sight != .silent }) {
            try await Task.sleep(for: .milliseconds(100))
        }
        if let turn, try Turn.others(what, in: layout).contains(where: { $0.number > turn.number && $0.sight == .here })
        {
            return
        }
        // Read when the turn has come: what others have predicted meanwhile is among it.
        let told = try voices()
        let isOfOne = seeds.trained.count == 1 && seeds.missing.isEmpty
        if isOfOne, told.found.values.joined().allSatisfy({ $0.folds.count == 1 }) { return try removeAll() }
        try await write(told, progress)
    }

    private struct Told {
        var found: [SlideID: [EnsembleVoice]]
        var inputs: [String: String]
        /// Slides with predictions of other models or features.
        var stale: Set<String>
    }

    /// What the models say of each slide, as far as it is of the models and features that there are now.
    private func voices() throws -> Told {
        let lineage = Lineage(layout)
        var found: [SlideID: [EnsembleVoice]] = [:]
        var inputs: [String: String] = [:]
        var stale: Set<String> = []
        for training in seeds.trained {
            var versions: [String] = []
            for outcome in try Stage.outcomes(stage: .predict(training.name), in: layout) where outcome.status == .ok {
                guard try lineage.refusal(ofPrediction: outcome) == nil else {
                    stale.insert(outcome.slide.text)
                    continue
                }
                let told = try PredictedVoices.all(in: layout.prediction(of: training.name, outcome.slide))
                found[outcome.slide, default: []].append(EnsembleVoice(training: training, targets: told))
                versions += [outcome.unit.text, try outcome.version()]
            }
            inputs[Lineage.voices(of: training.name)] =
                versions.isEmpty ? nil : try CanonicalJSON.fingerprint(texts: versions)
        }
        return Told(found: found, inputs: inputs, stale: stale)
    }

    /// - Throws: `Failure` where slides are predicted for different targets.
    static func targets(of slides: [(SlideID, [EnsembleVoice])]) throws -> [String?] {
        let all = slides.flatMap { slide, voices in voices.map { (slide, $0.targets.map(\.target)) } }
        guard let (first, names) = all.first else { return [] }
        if let (other, others) = all.first(where: { $0.1 != names }) {
            func words(_ names: [String?]) -> String { names.map { $0 ?? "one target" }.joined(separator: ", ") }
            throw Failure(
                .file,
                other.text,
                "its predictions are of \(words(others)), and those of \(first.text) of \(words(names)); "
                    + "predict anew with --redo"
            )
        }
        return names
    }

    private func write(_ told: Told, _ progress: ProgressSink) async throws {
        let (found, inputs, stale) = (told.found, told.inputs, told.stale)
        if !stale.isEmpty {
            progress(
                .note(
                    "predict: warning: \(stale.count) slide(s) have predictions of other models or features than there are "
                        + "now, or damaged ones, which are not joined: \(stale.sorted().shortened)"
                )
            )
        }
        let slides = found.sorted { $0.key < $1.key }
        let targets = try Self.targets(of: slides.map { ($0.key, $0.value) })
        guard !targets.isEmpty else { return try removeAll() }
        try PredictionSources.add(model: stage.model.url, features: stage.features, to: name, in: layout)
        let tables = try targets.indices.map { place in
            try EnsembleTable(of: place, in: slides.map { ($0.key, $0.value) })
        }
        let record = EnsembleRecord(
            name: name.text,
            models: EnsembleRecord.models(of: found.values.joined()),
            missing: seeds.missing,
            slides: tables[0].rows.count,
            incomplete: Dictionary(
                uniqueKeysWithValues: slides.filter { $0.value.count < seeds.trained.count }
                    .map { ($0.key.text, $0.value.count) }
            ),
            risks: tables[0].risks,
            targets: tables.count == 1 ? nil : tables.map(\.record)
        )
        var stage = Stage(name: .ensemble(name), layout: layout, settings: self.stage.settings)
        stage.settings.selection = Selection()
        var parameters: [String: String] = [:]
        // The record names them: where others are missing it is another one.
        if !seeds.missing.isEmpty { parameters["missing"] = try CanonicalJSON.fingerprint(seeds.missing) }
        let fingerprint = Fingerprint(
            stage: StageName.Kind.ensemble.rawValue,
            parameters: parameters,
            inputs: inputs
        )
        try await stage.makeAnew(Stage.Unit(id: .ensemble, fingerprint: fingerprint)) {
            try AtomicFile.createFolder(folder)
            let files = try tables.map { table in
                let file = folder.appending(path: table.name)
                try AtomicFile.write(table.text, to: file)
                return file
            }
            let json = folder.appending(path: EnsembleRecord.file)
            try CanonicalJSON.write(record, to: json)
            try removeFiles(otherThan: Set((files + [json]).map(\.lastPathComponent)))
            return files + [json]
        }
        tell(record, tables.map(\.name), progress)
    }

    /// Where one model speaks of each slide there is nothing to join.
    private func removeAll() throws {
        try removeFiles(otherThan: [])
        try Leftovers.remove(layout.outcomes(stage: .ensemble(name)))
    }

    /// Such as tables of targets that are asked no more.
    private func removeFiles(otherThan kept: Set<String>) throws {
        for name in try FolderWalk.names(in: folder) where EnsembleRecord.isOurs(name) && !kept.contains(name) {
            try Leftovers.remove(folder.appending(path: name))
        }
    }

    private func tell(_ record: EnsembleRecord, _ tables: [String], _ progress: ProgressSink) {
        let places = tables.map { "predictions/\(name)/\($0)" }.joined(separator: ", ")
        progress(
            .note("predict: the mean of \(record.models.count) models of \(record.slides) slides is in \(places)")
        )
        let absent = Set(record.missing.map(\.seed)).sorted().map { "\($0)" }
        if !absent.isEmpty {
            progress(
                .note("predict: warning: not whole, so that they take no part: seeds \(absent.joined(separator: ", "))")
            )
        }
        if !record.incomplete.isEmpty {
            let names = record.incomplete.keys.sorted().shortened
            progress(.note("predict: \(record.incomplete.count) slide(s) are not predicted by every seed: \(names)"))
        }
    }
}
