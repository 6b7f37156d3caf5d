public import Config
import Files
import Foundation
public import Records
import Slides
import Storage

/// Tissue, patch coordinates, pictures and contours of every slide.
public struct TileStage: Sendable {
    /// 2: patches may reach beyond the edge of their slide.
    static let format = 2

    public var layout: JobLayout
    public var entries: [SlideEntry]
    /// Slides that were found and that no stage can work on: they are said, and cost the exit code 0.
    public var leftOut: [LeftOutFiles]
    public var tiling: TilingConfig
    public var settings: WorkSettings

    public init(
        layout: JobLayout,
        entries: [SlideEntry],
        leftOut: [LeftOutFiles] = [],
        tiling: TilingConfig,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.entries = entries
        self.leftOut = leftOut
        self.tiling = tiling
        self.settings = settings
    }

    private func stage() throws -> Stage {
        var stage = Stage(name: .tile, layout: layout, settings: settings, elsewhere: "another job folder")
        stage.common = try Self.parameters(of: tiling)
        // Slides of several scanners may be given theirs by several commands.
        stage.common?[Fingerprint.Parameter.slideMPP.rawValue] = nil
        return stage
    }

    static func parameters(of tiling: TilingConfig) throws -> [String: String] {
        var parameters = try Fingerprint.parameters(of: tiling)
        // What is in the files counts, not where they lie: of the table, each entry has its own µm per pixel.
        parameters[TilingConfig.CodingKeys.regions.stringValue] = nil
        parameters[TilingConfig.CodingKeys.mppCSV.stringValue] = nil
        // What was tiled before there were these keys was read as their defaults do.
        let usual = try Fingerprint.parameters(of: TilingConfig())
        for key in TilingConfig.readingKeys.map(\.stringValue) where parameters[key] == usual[key] {
            parameters[key] = nil
        }
        return parameters
    }

    /// As a unit of this slide has them.
    func parameters(of entry: SlideEntry) throws -> [String: String] {
        var fingerprint = Fingerprint(
            stage: StageName.Kind.tile.rawValue,
            parameters: try Self.parameters(of: tiling),
            inputs: [:]
        )
        fingerprint[.slideMPP] = entry.mpp.map { "\($0)" }
        return fingerprint.parameters
    }

    /// - Throws: as `Stage.plan`.
    func plan(_ regions: TileRegions) throws -> Stage.Plan {
        try stage().plan(units(regions, StagedDigests(recordedOf: self)))
    }

    private func units(_ regions: TileRegions, _ remote: StagedDigests) throws -> [Stage.Unit] {
        let parameters = try Self.parameters(of: tiling)
        let grid = layout.grids(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        // One table for all slides of one scale: there may be thousands.
        var shared: [Double: [String: String]] = [:]
        // A slide of another shard is not opened.
        let selected = entries.filter { settings.selection.shard?.contains($0.id) != false }
        let digests = try selected.concurrentMap(atOnce: 8) { remote.digest(of: $0) ?? digest(of: $0) }
        return try zip(selected, digests).map { entry, digest in
            var fingerprint = Fingerprint(
                format: Self.format,
                stage: StageName.Kind.tile.rawValue,
                parameters: parameters,
                inputs: [:]
            )
            if let mpp = entry.mpp {
                if shared[mpp] == nil { fingerprint[.slideMPP] = "\(mpp)" }
                fingerprint.parameters = shared[mpp] ?? fingerprint.parameters
                shared[mpp] = fingerprint.parameters
            }
            fingerprint[.slide] = digest.digest
            fingerprint[.regions] = try regions.digest(entry.id)
            let file = layout.patches(in: grid, entry.id).path
            return Stage.Unit(id: UnitID(entry.id), fingerprint: fingerprint, file: file, fault: digest.fault)
        }
    }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let regions = try TileRegions(tiling.regions, for: entries, mode: tiling.regionsMode)
        let stage = try stage()
        settings.staging?.know(entries)
        try stage.checkTurns()
        let remote = try await StagedDigests(of: self, progress: progress)
        let plan = try stage.claimed(units(regions, remote), progress)
        defer { plan.turn?.end() }
        let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0) })
        try settings.checkStage(for: plan.waiting.compactMap { byID[$0.id.slide] }.map { ($0.id, $0.path) })
        // A slide that is made again from another address is at its old one until that has come to its end.
        let moving = remote.moved.subtracting(plan.done.map(\.slide))
        try SlidePaths.record(entries.filter { !moving.contains($0.id) }, in: layout)
        regions.notes.forEach { progress(.note($0)) }
        let progress = stage.audited(progress)
        var result = try await stage.run(plan, leftOut: leftOut, progress: progress) { waiting, record in
            let jobs = waiting.lazy.compactMap { unit in
                byID[unit.id.slide].map { entry in
                    let task = TileTask(
                        entry: entry,
                        tiling: tiling,
                        regions: regions.files[entry.id],
                        job: layout.root,
                        fingerprint: unit.fingerprint
                    )
                    return WorkerPool.Job(
                        slide: entry.id,
                        stage: .tile,
                        fingerprint: unit.fingerprint,
                        task: .tile(task)
                    )
                }
            }
            try await WorkerPool(settings: settings).run(jobs, progress: progress, onEnd: record)
        }
        let ended = Set(result.outcomes.filter(\.hasResult).map(\.slide))
        try SlidePaths.record(entries.filter { moving.contains($0.id) && ended.contains($0.id) }, in: layout)
        result.outcomes = try TileFindings.recordScales(of: result.outcomes, in: layout)
        TileFindings.notes(result.outcomes).forEach { progress(.note($0)) }
        return result
    }

    /// How a slide was tiled, and the µm per pixel it was given; the rest of its tiling is the same for every slide. What was
    /// tiled before patches could reach beyond the edge has none that do.
    static func tiling(of outcome: Outcome) throws -> (tiling: TilingConfig, mpp: Double?) {
        var fingerprint = outcome.fingerprint
        let mpp = fingerprint[.slideMPP].flatMap { Double($0) }
        fingerprint[.slideMPP] = nil
        var tiling = try fingerprint.config(TilingConfig.self)
        if !fingerprint.parameters.keys.contains(TilingConfig.CodingKeys.edge.stringValue) { tiling.edge = .drop }
        return (tiling, mpp)
    }

    /// How a slide was read when it was tiled; the usual way where it was not tiled here.
    static func rules(of outcome: Outcome?) throws -> ReadingRules {
        guard let outcome,
            TilingConfig.readingKeys.contains(where: { outcome.fingerprint.parameters.keys.contains($0.stringValue) })
        else { return ReadingRules() }
        return try tiling(of: outcome).tiling.rules
    }

    /// A file that cannot even be read for what it is fails in its worker, alone; its fingerprint equals that of no readable file.
    /// Where it is the machine that failed, nothing is known of the file and nothing is made of it.
    private func digest(of entry: SlideEntry) -> (digest: String, fault: Failure?) {
        do {
            return (
                try SlideDigest.quick(entry.path) { try settings.seen.digest(of: $0, as: $0.path, in: layout) }, nil
            )
        } catch {
            let failure = Failure(error).naming(UnitID(entry.id))
            return (Self.unreadable, failure.code.isOfMachine ? failure : nil)
        }
    }

    static let unreadable = "unreadable"

    /// The quick digest of a file. One that cannot be read for what it is fails alone, where it is used.
    /// - Throws: `StorageError` where it is the machine that fails.
    static func orUnreadable(_ digest: () throws -> String) throws -> String {
        do { return try digest() } catch let error as StorageError where !error.code.isOfMachine {
            return unreadable
        }
    }
}
