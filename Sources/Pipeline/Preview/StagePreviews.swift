import Config
import Foundation
import Records
import Storage

extension TileStage {
    /// What `run` would do. Writes nothing.
    /// - Throws: as `run` before it begins its work.
    public func preview(progress: @escaping ProgressSink) async throws -> Preview {
        try await surveyed(progress).preview
    }

    /// - Returns: also what was found out about the slides that wait.
    func surveyed(_ progress: @escaping ProgressSink) async throws -> (preview: Preview, survey: Survey) {
        let regions = try TileRegions(tiling.regions, for: entries, mode: tiling.regionsMode)
        let plan = try plan(regions)
        let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0) })
        let all = plan.waiting.compactMap { byID[$0.id.slide] }
        let waiting = all.filter { !$0.isRemote }
        let sample = Preview.sample(waiting)
        let tasks = waiting.enumerated().map { index, entry in
            SurveyTask(
                subject: .slide(entry, tiling, regions: regions.files[entry.id]),
                isMeasured: sample.contains(index)
            )
        }
        let survey = try await Survey(tasks, settings, progress: progress)
        var preview = Preview(stage: .tile, done: plan.done.count, waiting: plan.waiting.count)
        preview.failures = plan.faults.map(\.failure) + survey.failures
        preview.leftOut = leftOut
        preview.patches = survey.total(.patches)
        preview.bytes = survey.total(.bytes)
        preview.measured = survey.values(.tileSeconds).count
        let good = survey.found.count
        if let own = survey.mean(.tileSeconds) {
            preview.seconds = settings.seconds(ofWork: Double(good) * (own + survey.startSeconds), slides: good)
        }
        preview.notes = regions.notes + Self.twins(plan)
        preview.notes += await StageForecast.notes(on: all.map { ($0.id, $0.path) }, settings.staging)
        preview.checkSpace(at: layout)
        return (preview, survey)
    }

    /// Slides of the same content under two names: a patient may be counted twice.
    private static func twins(_ plan: Stage.Plan) -> [String] {
        let slides = plan.waiting.map { ($0.id, $0.fingerprint) } + plan.done.map { ($0.unit, $0.fingerprint) }
        let groups = Dictionary(grouping: slides) { $0.1[.slide] ?? "" }.filter { $1.count > 1 }
        return groups.filter { ![Self.unreadable, Self.uncopied].contains($0.key) }.values
            .map { "warning: slides of the same content: " + $0.map(\.0.text).sorted().shortened }.sorted()
    }
}

extension FeatureStage {
    /// What `run` would do with the slides that are tiled. Writes nothing.
    /// - Returns: a preview per encoder.
    /// - Throws: as `run` before it begins its work.
    public func previews(progress: @escaping ProgressSink) async throws -> [Preview] {
        let plan = try await plan()
        let (parts, grids) = (plan.parts, plan.grids)
        let waiting = Set(parts.filter { $0.encoder.file == nil }.flatMap { $0.plan.waiting.map(\.id.slide) }).sorted()
        let paths = try SlidePaths.read(layout)
        let sample = Preview.sample(waiting)
        let tiled = Dictionary(plan.tiled.map { ($0.slide, $0) }, uniquingKeysWith: { first, _ in first })
        let tasks = try waiting.indices.filter(sample.contains).compactMap { index -> SurveyTask? in
            let (slide, grid) = (waiting[index], layout.grid(grids[waiting[index]] ?? ""))
            // A slide that is gone fails in the run, and is no measure for the others.
            guard let path = try? paths.path(of: slide), RemoteAddress(path) == nil else { return nil }
            let source = PatchSource(
                slide: slide,
                slidePath: path,
                patches: layout.patches(in: grid, slide),
                job: layout.root,
                rules: try TileStage.rules(of: tiled[slide])
            )
            return SurveyTask(subject: .patches(source), isMeasured: true)
        }
        let survey = try await Survey(tasks, settings, progress: progress)
        let read = Set(parts.flatMap { $0.plan.waiting.map(\.id.slide) }).sorted()
        let notes = await StageForecast.notes(on: paths.places(of: read), settings.staging)
        let counts = Dictionary(uniqueKeysWithValues: plan.tiled.map { ($0.unit, $0[.patches] ?? 0) })
        return parts.map { part in
            var preview = Preview(
                stage: part.stage.name,
                done: part.plan.done.count,
                waiting: part.plan.waiting.count
            )
            preview.failures = part.plan.faults.map(\.failure) + Refusal.failures(part.plan.refused)
            for unit in part.plan.waiting {
                do { _ = try paths.path(of: unit.id.slide) } catch { preview.failures.append(Failure(error)) }
            }
            preview.notes += notes
            estimate(
                &preview,
                part.identity,
                patches: part.plan.waiting.reduce(0) { $0 + (counts[$1.id] ?? 0) },
                pace: part.encoder.file == nil ? survey : nil
            )
            return preview
        }
    }

    /// Fills in what follows from the number of patches.
    /// - Parameter survey: nil for neural encoders, whose pace is that of their last run in this job.
    func estimate(_ preview: inout Preview, _ encoder: EncoderIdentity, patches: Double, pace survey: Survey?) {
        preview.patches = patches
        preview.bytes =
            patches * Double(encoder.width * 4 + 16) + Double(preview.waiting * Preview.frameBytes)
        if let survey {
            preview.measured = survey.values(.patchSeconds).count
            preview.seconds = survey.mean(.patchSeconds).map { pace in
                let work = patches * pace + Double(preview.waiting) * survey.startSeconds
                return settings.seconds(ofWork: work, slides: preview.waiting)
            }
        } else {
            let last = (try? RunRecord.all(in: layout))?.last {
                $0.stages == [preview.stage] && ($0.throughput?.patches ?? 0) > 0
            }
            preview.seconds = last?.throughput.map { patches * $0.seconds / Double($0.patches) }
        }
        preview.checkSpace(at: layout)
    }
}

extension StudyRun {
    /// What `run` would do up to the features; training, predictions and pictures are not estimated. Writes nothing.
    public func previews(progress: @escaping ProgressSink) async throws -> [Preview] {
        guard study.features == nil else { return [] }
        let (tiles, survey) = try await tileStage.surveyed(progress)
        let encoder = try study.encoder()
        let stage = featureStage(encoder)
        if tiles.waiting == 0 { return [tiles] + (try await stage.previews(progress: progress)) }
        // Slides that are tiled anew get new features, too.
        let known = tiles.done == 0 ? nil : try await stage.previews(progress: progress).first
        var features = Preview(
            stage: StageName.features(encoder.identity.name),
            done: known?.done ?? 0,
            waiting: (known?.waiting ?? 0) + survey.found.count
        )
        let patches = tiles.patches + (known?.patches ?? 0)
        stage.estimate(&features, encoder.identity, patches: patches, pace: encoder.file == nil ? survey : nil)
        return [tiles, features]
    }
}
