import Files
public import Foundation
public import Records
import Storage

/// Tiles of a job's slides, cut by workers that keep a slide open each (docs/decisions/008): what kills a reading library costs
/// a tile, never the server.
public actor SlideViewers {
    private let layout: JobLayout
    private let paths: SlidePaths
    private let settings: WorkSettings
    private let limit: Int
    private var open = RecentlyUsed<SlideID, Opened>()
    /// nil where slides are read where they lie.
    private var shelf: StageShelf?

    private struct Opened {
        var process: ViewingProcess
        var path: String
    }

    /// Slides that are open at a time.
    public static let usualLimit = 4

    /// - Parameters:
    ///   - limit: slides that are open at a time; the one that was not looked at for longest is closed.
    ///   - notice: told what a stage has to say.
    /// - Throws: `StorageError` where the machine does not give the places of the slides.
    public init(
        _ layout: JobLayout,
        settings: WorkSettings,
        limit: Int = SlideViewers.usualLimit,
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        self.layout = layout
        paths = try SlidePaths.read(layout)
        self.settings = settings
        self.limit = limit
        shelf = settings.staging.map { staging in
            StageShelf(staging, notice: notice) { [weak self] slide in await self?.close(slide) }
        }
    }

    /// - Throws: `Failure`.
    public func pyramid(of slide: SlideID) async throws -> TilePyramid {
        do { return try await ask(slide) { try await $0.pyramid() } } catch {
            // A slide that could not be opened may be there the next time.
            close(slide)
            throw error
        }
    }

    /// JPEG of `TilePyramid.side` pixels.
    /// - Throws: `Failure`.
    public func tile(_ address: TileAddress, of slide: SlideID) async throws -> Data {
        try await ask(slide) { try await $0.image(.tile(address)) }
    }

    /// Small JPEG of a patch.
    /// - Parameters:
    ///   - corner: in level-0 pixels.
    ///   - side: in level-0 pixels.
    /// - Throws: `Failure`.
    public func patch(at corner: PixelPoint, side: Int, of slide: SlideID) async throws -> Data {
        try await ask(slide) { try await $0.image(.patch(x: corner.x, y: corner.y, side: side)) }
    }

    private func ask<Answer: Sendable>(
        _ slide: SlideID,
        _ question: @Sendable (ViewingProcess) async throws -> Answer
    ) async throws -> Answer {
        // What killed a worker may have been the tile before, so each question has a second try in a fresh one.
        for _ in 0..<2 {
            let process = try await viewer(of: slide)
            do { return try await question(process) } catch is ViewingProcess.Ended {
                drop(process, of: slide)
            } catch let failure as Failure where failure.code == .usage {
                // A worker of another build, which has ended.
                drop(process, of: slide)
                throw failure
            }
        }
        throw Failure(.workerSignal, slide.text, "the reading process ended twice; the slide is damaged there")
    }

    private func drop(_ process: ViewingProcess, of slide: SlideID) {
        if open[slide]?.process === process { open[slide] = nil }
        process.close()
    }

    private func close(_ slide: SlideID) {
        if let process = open[slide]?.process { drop(process, of: slide) }
    }

    private func viewer(of slide: SlideID) async throws -> ViewingProcess {
        guard let shelf else { return try open[slide]?.process ?? viewer(of: slide, at: paths.path(of: slide)) }
        let (place, digest) = try (paths.path(of: slide), layout.tiledDigest(of: slide))
        return try viewer(of: slide, at: await shelf.path(of: slide, at: place, digest: digest))
    }

    private func viewer(of slide: SlideID, at path: String) throws -> ViewingProcess {
        if let known = open[slide] {
            if known.path == path { return known.process }
            close(slide)
        }
        if open.count >= limit {
            open.removeOldest { opened in
                opened.process.close()
                return true
            }
        }
        guard RemoteAddress(path) == nil else {
            throw Failure(
                .notFound,
                slide.text,
                "the slide lies where only a client gets it; start wsi review with --stage DIR, and its tiles are shown"
            )
        }
        let rules = try TileStage.rules(of: layout.record(of: slide, stage: .tile))
        let process = ViewingProcess(
            ViewTask(slidePath: path, rules: rules),
            executable: settings.programs.wsi,
            memoryLimit: settings.workerMemory,
            patience: settings.slideTimeout
        )
        open[slide] = Opened(process: process, path: path)
        return process
    }
}
