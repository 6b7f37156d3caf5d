import Foundation
public import Records
import Storage

/// Features of every tiled slide, by one encoder.
public struct FeatureStage: Sendable {
    public var layout: JobLayout
    public var encoder: EncoderChoice
    /// Device of neural encoders: `auto`, `cpu` or `cuda`.
    public var device: String
    public var settings: WorkSettings

    public init(layout: JobLayout, encoder: EncoderChoice, device: String = "auto", settings: WorkSettings) {
        self.layout = layout
        self.encoder = encoder
        self.device = device
        self.settings = settings
    }

    public static func name(encoder: String) -> String { "features_\(encoder)" }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let identity = encoder.identity
        let tiled = try Stage.outcomes(stage: TileStage.name, in: layout).filter(\.hasResult)
        guard !tiled.isEmpty else {
            throw Failure(.notFound, layout.root.path, "no tiled slide in this job; run wsi tile first")
        }
        let stage = Stage(name: Self.name(encoder: identity.name), layout: layout, settings: settings)
        let grids = Dictionary(uniqueKeysWithValues: tiled.map { ($0.unit, $0.facts["grid"] ?? "") })
        let plan = try stage.plan(
            tiled.map { outcome in
                let fingerprint = Fingerprint(
                    stage: "features",
                    parameters: [
                        "encoder": identity.name, "encoder_digest": identity.digest,
                        "preprocessing": encoder.preprocessing,
                    ],
                    inputs: ["patches": try outcome.version()]
                )
                let grid = layout.root.appending(path: grids[outcome.unit] ?? "")
                let file = layout.features(in: grid, encoder: identity.name, outcome.unit)
                return Stage.Unit(id: outcome.unit, fingerprint: fingerprint, file: file)
            }
        )
        warnOfScale(tiled, progress)
        let paths = SlidePaths.read(layout)
        return try await stage.run(plan, progress: progress) { waiting, record in
            let sources = try stage.prepare(waiting, record) { unit in
                try source(of: unit.id, grid: grids[unit.id] ?? "", encoder: identity.name, paths)
            }
            let pool = WorkerPool(settings: settings)
            switch encoder {
            case .texture:
                let jobs = sources.map { unit, source in
                    let task = TextureTask(source: source, encoder: identity, fingerprint: unit.fingerprint)
                    return WorkerPool.Job(
                        slide: unit.id,
                        stage: stage.name,
                        fingerprint: unit.fingerprint,
                        task: .texture(task)
                    )
                }
                try await pool.run(jobs, progress: progress, onEnd: record)
            case .script(_, let file):
                let server = EncoderServer(
                    manifest: file,
                    device: device,
                    threads: settings.workers,
                    programs: settings.programs
                )
                try await server.whileRunning { socket in
                    let jobs = sources.map { unit, source in
                        let task = PixelTask(
                            source: source,
                            encoder: identity,
                            socket: socket,
                            fingerprint: unit.fingerprint
                        )
                        return WorkerPool.Job(
                            slide: unit.id,
                            stage: stage.name,
                            fingerprint: unit.fingerprint,
                            task: .pixels(task)
                        )
                    }
                    try await pool.run(jobs, progress: progress, onEnd: record)
                }
            }
        }
    }

    /// An encoder sees tissue at the scale it was trained on, or its features mean something else.
    private func warnOfScale(_ tiled: [Outcome], _ progress: ProgressSink) {
        guard case .script(let manifest, _) = encoder else { return }
        let scales = Set(tiled.compactMap { $0.facts["patch_mpp"].flatMap(Double.init) })
        let foreign = scales.filter { abs($0 - manifest.mpp) / manifest.mpp > 0.05 }.sorted()
        guard !foreign.isEmpty else { return }
        let shown = foreign.map { "\($0)" }.joined(separator: ", ")
        progress(
            .note("warning: \(manifest.name) was made for \(manifest.mpp) µm per pixel; patches here have \(shown)")
        )
    }

    private func source(of slide: SlideID, grid: String, encoder: String, _ paths: SlidePaths) throws -> PatchSource {
        let folder = layout.root.appending(path: grid)
        return PatchSource(
            slide: slide,
            slidePath: try paths.path(of: slide),
            patches: layout.patches(in: folder, slide),
            features: layout.features(in: folder, encoder: encoder, slide),
            job: layout.root
        )
    }
}
