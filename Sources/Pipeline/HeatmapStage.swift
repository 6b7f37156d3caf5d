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
    public static func config(model: String, in layout: JobLayout) -> HeatmapConfig {
        let training = layout.training.appending(path: model)
        let study = try? TrainedStudy.read(training)
        let seeds = SeedRun.folders(in: training)
        return (study ?? seeds.first.flatMap { try? TrainedStudy.read($0) })?.config.heatmap ?? HeatmapConfig()
    }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let models = try models()
        let all = try predicted(models)
        guard !all.isEmpty else {
            throw Failure(.notFound, layout.root.path, "no predictions of \(model) here; run wsi predict first")
        }
        let chosen = try slides.map { try ChosenSlides.find($0, among: all.map(\.slide), of: model, in: layout) }
        let predicted = all.filter { chosen?.contains($0.slide) != false }
        let stage = Stage(name: Self.name(output, pictures: name), layout: layout, settings: settings)
        let keys = Set(output.keys.map(\.stringValue))
        let parameters = try Fingerprint.parameters(of: heatmap).filter { keys.contains($0.key) }
        let plan = try stage.plan(
            predicted.map { slide, version in
                let tiled = Stage.outcome(of: slide, stage: TileStage.name, in: layout)
                var inputs = ["prediction": version, "slide": tiled?.fingerprint.inputs["slide"] ?? ""]
                if output == .report { inputs["tiling"] = try tiled?.version() }
                return Stage.Unit(
                    id: slide,
                    fingerprint: Fingerprint(stage: "heatmap", parameters: parameters, inputs: inputs)
                )
            }
        )
        let paths = SlidePaths.read(layout)
        let progress = stage.audited(progress)
        return try await stage.run(plan, progress: progress) { waiting, record in
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
    }

    /// The model itself, or its seeds.
    private func models() throws -> [String] {
        let own = try Stage.outcomes(stage: PredictStage.name(model: model), in: layout)
        guard own.isEmpty else { return [model] }
        let seeds = SeedRun.folders(in: layout.predictions.appending(path: model)).map { SeedRun.name(of: $0) }
        return seeds.isEmpty ? [model] : seeds
    }

    /// The slides that every model has predicted, in their order, with the version of what they said.
    private func predicted(_ models: [String]) throws -> [(slide: SlideID, version: String)] {
        let outcomes = try models.map { name in
            try Stage.outcomes(stage: PredictStage.name(model: name), in: layout).filter { $0.status == .ok }
        }
        var versions: [SlideID: [String]] = [:]
        for outcome in outcomes.joined() { versions[outcome.unit, default: []].append(try outcome.version()) }
        let complete = versions.filter { $0.value.count == models.count }
        return try complete.keys.sorted().map { slide in
            let all = complete[slide] ?? []
            return (slide, all.count == 1 ? all[0] : try CanonicalJSON.fingerprint(all))
        }
    }
}
