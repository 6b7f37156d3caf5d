import Config
import Foundation
public import Records
import Storage

/// The stages of a study, one after another; each skips what is done.
public struct StudyRun: Sendable {
    public var study: Study
    public var layout: JobLayout
    public var settings: WorkSettings
    public var version: String
    /// Whether to wait for another run of this host on the same job, instead of leaving it alone.
    public var waits: Bool

    public init(study: Study, layout: JobLayout, settings: WorkSettings, version: String, waits: Bool = false) {
        self.study = study
        self.layout = layout
        self.settings = settings
        self.version = version
        self.waits = waits
    }

    /// Slides to heatmaps. A slide that fails in one stage is missing from the next ones, and a stage without any result
    /// is the last, which is said and is no success; the worst failure decides the exit code.
    /// - Throws: `Failure` with `.busy` where another run of this host is at work on the job.
    public func run(progress: @escaping ProgressSink) async throws -> StudyEnd {
        try settings.programs.checkCompute()
        study.notes.forEach { progress(.note($0)) }
        try await checkDevices()
        let stages = try featureStages(progress) + studyStages(progress)
        let turn = try await RunTurn.take(in: layout, waits: waits, progress)
        defer { turn?.end() }
        var reports: [StageReport] = []
        var done = 0
        var end = StudyEnd(status: .ok)
        var stop: Failure?
        for stage in stages where stop == nil {
            do {
                let own = try await stage()
                reports += own
                done += 1
                if let report = own.first, report.stage == StageName.train(study.config.name) {
                    end.training = try training(report, predicts: true)
                }
                if done < stages.count { stop = reason(toStopAfter: own, reports) }
            } catch var failure as Failure where failure.code == .time {
                let after = stages.count - done - 1
                if after > 0 { failure.message += " (\(after) stage(s) come after this one)" }
                throw failure
            } catch let failure as Failure
                where !reports.isEmpty && !hasTrained(reports) && failure.code.exitStatus == .usage
            {
                // What is left of the cohort is too little, which nobody could know before the work that is now done.
                stop = Failure(failure.code, failure.subject, "\(failure.message); nothing was trained")
            }
        }
        let status = ExitStatus.worst(reports.map(\.exitStatus))
        if let stop {
            // Where slides failed, each has said so; a line for people is enough then.
            progress(status == .ok ? .refused(stop) : .note("\(stop.subject ?? ""): \(stop.message)"))
            end.status = ExitStatus.worst([status, .partial])
            return end
        }
        end.status = status
        end.hasMaps = done == stages.count && !study.entries.isEmpty && reports.last?.ok ?? 0 > 0
        if reports.allSatisfy({ $0.cached == $0.units }) { progress(.note("nothing to do: every result is there")) }
        return end
    }

    /// Before the hours of other stages.
    /// - Throws: `Failure` (usage) for a GPU that is named and not here.
    private func checkDevices() async throws {
        let makesThere = try study.features == nil && study.encoder().file != nil
        let named = [study.config.training.device] + (makesThere ? [study.config.features.device] : [])
        for device in Set(named) where device.kind == .cuda([0]) { _ = try await device.devices(settings.programs) }
    }

    private func hasTrained(_ reports: [StageReport]) -> Bool {
        reports.contains { $0.stage == StageName.train(study.config.name) }
    }

    /// - Returns: nil where the stages after this one have something to work on.
    private func reason(toStopAfter own: [StageReport], _ reports: [StageReport]) -> Failure? {
        // Predictions need every fold; the other stages go on with the slides that are left.
        guard let report = own.first(where: { $0.ok == 0 }) ?? own.first else { return nil }
        if report.stage == StageName.train(study.config.name) {
            guard !report.failures.isEmpty else { return nil }
            let counts = "\(report.failures.count) of \(report.units) folds could not be trained"
            return Failure(.training, report.stage.text, "the run stops here: \(counts); nothing is predicted")
        }
        guard report.ok == 0 else { return nil }
        let counts = "\(report.empty) empty, \(report.failed) failed"
        let end = hasTrained(reports) ? "" : "; nothing was trained"
        return Failure(.training, report.stage.text, "the run stops here: no slide has a result (\(counts))\(end)")
    }

    /// nil where a fold is missing: metrics that stand there then are of an earlier training.
    private func training(_ report: StageReport, predicts: Bool) throws -> TrainingEnd? {
        guard report.ok > 0, report.failures.isEmpty else { return nil }
        return try TrainingEnd(of: study, in: layout, predicts: predicts)
    }

    /// Of several seeds predicting is a stage for each.
    private typealias Step = () async throws -> [StageReport]

    /// Slides to features; nothing where the features come from elsewhere.
    private func featureStages(_ progress: @escaping ProgressSink) throws -> [Step] {
        guard study.features == nil else {
            try SlidePaths.record(study.entries, in: layout)
            return []
        }
        let encoder = try study.encoder()
        return [
            { [try await tileStage.run(progress: progress).report] },
            { try await featureStage(encoder).run(progress: progress).map(\.report) },
        ]
    }

    var tileStage: TileStage {
        TileStage(
            layout: layout,
            entries: study.entries,
            leftOut: study.leftOut,
            tiling: study.tiling,
            settings: settings
        )
    }

    func featureStage(_ encoder: EncoderChoice) -> FeatureStage {
        FeatureStage(
            layout: layout,
            encoders: [encoder],
            device: study.config.features.device,
            precision: study.config.features.precision,
            settings: settings
        )
    }

    /// Features to heatmaps; without slides there is nothing to draw on.
    private func studyStages(_ progress: @escaping ProgressSink) -> [Step] {
        let steps: [Step] = [
            { [try await TrainStage(run: self).run(progress: progress).report] },
            { try await predict(progress) },
        ]
        if study.entries.isEmpty { return steps }
        return steps + heatmapStages.map { heatmap in { [try await heatmap.run(progress: progress).report] } }
    }

    /// With all models of the training, which is there by now: of all folds and seeds.
    func predict(_ progress: @escaping ProgressSink) async throws -> [StageReport] {
        try await EnsemblePrediction(PredictStage(run: self)).run(progress: progress)
    }

    /// One for each output that the config asks for.
    var heatmapStages: [HeatmapStage] {
        study.config.heatmap.outputs.map { output in
            HeatmapStage(
                layout: layout,
                model: PredictStage(run: self).name,
                output: output,
                heatmap: study.config.heatmap,
                settings: settings
            )
        }
    }

    /// Training alone, on the features that are there.
    public func train(_ part: TrainingPart = .whole, progress: @escaping ProgressSink) async throws -> StudyEnd {
        study.notes.forEach { progress(.note($0)) }
        let report = try await TrainStage(run: self, part: part).run(progress: progress).report
        if case .folds = part { return StudyEnd(status: report.exitStatus) }
        return StudyEnd(status: report.exitStatus, training: try training(report, predicts: false))
    }
}

extension Study {
    /// The paths of a config are relative to its file.
    var tiling: TilingConfig {
        var tiling = config.tiling
        tiling.regions = tiling.regions.map { StudyReading.path($0, in: folder).path }
        return tiling
    }

    /// The encoder that the config names; a path is relative to the config file.
    func encoder() throws -> EncoderChoice {
        try EncoderChoice(StudyCheck.word(config.features.encoder ?? "", in: folder))
    }
}
