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
    /// GeoJSON of the parts of slides that are tiled, in level-0 pixels of the slide; other slides are tiled as a whole.
    var regions: [SlideID: URL] = [:]
    public var settings: WorkSettings

    public init(layout: JobLayout, entries: [SlideEntry], tiling: TilingConfig, settings: WorkSettings) {
        self.layout = layout
        self.entries = entries
        self.tiling = tiling
        self.settings = settings
    }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let stage = Stage(name: Self.name, layout: layout, settings: settings)
        let parameters = try Fingerprint.parameters(of: tiling)
        let grid = layout.grids(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0) })
        let plan = try stage.plan(
            entries.map { entry in
                var parameters = parameters
                if let mpp = entry.mpp { parameters["slide_mpp"] = "\(mpp)" }
                parameters["regions"] = try regions[entry.id].map { try Digest.sha256(fileAt: $0) }
                let fingerprint = Fingerprint(
                    stage: Self.name,
                    parameters: parameters,
                    inputs: ["slide": Self.digest(of: entry)]
                )
                return Stage.Unit(id: entry.id, fingerprint: fingerprint, file: layout.patches(in: grid, entry.id))
            }
        )
        try SlidePaths.record(entries, in: layout)
        return try await stage.run(plan, progress: progress) { waiting, record in
            let jobs = waiting.compactMap { unit in
                byID[unit.id].map { entry in
                    let task = TileTask(
                        entry: entry,
                        tiling: tiling,
                        regions: regions[entry.id],
                        job: layout.root,
                        fingerprint: unit.fingerprint
                    )
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

    /// How a slide was tiled, and the µm per pixel it was given; the rest of its tiling is the same for every slide.
    static func tiling(of outcome: Outcome) throws -> (tiling: TilingConfig, mpp: Double?) {
        var parameters = outcome.fingerprint.parameters
        parameters["regions"] = nil
        let mpp = parameters.removeValue(forKey: "slide_mpp").flatMap { Double($0) }
        let pairs = try parameters.map {
            "\(String(decoding: try CanonicalJSON.line($0.key), as: UTF8.self)):\($0.value)"
        }
        let text = "{\(pairs.joined(separator: ","))}"
        return (try JSONDecoder().decode(TilingConfig.self, from: Data(text.utf8)), mpp)
    }

    /// A file that cannot even be read fails in its worker, alone; its fingerprint equals that of no readable file.
    private static func digest(of entry: SlideEntry) -> String {
        do { return try SlideDigest.quick(entry.path) } catch { return "unreadable" }
    }
}
