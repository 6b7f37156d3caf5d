import Files
import Foundation
public import Records
import Storage

/// One output of every predicted slide: its picture, or what other tools read.
public struct HeatmapStage: Sendable {
    public var layout: JobLayout
    /// Name of the predictions: `JOB/predictions/<model>`; those of `<model>/seed_S` together where it has none itself.
    public var model: String
    /// Name of the pictures: `JOB/heatmaps/<name>`; the model's where they are drawn as its study says.
    public var name: String
    public var output: HeatmapConfig.Output
    public var heatmap: HeatmapConfig
    /// Only these slides; nil draws all.
    public var slides: Set<SlideID>?
    /// Folder of GeoJSON files, one per slide: of each the parts are drawn, each alone; nil draws whole slides.
    var regions: URL?
    public var settings: WorkSettings

    public init(
        layout: JobLayout,
        model: String,
        name: String? = nil,
        output: HeatmapConfig.Output,
        heatmap: HeatmapConfig,
        slides: Set<SlideID>? = nil,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.model = model
        self.name = name ?? model
        self.output = output
        self.heatmap = heatmap
        self.slides = slides
        self.settings = settings
    }

    public static func name(_ output: HeatmapConfig.Output, pictures name: String) -> String {
        output == .sheet ? "heatmap_\(name)" : "heatmap.\(output.rawValue)_\(name)"
    }

    /// How the model's study wants its pictures; the defaults where the model was trained in another job.
    /// - Throws: `Failure` with `.digest` where the study is not what was written.
    public static func config(model: String, in layout: JobLayout) throws -> HeatmapConfig {
        let training = layout.training.appending(path: model)
        let study = try TrainedStudy.load(training) ?? SeedRun.folders(in: training).first.flatMap(TrainedStudy.load)
        return study?.config.heatmap ?? HeatmapConfig()
    }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let models = try models()
        let all = try predicted(models, progress)
        guard !all.isEmpty else {
            throw Lineage.unpredicted(model, in: layout)
        }
        let chosen = try slides.map { try ChosenSlides.find($0, among: all.map(\.0), of: model, in: layout) }
        let predicted = all.filter { chosen?.contains($0.0) != false }
        if output == .report { try checkCards(models) }
        var stage = Stage(name: Self.name(output, pictures: name), layout: layout, settings: settings)
        let keys = Set(output.keys.map(\.stringValue))
        let parameters = try Fingerprint.parameters(of: heatmap).filter { keys.contains($0.key) }
        stage.common = parameters
        let (lineage, origins) = (Lineage(layout), Dictionary(uniqueKeysWithValues: predicted))
        let plan = try stage.claimed(
            predicted.map { [stage] slide, origin in
                let tiled = try Stage.outcome(of: slide, stage: TileStage.name, in: layout)
                let versions = try origin.map { try $0.version() }
                let version = versions.count == 1 ? versions[0] : try CanonicalJSON.fingerprint(versions)
                var inputs = ["prediction": version, "slide": tiled?.fingerprint.inputs["slide"] ?? ""]
                if output == .report {
                    inputs["tiling"] = try tiled?.version()
                    inputs[Self.decisionsInput] = try DecisionsDigest.of(slide, in: layout)
                }
                if output.showsTissue, try drawsTissueAnew(slide, of: stage) {
                    inputs[Self.tissueInput] = tiled?.outputs[JobLayout.outlines(of: slide)]
                }
                return Stage.Unit(
                    id: slide,
                    fingerprint: Fingerprint(stage: "heatmap", parameters: parameters, inputs: inputs)
                )
            },
            progress,
            refusal: { unit in try refusal(of: unit.id, origins[unit.id] ?? [], lineage) }
        )
        defer { plan.turn?.end() }
        let paths = try SlidePaths.read(layout)
        let progress = stage.audited(progress)
        let result = try await stage.run(plan, progress: progress) { [stage] waiting, record in
            let jobs = try stage.prepare(waiting, record) { unit in try paths.path(of: unit.id) }.map { unit, path in
                let task = HeatmapTask(
                    slide: unit.id,
                    name: name,
                    output: output,
                    slidePath: path,
                    predictions: models.map { layout.predictions.appending(path: "\($0)/\(unit.id.text).h5") },
                    regions: regions?.appending(path: "\(unit.id.text).geojson"),
                    folder: (output == .report ? layout.reports : layout.heatmaps).appending(path: name),
                    job: layout.root,
                    heatmap: heatmap,
                    fingerprint: unit.fingerprint
                )
                return WorkerPool.Job(
                    slide: unit.id,
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

    static let tissueInput = "tissue"
    /// What readers have said; absent where nobody has, as in reports of before that was told.
    static let decisionsInput = "decisions"

    /// Pictures of before uncovered tissue was hatched say nothing false: they stand until they are drawn again anyway.
    private func drawsTissueAnew(_ slide: SlideID, of stage: Stage) throws -> Bool {
        if settings.redo || settings.redoChangedInputs { return true }
        guard let before = try Stage.outcome(of: slide, stage: stage.name, in: layout), before.hasResult else {
            return true
        }
        return before.fingerprint.inputs.keys.contains(Self.tissueInput)
    }

    /// The model itself, or its seeds; of a training with several seeds in this job only those that it has now.
    private func models() throws -> [String] {
        let trained = try SeedRun.folders(in: layout.training.appending(path: model)).map { SeedRun.name(of: $0) }
        let own = try Stage.outcomes(stage: PredictStage.name(model: model), in: layout)
        guard own.isEmpty || !trained.isEmpty else { return [model] }
        let seeds = try SeedRun.folders(in: layout.predictions.appending(path: model)).map { SeedRun.name(of: $0) }
            .filter { trained.isEmpty || trained.contains($0) }
        return seeds.isEmpty ? [model] : seeds
    }

    /// The slides that every model has predicted, in their order, with what is on record of it by model.
    private func predicted(_ models: [String], _ progress: ProgressSink) throws -> [(SlideID, [Outcome])] {
        var found: [SlideID: [Outcome]] = [:]
        for name in models {
            for outcome in try Stage.outcomes(stage: PredictStage.name(model: name), in: layout)
            where outcome.status == .ok {
                found[outcome.unit, default: []].append(outcome)
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
    private func checkCards(_ models: [String]) throws {
        for training in models.map({ layout.training.appending(path: $0) }) {
            guard try TrainedStudy.load(training) != nil else { continue }
            _ = try TrainedStudy.read(training) { $0.hasSuffix("/checkpoint.json") }
        }
    }

    /// A report also tells of the patches.
    private func refusal(of slide: SlideID, _ predictions: [Outcome], _ lineage: Lineage) throws -> Refusal? {
        for prediction in predictions {
            if let refusal = try lineage.refusal(ofPrediction: prediction) { return refusal }
        }
        guard output == .report else { return nil }
        return try lineage.outcomes(TileStage.name)[slide]?.refusal(in: layout, of: Outcome.isPatchFile)
    }
}
