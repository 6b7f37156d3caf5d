import Config
import Records

/// Slides that are tiled until there are enough patches.
struct BenchTiles {
    private let cut: PatchCut
    private let settings: WorkSettings
    private let layout: JobLayout
    private let say: @Sendable (String) -> Void
    /// Those that are not tiled yet.
    private var entries: [SlideEntry] = []
    private var first: String?
    private var patches = 0
    private(set) var tiled: [Outcome] = []
    private(set) var failures: [Failure] = []

    init(_ cut: PatchCut, _ settings: WorkSettings, _ layout: JobLayout, say: @escaping @Sendable (String) -> Void) {
        (self.cut, self.settings, self.layout, self.say) = (cut, settings, layout, say)
    }

    /// Goes on until there are so many patches, and slides for all workers, or there are no more.
    /// - Parameter more: that come last.
    /// - Throws: `Failure`: where no slide has a patch, that of the first.
    mutating func tile(_ more: [SlideEntry], patches wanted: Int) async throws {
        entries += more
        first = first ?? entries.first?.path
        var tiling = TilingConfig()
        (tiling.mpp, tiling.patchSize) = (cut.mpp, cut.side)
        try tiling.validate()
        let few = 2 * settings.workers
        while !entries.isEmpty, patches < max(1, wanted) || tiled.count < few {
            let part = Array(entries.prefix(few))
            entries.removeFirst(part.count)
            let stage = TileStage(layout: layout, entries: part, tiling: tiling, settings: settings)
            let say = say
            let result = try await stage.run { if case .note(let text) = $0 { say(text) } }
            let good = result.outcomes.filter { $0.status == .ok }
            tiled += good
            failures += result.report.failures
            patches += good.reduce(0) { $0 + Int($1[.patches] ?? 0) }
        }
        guard patches > 0 else {
            throw failures.first ?? Failure(.notFound, first, "no patch on any of the slides; give others")
        }
    }
}
