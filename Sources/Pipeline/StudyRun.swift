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

    /// Slides to heatmaps. A slide that fails in one stage is missing from the next ones, and a stage without any result
    /// is the last; the worst failure decides the exit code.
    public func run(progress: @escaping ProgressSink) async throws -> ExitStatus {
        try settings.programs.checkCompute()
        let encoder = try study.encoder()
        let (config, layout, settings) = (study.config, layout, settings)
        let heatmaps = config.heatmap.outputs.map { output in
            HeatmapStage(
                layout: layout,
                model: config.name,
                output: output,
                heatmap: config.heatmap,
                settings: settings
            )
        }
        var stages: [() async throws -> StageResult] = [
            {
                try await TileStage(layout: layout, entries: study.entries, tiling: config.tiling, settings: settings)
                    .run(progress: progress)
            },
            {
                try await FeatureStage(
                    layout: layout,
                    encoder: encoder,
                    device: config.features.device.rawValue,
                    settings: settings
                ).run(progress: progress)
            },
            { try await TrainStage(run: self).run(progress: progress) },
            { try await PredictStage(run: self).run(progress: progress) },
        ]
        stages += heatmaps.map { stage in { try await stage.run(progress: progress) } }
        var reports: [StageReport] = []
        for stage in stages {
            let report = try await stage().report
            reports.append(report)
            // Predictions need every fold; the other stages go on with the slides that are left.
            let isTraining = report.stage == TrainStage.name(model: config.name)
            if report.ok == 0 || (isTraining && !report.failures.isEmpty) { break }
        }
        if reports.count == stages.count, reports.allSatisfy({ $0.cached == $0.units }) {
            progress(.note("nothing to do: every result is there"))
        }
        return ExitStatus.worst(reports.map(\.exitStatus))
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
