import Evaluation
import Files
import Foundation
public import Records
import Storage

/// One output of every predicted slide: its picture, or what other tools read.
public struct HeatmapStage: Sendable {
    public var layout: JobLayout
    /// Name of the predictions: `JOB/predictions/<model>`; those of `<model>/seed_S` together where it has none itself.
    public var model: TrainingName
    /// Name of the pictures: `JOB/heatmaps/<name>`; the model's where they are drawn as its study says.
    public var name: String
    public var output: HeatmapConfig.Output
    public var heatmap: HeatmapConfig
    /// Only these slides; nil draws all.
    public var slides: Set<SlideID>?
    /// Whether of each slide the parts in the job's regions are drawn, each alone; else whole slides.
    var drawsRegions = false
    public var settings: WorkSettings

    public init(
        layout: JobLayout,
        model: TrainingName,
        name: String? = nil,
        output: HeatmapConfig.Output,
        heatmap: HeatmapConfig,
        slides: Set<SlideID>? = nil,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.model = model
        self.name = name ?? model.text
        self.output = output
        self.heatmap = heatmap
        self.slides = slides
        self.settings = settings
    }

    /// How the model's study wants its pictures; the defaults where the model was trained in another job.
    /// - Throws: `Failure` with `.digest` where the study is not what was written.
    public static func config(model: TrainingName, in layout: JobLayout) throws -> HeatmapConfig {
        let training = layout.training(model)
        let seeds = try SeedRun.seeds(in: training.url).map { layout.training(model.study, seed: $0) }
        let study = try TrainedStudy.load(training) ?? seeds.first.flatMap(TrainedStudy.load)
        return study?.config.heatmap ?? HeatmapConfig()
    }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let models = try models()
        let all = try predicted(models, progress)
        guard !all.isEmpty else {
            throw Lineage.unpredicted(model, in: layout)
        }
        if models.count > 1, output == heatmap.outputs.first {
            let names = models.compactMap(\.seed).map { "\($0)" }.joined(separator: ", ")
            progress(.note("heatmap: maps of \(model) are the mean of its \(models.count) seeds: \(names)"))
        }
        let chosen = try slides.map { try ChosenSlides.find($0, among: all.map(\.0), of: model, in: layout) }
        let predicted = all.filter { chosen?.contains($0.0) != false }
        if output == .report { try checkCards(models) }
        var stage = Stage(name: output.stage(pictures: name), layout: layout, settings: settings)
        let keys = Set(output.keys.map(\.stringValue))
        let parameters = try Fingerprint.parameters(of: heatmap).filter { keys.contains($0.key) }
        stage.common = parameters
        let (lineage, origins) = (
            Lineage(layout), Dictionary(uniqueKeysWithValues: predicted.map { (UnitID($0), $1) })
        )
        let plan = try stage.claimed(
            predicted.map { [stage] slide, origin in
                let tiled = try layout.record(of: slide, stage: .tile)
                let versions = try origin.map { try $0.version() }
                let version = versions.count == 1 ? versions[0] : try CanonicalJSON.fingerprint(versions)
                var fingerprint = Fingerprint(
                    stage: StageName.Kind.heatmap.rawValue,
                    parameters: parameters,
                    inputs: [:]
                )
                fingerprint[.prediction] = version
                fingerprint[.slide] = tiled?.fingerprint[.slide] ?? ""
                fingerprint[.faithfulness] = try faithfulness(of: slide, by: models)
                if output == .report {
                    fingerprint[.tiling] = try tiled?.version()
                    fingerprint[.decisions] = try DecisionsDigest.of(slide, in: layout)
                }
                if output.showsTissue, try drawsTissueAnew(slide, of: stage) {
                    fingerprint[.tissue] = tiled?.outputs[JobLayout.outlines(of: slide)]
                }
                return Stage.Unit(id: UnitID(slide), fingerprint: fingerprint)
            },
            progress,
            refusal: { unit, scrutiny in
                try refusal(of: unit.id.slide, origins[unit.id] ?? [], lineage, scrutiny)
            }
        )
        defer { plan.turn?.end() }
        let paths = try SlidePaths.read(layout)
        try settings.checkStage(for: paths.places(of: plan.waiting.map(\.id.slide)))
        let progress = stage.audited(progress)
        let result = try await stage.run(plan, progress: progress) { [stage] waiting, record in
            let jobs = try stage.prepare(waiting, record) { unit in try paths.path(of: unit.id.slide) }.map {
                unit,
                path in
                let task = HeatmapTask(
                    slide: unit.id.slide,
                    name: name,
                    output: output,
                    slidePath: path,
                    models: models,
                    drawsRegions: drawsRegions,
                    job: layout.root,
                    heatmap: heatmap,
                    fingerprint: unit.fingerprint,
                    rules: try TileStage.rules(of: layout.record(of: unit.id.slide, stage: .tile))
                )
                return WorkerPool.Job(
                    slide: task.slide,
                    stage: stage.name,
                    fingerprint: unit.fingerprint,
                    task: .heatmap(task)
                )
            }
            try await WorkerPool(settings: settings).run(jobs, progress: progress, onEnd: record)
        }
        TileFindings.said(of: result.outcomes, stage: stage.name).forEach { progress(.note("warning: \($0)")) }
        return result
    }

    /// What pictures say of how their map holds: nothing where it does; reports show its curves too.
    private func faithfulness(of slide: SlideID, by models: [TrainingName]) throws -> String? {
        guard output.isCaptioned, models.count == 1,
            let found = try SlideFaithfulness.current(of: models[0], slide, in: layout)
        else { return nil }
        guard output != .report else { return try CanonicalJSON.fingerprint(found) }
        return try found.doubt.map { try CanonicalJSON.fingerprint($0) }
    }

    /// Pictures of before uncovered tissue was hatched say nothing false: they stand until they are drawn again anyway.
    private func drawsTissueAnew(_ slide: SlideID, of stage: Stage) throws -> Bool {
        if settings.redo || settings.redoChangedInputs { return true }
        guard let before = try layout.record(of: slide, stage: stage.name), before.hasResult else {
            return true
        }
        return before.fingerprint[.tissue] != nil
    }

    /// The model itself, or its seeds; of a training with several seeds in this job only those that it has now.
    private func models() throws -> [TrainingName] {
        let trained = try SeedRun.seeds(in: layout.training(model).url)
        let hasOwn = try Stage.hasOutcomes(stage: StageName.predict(model), in: layout)
        guard !hasOwn || !trained.isEmpty else { return [model] }
        let predicted = try SeedRun.seeds(in: layout.predictions(of: model))
        let seeds = predicted.filter { trained.isEmpty || trained.contains($0) }
        return seeds.isEmpty ? [model] : seeds.map { TrainingName(model.study, seed: $0) }
    }

    /// The slides that every model has predicted, in their order, with what is on record of it by model.
    private func predicted(_ models: [TrainingName], _ progress: ProgressSink) throws -> [(SlideID, [Outcome])] {
        var found: [SlideID: [Outcome]] = [:]
        for name in models {
            for outcome in try Stage.outcomes(stage: StageName.predict(name), in: layout)
            where outcome.status == .ok {
                found[outcome.slide, default: []].append(outcome)
            }
        }
        let partial = found.filter { $0.value.count < models.count }.keys.sorted().map(\.text)
        if !partial.isEmpty {
            progress(
                .note(
                    "\(model): \(partial.count) slide(s) are not predicted by every seed and left out: \(partial.shortened)"
                )
            )
        }
        return found.filter { $0.value.count == models.count }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A report tells what the cards of the models say.
    private func checkCards(_ models: [TrainingName]) throws {
        for training in models.map({ layout.training($0) }) {
            guard try TrainedStudy.load(training) != nil else { continue }
            _ = try TrainedStudy.read(training) { FoldFolder.isPath($0, of: .card) }
        }
    }

    /// A report also tells of the patches.
    private func refusal(
        of slide: SlideID,
        _ predictions: [Outcome],
        _ lineage: Lineage,
        _ scrutiny: Scrutiny
    ) throws -> Refusal? {
        for prediction in predictions {
            if let refusal = try lineage.refusal(ofPrediction: prediction, scrutiny) { return refusal }
        }
        guard output == .report else { return nil }
        return try layout.record(of: slide, stage: .tile)?.refusal(in: layout, scrutiny, of: JobLayout.isPatchFile)
    }
}
