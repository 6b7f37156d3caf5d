import Foundation
public import Records
import Storage

/// One picture and one table of values for every predicted slide.
public struct HeatmapStage: Sendable {
    public var layout: JobLayout
    /// Name of the predictions: `JOB/predictions/<model>`.
    public var model: String
    public var heatmap: HeatmapConfig
    /// Only these slides; nil draws all.
    public var slides: Set<SlideID>?
    public var settings: WorkSettings

    public init(
        layout: JobLayout,
        model: String,
        heatmap: HeatmapConfig,
        slides: Set<SlideID>? = nil,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.model = model
        self.heatmap = heatmap
        self.slides = slides
        self.settings = settings
    }

    public static func name(model: String) -> String { "heatmap_\(model)" }

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
        let stage = Stage(name: Self.name(model: model), layout: layout, settings: settings)
        let parameters = try Fingerprint.parameters(of: heatmap)
        let plan = try stage.plan(
            predicted.map { outcome in
                let tiled = Stage.outcome(of: outcome.unit, stage: TileStage.name, in: layout)
                let inputs = [
                    "prediction": try outcome.version(), "slide": tiled?.fingerprint.inputs["slide"] ?? "",
                ]
                return Stage.Unit(
                    id: outcome.unit,
                    fingerprint: Fingerprint(stage: "heatmap", parameters: parameters, inputs: inputs)
                )
            }
        )
        let paths = SlidePaths.read(layout)
        return try await stage.run(plan, progress: progress) { waiting, record in
            let jobs = try waiting.map { unit in
                let task = HeatmapTask(
                    slide: unit.id,
                    model: model,
                    slidePath: try paths.path(of: unit.id),
                    prediction: layout.predictions.appending(path: "\(model)/\(unit.id.text).h5"),
                    folder: layout.heatmaps.appending(path: model),
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
