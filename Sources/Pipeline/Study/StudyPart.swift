import Foundation
public import Records
import Storage

/// A stage of a study that one command works on alone, such as a job of a cluster on its shard of the slides.
public enum StudyPart: String, CaseIterable, Sendable {
    case tile, features, predict
    /// Every output of the config's `heatmap.outputs` but the report.
    case heatmap
    /// The report, where the config's `heatmap.outputs` has it.
    case report
}

extension StudyRun {
    /// One stage as `run` does it, on the slides that are selected. Slides that have no result in the stage before are nothing
    /// to do; whether enough of the cohort is left is for the training to say.
    /// - Throws: `Failure` (usage) for a stage that the study does not have, or where the stage before has not been; else as
    ///   `run`, but never for another process that is at work on the job.
    public func run(only part: StudyPart, progress: @escaping ProgressSink) async throws -> ExitStatus {
        study.notes.forEach { progress(.note($0)) }
        try check(part)
        guard study.entries.isEmpty || !selected.isEmpty || saysLeftOut(part) else {
            progress(.note("\(part.rawValue): no slide is of this shard"))
            return .ok
        }
        return ExitStatus.worst(try await reports(of: part, progress).map(\.exitStatus))
    }

    /// Files that cannot become slides are said once, by the first shard.
    private func saysLeftOut(_ part: StudyPart) -> Bool {
        part == .tile && !tileStage.leftOut.isEmpty && (settings.selection.shard?.number ?? 1) == 1
    }

    private func check(_ part: StudyPart) throws {
        let reason: String? =
            switch part {
            case .tile, .features:
                study.features == nil ? nil : "features.path names features that are there, so that no slide is tiled"
            case .predict: nil
            case .heatmap, .report:
                study.entries.isEmpty
                    ? "without cohort.slides there is nothing to draw on"
                    : stages(of: part).isEmpty ? "heatmap.outputs does not ask for it" : nil
            }
        guard let reason else { return }
        throw Failure(.usage, nil, "--only \(part.rawValue): this study has no such stage: \(reason)")
    }

    private func stages(of part: StudyPart) -> [HeatmapStage] {
        heatmapStages.filter { ($0.output == .report) == (part == .report) }
    }

    /// Slides of the shard.
    private var selected: [SlideEntry] {
        study.entries.filter { settings.selection.shard?.contains($0.id) != false }
    }

    private func reports(of part: StudyPart, _ progress: @escaping ProgressSink) async throws -> [StageReport] {
        switch part {
        case .tile:
            var stage = tileStage
            if !saysLeftOut(part) { stage.leftOut = [] }
            return [try await stage.run(progress: progress).report]
        case .features:
            let tiled = try selected.compactMap { try layout.record(of: $0.id, stage: .tile) }
            guard !tiled.isEmpty else {
                let reason = "none of these slides is tiled; run wsi run --only tile first"
                throw Failure(.notFound, layout.root.path, reason)
            }
            guard tiled.contains(where: \.hasResult) else {
                progress(.note("features: nothing to do: none of these slides has a patch file"))
                return []
            }
            return try await featureStage(study.encoder()).run(progress: progress).map(\.report)
        case .predict:
            // The maps are drawn on slides that were not tiled here.
            if study.features != nil { try SlidePaths.record(study.entries, in: layout) }
            return try await predict(progress)
        case .heatmap, .report:
            var reports: [StageReport] = []
            for stage in stages(of: part) { reports.append(try await stage.run(progress: progress).report) }
            return reports
        }
    }
}
