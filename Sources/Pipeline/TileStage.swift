import Foundation
public import Records
import Slides
import Storage

/// Tissue, patch coordinates, pictures and contours of every slide.
public struct TileStage: Sendable {
    public static let name = "tile"

    public var layout: JobLayout
    public var entries: [SlideEntry]
    public var tiling: TilingConfig
    public var settings: WorkSettings

    public init(layout: JobLayout, entries: [SlideEntry], tiling: TilingConfig, settings: WorkSettings) {
        self.layout = layout
        self.entries = entries
        self.tiling = tiling
        self.settings = settings
    }

    private var stage: Stage { Stage(name: Self.name, layout: layout, settings: settings) }

    /// - Throws: as `Stage.plan`.
    func plan() throws -> Stage.Plan {
        let parameters = try Fingerprint.parameters(of: tiling)
        let grid = layout.grids(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        return try stage.plan(
            entries.map { entry in
                var parameters = parameters
                if let mpp = entry.mpp { parameters["slide_mpp"] = "\(mpp)" }
                let fingerprint = Fingerprint(
                    stage: Self.name,
                    parameters: parameters,
                    inputs: ["slide": Self.digest(of: entry)]
                )
                return Stage.Unit(id: entry.id, fingerprint: fingerprint, file: layout.patches(in: grid, entry.id))
            }
        )
    }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let plan = try plan()
        let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0) })
        try SlidePaths.record(entries, in: layout)
        let progress = stage.audited(progress)
        return try await stage.run(plan, progress: progress) { waiting, record in
            let jobs = waiting.compactMap { unit in
                byID[unit.id].map { entry in
                    let task = TileTask(entry: entry, tiling: tiling, job: layout.root, fingerprint: unit.fingerprint)
                    return WorkerPool.Job(
                        slide: unit.id,
                        stage: Self.name,
                        fingerprint: unit.fingerprint,
                        task: .tile(task)
                    )
                }
            }
            try await WorkerPool(settings: settings).run(jobs, progress: progress, onEnd: record)
        }
    }

    /// A file that cannot even be read fails in its worker, alone; its fingerprint equals that of no readable file.
    private static func digest(of entry: SlideEntry) -> String {
        do { return try SlideDigest.quick(entry.path) } catch { return unreadable }
    }

    static let unreadable = "unreadable"
}
