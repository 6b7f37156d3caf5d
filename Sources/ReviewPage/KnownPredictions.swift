import Evaluation
import Files
import Foundation
import Records
import Storage

/// The predictions of a job, each read again only where its file or its record is another one than before.
struct KnownPredictions: Sendable {
    /// What the file system says of the file, and of the outcome that tells of it.
    struct Stamp: Equatable, Sendable {
        var file: FileFacts?
        var record: FileFacts?
        /// Of what is known of its map.
        var faithfulness: FileFacts?
    }

    struct Entry: Sendable {
        var stamp: Stamp
        var forecast: ReviewJob.Forecast
        /// Without its corners.
        var grid: PatchGrid?
        /// What is said against its map.
        var doubt: String?
    }

    /// By the name of the predictions.
    private(set) var entries: [String: [SlideID: Entry]] = [:]
    /// Why others cannot be shown.
    private(set) var problems: [String: [SlideID: Failure]] = [:]

    var models: [String] { Set(entries.keys).union(problems.keys).sorted() }

    init(_ layout: JobLayout, before: KnownPredictions? = nil) throws {
        for (model, slides) in try Self.stamps(layout) {
            for (slide, stamp) in slides {
                if let known = before?.entries[model]?[slide], known.stamp == stamp {
                    entries[model, default: [:]][slide] = known
                    continue
                }
                do {
                    entries[model, default: [:]][slide] = try Self.read(slide, of: model, stamp, in: layout)
                } catch { problems[model, default: [:]][slide] = Failure(error) }
            }
        }
    }

    private static func read(_ slide: SlideID, of model: String, _ stamp: Stamp, in layout: JobLayout) throws -> Entry {
        let name = TrainingName(text: model)
        let url = layout.prediction(of: name, slide)
        let record = try layout.record(of: slide, stage: .predict(name))
        // What is not what was written is not shown.
        if let record, !record.outputs.isEmpty { try record.check(in: layout) }
        let file = try PredictionFile(contentsOf: url)
        guard file.prediction.slide == slide else {
            throw StorageError.malformed(path: url.path, reason: "a prediction of \(file.prediction.slide)")
        }
        var grid = file.grid
        grid?.corners = []
        let doubt = try SlideFaithfulness.current(of: name, slide, in: layout)?.doubt
        return Entry(stamp: stamp, forecast: try ReviewJob.Forecast(file), grid: grid, doubt: doubt)
    }

    /// `JOB/predictions/`: a folder for each model, with one for each seed in it where there are several.
    static func stamps(_ layout: JobLayout) throws -> [String: [SlideID: Stamp]] {
        let models = try names(in: layout.predictions).map { TrainingName($0) }
        let seeds = try models.flatMap { model in
            SeedFolder.seeds(among: try names(in: layout.predictions(of: model)))
                .map { TrainingName(model.study, seed: $0) }
        }
        var stamps: [String: [SlideID: Stamp]] = [:]
        for model in models + seeds {
            let folder = layout.predictions(of: model)
            for name in try names(in: folder) where name.hasSuffix(".h5") {
                guard let slide = try? SlideID(String(name.dropLast(3))) else { continue }
                stamps[model.text, default: [:]][slide] = Stamp(
                    file: FileFacts(folder.appending(path: name).path),
                    record: FileFacts(layout.outcome(stage: .predict(model), UnitID(slide)).path),
                    faithfulness: FileFacts(layout.faithfulness(of: model, slide).path)
                )
            }
        }
        return stamps
    }

    private static func names(in folder: URL) throws -> [String] {
        try FolderWalk.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
    }
}
