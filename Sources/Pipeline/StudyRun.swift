import Foundation
public import Records
import Storage

/// The stages of a study, one after another; each skips what is done.
public struct StudyRun: Sendable {
    public var study: Study
    public var layout: JobLayout
    public var settings: WorkSettings
    public var version: String

    public init(study: Study, layout: JobLayout, settings: WorkSettings, version: String) {
        self.study = study
        self.layout = layout
        self.settings = settings
        self.version = version
    }

    /// Slides to heatmaps. A slide that fails in one stage is missing from the next ones; its failure decides the exit code.
    public func run(progress: @escaping ProgressSink) async throws -> ExitStatus {
        let encoder = try study.encoder()
        var results = [
            try await TileStage(layout: layout, entries: study.entries, tiling: study.config.tiling, settings: settings)
                .run(progress: progress)
        ]
        results.append(
            try await FeatureStage(
                layout: layout,
                encoder: encoder,
                device: study.config.features.device.rawValue,
                settings: settings
            ).run(progress: progress)
        )
        results.append(try await TrainStage(run: self).run(progress: progress))
        results.append(try await PredictStage(run: self).run(progress: progress))
        results.append(
            try await HeatmapStage(
                layout: layout,
                model: study.config.name,
                heatmap: study.config.heatmap,
                settings: settings
            ).run(progress: progress)
        )
        if results.allSatisfy({ $0.report.cached == $0.report.units }) {
            progress(.note("nothing to do: every result is there"))
        }
        return results.map(\.report.exitStatus).max { $0.rawValue < $1.rawValue } ?? .ok
    }

    /// Training alone, on the features that are there.
    public func train(progress: @escaping ProgressSink) async throws -> ExitStatus {
        try await TrainStage(run: self).run(progress: progress).report.exitStatus
    }
}

extension Study {
    /// The encoder that the config names; a path is relative to the config file.
    func encoder() throws -> EncoderChoice {
        let word = config.features.encoder
        let url = URL(filePath: word, relativeTo: folder).standardizedFileURL
        return try EncoderChoice(FileManager.default.fileExists(atPath: url.path) ? url.path : word)
    }
}
