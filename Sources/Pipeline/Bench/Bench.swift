public import Config
import Files
import Foundation
import Messages
public import Records
import Storage
import Synchronization

/// Measures an encoder alone, the readers alone, and both together as `wsi features` has them.
public struct Bench: Sendable {
    public var encoder: EncoderChoice
    public var cut: PatchCut
    public var device: DeviceChoice
    public var precision: Precision
    public var settings: WorkSettings
    /// That the encoder alone is measured for, and that the rest is to take about.
    public var seconds: Double
    /// Patches to read; nil: as many as the encoder takes in the seconds.
    public var patches: Int?

    /// What one must be able to do for it.
    public static let patchesAllowed = 1...100_000_000
    public static let secondsAllowed = 0.1...3600.0

    /// - Throws: `Failure` (usage) for an encoder that has no process of its own.
    public init(
        _ encoder: EncoderChoice,
        _ cut: PatchCut,
        device: DeviceChoice,
        precision: Precision,
        settings: WorkSettings,
        seconds: Double,
        patches: Int?
    ) throws {
        guard encoder.file != nil else {
            throw Failure(
                .usage,
                encoder.identity.name,
                "it is computed by the readers; wsi features says how fast it was"
            )
        }
        (self.encoder, self.cut, self.device, self.precision) = (encoder, cut, device, precision)
        (self.settings, self.seconds, self.patches) = (settings, seconds, patches)
    }

    /// - Parameters:
    ///   - layout: an empty job, which is of no use afterwards.
    ///   - slides: gives the slides to read so many patches of.
    ///   - say: told what is measured.
    /// - Throws: `Failure`: where no slide can be tiled, that of the first.
    public func run(
        in layout: JobLayout,
        slides: (_ patches: Int) async throws -> [SlideEntry],
        say: @escaping @Sendable (String) -> Void
    ) async throws -> (report: BenchReport, failures: [Failure]) {
        say("the encoder alone, for \(seconds) s")
        let alone = try await ComputeCall(programs: settings.programs).ask(
            BenchRequest(
                encoder: .init(manifest: encoder.file?.path ?? "", precision: precision),
                device: device,
                threads: settings.workers,
                seconds: seconds
            )
        )
        let row = BenchReport.Row(encoderAlone: alone.use)
        // Each lane of a processor is to have a batch.
        let least = alone.use.reduce(0) { $0 + $1.batch * ($1.batch < 64 ? settings.workers : 2) }
        let wanted = patches ?? max(least, (row.rate * seconds).whole)
        say("slides with \(Throughput.grouped(wanted)) patches")
        let (tiled, failures) = try await tile(slides(wanted), wanted, in: layout)
        say("reading alone, \(tiled.count) slides")
        let reading = try await read(tiled, in: layout)
        say("end to end")
        let (whole, others) = try await encode(in: layout)
        let report = BenchReport(
            encoder: encoder.identity.name,
            precision: alone.precision,
            cut: cut,
            workers: settings.workers,
            slides: tiled.count,
            encoderAlone: row,
            reading: reading,
            endToEnd: whole
        )
        return (report, failures + others)
    }

    /// Tiles slides until there are enough for all workers.
    private func tile(
        _ entries: [SlideEntry],
        _ wanted: Int,
        in layout: JobLayout
    ) async throws -> (tiled: [Outcome], failures: [Failure]) {
        var tiling = TilingConfig()
        (tiling.mpp, tiling.patchSize) = (cut.mpp, cut.side)
        try tiling.validate()
        var (tiled, failures, count): ([Outcome], [Failure], Int) = ([], [], 0)
        let few = 2 * settings.workers
        for first in stride(from: 0, to: entries.count, by: few) where count < wanted || tiled.count < few {
            let part = Array(entries[first..<min(entries.count, first + few)])
            let stage = TileStage(layout: layout, entries: part, tiling: tiling, settings: settings)
            let result = try await stage.run { _ in }
            let good = result.outcomes.filter { $0.status == .ok }
            tiled += good
            failures += result.report.failures
            count += good.reduce(0) { $0 + Int($1[.patches] ?? 0) }
        }
        tiled = try BenchPatches.cut(tiled, to: wanted, in: layout)
        guard !tiled.isEmpty else {
            throw failures.first
                ?? Failure(.notFound, entries.first?.path, "no patch on any of the slides; give others")
        }
        return (tiled, failures)
    }

    /// Reads every patch, and does nothing with it.
    private func read(_ tiled: [Outcome], in layout: JobLayout) async throws -> BenchReport.Row {
        let paths = try SlidePaths.read(layout)
        let jobs = try tiled.map { outcome in
            let source = PatchSource(
                slide: outcome.slide,
                slidePath: try paths.path(of: outcome.slide),
                patches: layout.patches(in: layout.grid(outcome[.grid] ?? ""), outcome.slide),
                job: layout.root,
                rules: try TileStage.rules(of: outcome)
            )
            return WorkerPool.Job(
                slide: outcome.slide,
                results: [],
                task: .features(FeatureTask(source: source, outputs: [], socket: nil))
            )
        }
        let heard = Mutex(Throughput())
        var watch = Stopwatch()
        try await WorkerPool(settings: settings).run(
            jobs,
            progress: { event in
                heard.withLock { throughput in
                    switch event {
                    case .advanced(let amount, _): throughput.patches += amount
                    case .spent(let times, _): throughput.times.add(times)
                    default: break
                    }
                }
            },
            onEnd: { _ in }
        )
        var throughput = heard.withLock { $0 }
        throughput.seconds = watch.lap() / .seconds(1)
        return BenchReport.Row(throughput)
    }

    private func encode(in layout: JobLayout) async throws -> (BenchReport.Row, [Failure]) {
        let stage = FeatureStage(
            layout: layout,
            encoders: [encoder],
            device: device,
            precision: precision,
            settings: settings
        )
        let report = Mutex(StageReport?.none)
        _ = try await stage.run { event in
            if case .ended(let ended) = event { report.withLock { $0 = ended } }
        }
        guard let ended = report.withLock({ $0 }), let throughput = ended.throughput else {
            throw Failure(.bug, nil, "the stage did not say how fast it was")
        }
        return (BenchReport.Row(throughput), ended.failures)
    }
}
