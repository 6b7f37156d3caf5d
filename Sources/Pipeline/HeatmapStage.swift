import Foundation
public import Records
import Storage

/// One output of every predicted slide: its picture, or what other tools read.
public struct HeatmapStage: Sendable {
    public var layout: JobLayout
    /// Name of the predictions: `JOB/predictions/<model>`.
    public var model: String
    /// Name of the pictures: `JOB/heatmaps/<name>`; the model's where they are drawn as its study says.
    public var name: String
    public var output: HeatmapConfig.Output
    public var heatmap: HeatmapConfig
    /// Only these slides; nil draws all.
    public var slides: Set<SlideID>?
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
        let study = try? TrainedStudy.read(layout.training.appending(path: model))
        return study?.config.heatmap ?? HeatmapConfig()
    }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let predicted = try Stage.outcomes(stage: PredictStage.name(model: model), in: layout)
            .filter { $0.status == .ok && slides?.contains($0.unit) != false }
        guard !predicted.isEmpty else {
            throw Failure(
                .notFound,
                layout.root.path,
                "no predictions of \(model) for these slides; run wsi predict first"
            )
        }
        let stage = Stage(name: Self.name(output, pictures: name), layout: layout, settings: settings)
        let keys = Set(output.keys.map(\.stringValue))
        let parameters = try Fingerprint.parameters(of: heatmap).filter { keys.contains($0.key) }
        let plan = try stage.plan(
            predicted.map { outcome in
                let tiled = Stage.outcome(of: outcome.unit, stage: TileStage.name, in: layout)
                var inputs = [
                    "prediction": try outcome.version(), "slide": tiled?.fingerprint.inputs["slide"] ?? "",
                ]
                if output == .report { inputs["tiling"] = try tiled?.version() }
                return Stage.Unit(
                    id: outcome.unit,
                    fingerprint: Fingerprint(stage: "heatmap", parameters: parameters, inputs: inputs)
                )
            }
        )
        let paths = SlidePaths.read(layout)
        return try await stage.run(plan, progress: progress) { waiting, record in
            let jobs = try stage.prepare(waiting, record) { unit in try paths.path(of: unit.id) }.map { unit, path in
                let task = HeatmapTask(
                    slide: unit.id,
                    name: name,
                    output: output,
                    slidePath: path,
                    prediction: layout.predictions.appending(path: "\(model)/\(unit.id.text).h5"),
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
}
