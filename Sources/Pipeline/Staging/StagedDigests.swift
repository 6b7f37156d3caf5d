import Config
import Files
import Foundation
import Records
import Storage

/// How slides are told from others of their name that are not looked at where they lie: by what is on record, else by a copy
/// (docs/guides/staging.md).
struct StagedDigests: Sendable {
    /// By slide; `TileStage.uncopied` where its first copy will tell.
    private(set) var digests: [SlideID: String] = [:]
    /// Slides whose copy did not come.
    private(set) var faults: [SlideID: Failure] = [:]
    /// Those that stand under another place than is on record: it is told once their work has ended.
    private(set) var moved: Set<SlideID> = []

    /// What is on record, whatever lies there by now: for a look that copies nothing.
    init(recordedOf stage: TileStage) throws {
        for entry in stage.entries where entry.isRemote { digests[entry.id] = try stage.recordedDigest(of: entry) }
    }

    /// nil of slides that are looked at where they lie. Where the copy did not come, nothing is known of the slide, and what stands of it stands.
    func digest(of entry: SlideEntry) -> (digest: String, fault: Failure?)? {
        digests[entry.id].map { digest in
            (digest, faults[entry.id].map { Failure(.io, entry.id.text, $0.message) })
        }
    }

    /// - Throws: `Failure` where a slide has to be copied to be known, and there is no stage.
    init(of stage: TileStage, progress: @escaping ProgressSink) async throws {
        let remote = stage.entries.filter(\.isRemote)
        try self.init(recordedOf: stage)
        // A share is read once: the copy of a new slide tells its digest too.
        for entry in stage.entries where stage.settings.staging != nil && !entry.isRemote {
            if try !stage.stands(entry) { digests[entry.id] = TileStage.uncopied }
        }
        guard !remote.isEmpty else { return }
        let paths = try SlidePaths.read(stage.layout)
        var doubtful: [SlideEntry] = []
        for entry in remote where try stage.stands(entry) {
            let isKnown = digests[entry.id] != TileStage.uncopied && paths.slides[entry.id.text] == entry.path
            if isKnown, !stage.settings.redo { continue }
            moved.insert(entry.id)
            // Of another shard: who works on it compares it.
            guard stage.settings.selection.shard?.contains(entry.id) != false else { continue }
            if try stage.isRedone(entry) { digests[entry.id] = TileStage.uncopied } else { doubtful.append(entry) }
        }
        guard !doubtful.isEmpty else { return }
        try stage.settings.checkStage(for: doubtful.map { ($0.id, $0.path) })
        progress(.note("tile: \(doubtful.count) slide(s) are copied to see whether they are those that were tiled"))
        try await look(at: doubtful, stage.settings, progress)
    }

    private mutating func look(
        at entries: [SlideEntry],
        _ settings: WorkSettings,
        _ progress: @escaping ProgressSink
    ) async throws {
        for entry in entries {
            guard let slide = settings.staging?.begin(entry.id, at: entry.path, progress: progress) else { continue }
            do { digests[entry.id] = try await slide.place().digest } catch let error as any ReportableError {
                faults[entry.id] = Failure(error)
            }
            await slide.release()
        }
    }
}

extension Outcome {
    /// Whether nothing is known of the slide, since no copy of it came, while another process has tiled it in the same way.
    func failedUncopied(beside standing: Outcome) -> Bool {
        !hasResult && fingerprint[.slide] == TileStage.uncopied && standing.hasResult
            && fingerprint.parameters == standing.fingerprint.parameters
    }
}

extension TileStage {
    /// Stands in the fingerprint of a slide until its first copy tells its digest; equals that of no slide.
    static let uncopied = "uncopied"

    /// Of a slide that was to be copied, and is read where it lies.
    /// - Throws: `StorageError` where the machine fails.
    static func digest(inPlace path: String) async throws -> String {
        try await BlockingWork.run { _ in
            do { return try SlideDigest.quick(path) } catch let error as StorageError where !error.code.isOfMachine {
                return unreadable
            }
        }
    }

    fileprivate func recordedDigest(of entry: SlideEntry) throws -> String {
        guard let outcome = try Stage.outcome(of: UnitID(entry.id), stage: .tile, in: layout), outcome.hasResult else {
            return Self.uncopied
        }
        return outcome.fingerprint[.slide] ?? Self.uncopied
    }

    /// Whether a result stands there, recorded or not.
    fileprivate func stands(_ entry: SlideEntry) throws -> Bool {
        if let outcome = try Stage.outcome(of: UnitID(entry.id), stage: .tile, in: layout), !outcome.outputs.isEmpty {
            return true
        }
        let grid = layout.grids(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        return try RegularFile.exists(layout.patches(in: grid, entry.id))
    }

    /// Whether it is made again whatever slide lies there: to copy it twice would be for nothing.
    fileprivate func isRedone(_ entry: SlideEntry) throws -> Bool {
        guard settings.redo, let outcome = try Stage.outcome(of: UnitID(entry.id), stage: .tile, in: layout) else {
            return false
        }
        return try outcome.fingerprint.parameters != parameters(of: entry)
    }
}
