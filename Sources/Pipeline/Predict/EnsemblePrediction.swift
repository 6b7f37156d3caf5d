import Evaluation
import Files
import Foundation
import Records
import Storage

/// Slides through all models of a training, over its folds and its seeds: `predictions/NAME/ensemble.csv`, and `ensemble.json` with
/// the models that took part.
public struct EnsemblePrediction: Sendable {
    /// Of the first seed, or of the only training.
    private let stage: PredictStage
    /// `NAME` itself, or `NAME/seed_S` of every seed.
    private let trainings: [TrainingFolder]
    private let missing: [SeedEnsemble.Missing]
    private let name: TrainingName

    /// What `ensemble.json` says.
    struct Record: Codable, Equatable {
        struct Model: Codable, Equatable {
            var seed: UInt64?
            var fold: Int
        }

        var name: String
        /// Those that say something of a slide at least.
        var models: [Model]
        var missing: [SeedEnsemble.Missing]
        var slides: Int
        /// Slides that not every seed has predicted, and how many have: their means are of fewer models.
        var incomplete: [String: Int]
        /// `validation_sd`: risks are in standard deviations from the mean of what the same model says of its validation part; `raw`:
        /// as each model tells them, since a fold's table is not there. nil where no survival is asked.
        var risks: String?
    }

    /// - Parameter stage: with the folder of a training, which may have several seeds.
    public init(_ stage: PredictStage) throws {
        self.stage = stage
        name = stage.model.name
        let seeds =
            try RegularFile.exists(stage.model.file(.study)) ? [] : SeedRun.seeds(in: stage.model.url)
        let folders = seeds.map { seed in
            (seed, TrainingFolder(at: stage.model.url.appending(path: SeedFolder.name(seed))))
        }
        let known = try folders.filter { try RegularFile.exists($0.1.file(.study)) }
        trainings = known.isEmpty ? [stage.model] : known.map(\.1)
        missing = folders.filter { folder in !known.contains { $0.0 == folder.0 } }.flatMap { seed, folder in
            let folds = (try? FolderWalk.names(in: folder.url).compactMap { FoldName.fold(of: $0) }.sorted()) ?? []
            return (folds.isEmpty ? [0] : folds).map { fold in
                SeedEnsemble.Missing(seed: seed, fold: fold, reason: "the seed's training is not whole")
            }
        }
    }

    /// - Returns: how each seed's stage ended.
    public func run(progress: @escaping ProgressSink) async throws -> [StageReport] {
        var reports: [StageReport] = []
        for training in trainings {
            var own = stage
            own.model = training
            reports.append(try await own.run(progress: progress).report)
        }
        try write(progress)
        return reports
    }

    private struct Voice {
        var training: TrainingFolder
        var voices: PredictedVoices
    }

    /// Where one model speaks of each slide there is nothing to join.
    private func write(_ progress: ProgressSink) throws {
        let layout = stage.layout
        let lineage = Lineage(layout)
        var found: [SlideID: [Voice]] = [:]
        var stale: Set<String> = []
        for training in trainings {
            for outcome in try Stage.outcomes(stage: .predict(training.name), in: layout) where outcome.status == .ok {
                guard try lineage.refusal(ofPrediction: outcome) == nil else {
                    stale.insert(outcome.slide.text)
                    continue
                }
                let voices = try PredictedVoices(contentsOf: layout.prediction(of: training.name, outcome.slide))
                found[outcome.slide, default: []].append(Voice(training: training, voices: voices))
            }
        }
        if !stale.isEmpty {
            progress(
                .note(
                    "predict: warning: \(stale.count) slide(s) have predictions of other models or features than there are "
                        + "now, or damaged ones, which are not joined: \(stale.sorted().shortened)"
                )
            )
        }
        let folder = layout.predictions(of: name)
        guard let first = found.values.first?.first?.voices,
            trainings.count > 1 || !missing.isEmpty
                || found.values.contains(where: { $0.contains { $0.voices.folds.count > 1 } })
        else {
            for old in [Self.table, Self.record].map({ folder.appending(path: $0) }) where try RegularFile.exists(old) {
                try FileManager.default.removeItem(at: old)
            }
            return
        }
        let kind = first.answer.kind
        let origins = kind == .survival ? try origins(found) : [:]
        let slides = found.sorted { $0.key < $1.key }
        let rows = slides.compactMap { slide, voices in
            ensemble(voices, origins).map { [slide.text] + $0.cells(among: first.classes) }
        }
        try AtomicFile.createFolder(folder)
        let header = ["slide_id"] + Ensemble.columns(kind, classes: first.classes)
        try AtomicFile.write(Table.text(header: header, rows: rows), to: folder.appending(path: Self.table))
        let models = Set(
            slides.flatMap { $0.value.flatMap { voice in voice.voices.folds.map { Key(voice.training, $0) } } }
        )
        let partial = slides.filter { $0.value.count < trainings.count }
        let record = Record(
            name: name.text,
            models: models.sorted { ($0.seed ?? 0, $0.fold) < ($1.seed ?? 0, $1.fold) }
                .map { Record.Model(seed: $0.seed, fold: $0.fold) },
            missing: missing,
            slides: rows.count,
            incomplete: Dictionary(uniqueKeysWithValues: partial.map { ($0.key.text, $0.value.count) }),
            risks: kind == .survival ? (origins == nil ? "raw" : PredictedVoices.riskMeasure) : nil
        )
        try CanonicalJSON.write(record, to: folder.appending(path: Self.record))
        tell(record, progress)
    }

    private func tell(_ record: Record, _ progress: ProgressSink) {
        let place = "\(stage.layout.predictions(of: name).lastPathComponent)/\(Self.table)"
        progress(
            .note(
                "predict: the mean of \(record.models.count) models of \(record.slides) slides is in predictions/\(place)"
            )
        )
        let seeds = Set(record.missing.map(\.seed)).sorted().map { "\($0)" }
        if !seeds.isEmpty {
            progress(
                .note("predict: warning: not whole, so that they take no part: seeds \(seeds.joined(separator: ", "))")
            )
        }
        if !record.incomplete.isEmpty {
            let names = record.incomplete.keys.sorted().shortened
            progress(.note("predict: \(record.incomplete.count) slide(s) are not predicted by every seed: \(names)"))
        }
    }

    static let table = "ensemble.csv"
    static let record = "ensemble.json"

    private struct Key: Hashable {
        var seed: UInt64?
        var fold: Int

        init(_ training: TrainingFolder, _ fold: Int) { (seed, self.fold) = (training.name.seed, fold) }
    }

    /// What makes risks comparable; nil where a model cannot tell.
    private func origins(_ found: [SlideID: [Voice]]) throws -> [Key: RiskOrigin]? {
        var origins: [Key: RiskOrigin] = [:]
        for voice in found.values.joined() where !voice.voices.areRisksComparable {
            for fold in voice.voices.folds where origins[Key(voice.training, fold)] == nil {
                guard let origin = try RiskOrigin(of: voice.training.fold(fold)) else { return nil }
                origins[Key(voice.training, fold)] = origin
            }
        }
        return origins
    }

    private func ensemble(_ voices: [Voice], _ origins: [Key: RiskOrigin]?) -> Ensemble? {
        let answers = voices.flatMap { voice in
            zip(voice.voices.folds, voice.voices.answers).map { fold, answer in
                origins?[Key(voice.training, fold)].flatMap { voice.voices.areRisksComparable ? nil : $0(answer) }
                    ?? answer
            }
        }
        return Ensemble(voices: answers, curves: voices.map(\.voices.answer))
    }
}
