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

    /// What is read.
    public enum Source: Sendable {
        /// Slides of the user's.
        case given([SlideEntry])
        /// Makes slides with so many patches.
        case made(@Sendable (_ patches: Int) async throws -> [SlideEntry])
    }

    /// - Parameters:
    ///   - layout: an empty job, which is of no use afterwards.
    ///   - say: told what is measured, and of what goes on.
    /// - Throws: `Failure`: where no slide can be tiled, that of the first.
    public func run(
        in layout: JobLayout,
        _ source: Source,
        say: @escaping @Sendable (String) -> Void
    ) async throws -> (report: BenchReport, failures: [Failure]) {
        var slides = BenchTiles(cut, settings, layout, say: say)
        // An encoder takes long, and slides that are not read make all of it useless.
        if case .given(let entries) = source {
            say("the slides that are given")
            try await slides.tile(entries, patches: 0)
        }
        say("the encoder alone, for \(seconds) s")
        let alone = try await ComputeCall(programs: settings.programs).ask(
            BenchRequest(
                encoder: .init(manifest: encoder.file?.path ?? "", precision: precision),
                device: device,
                threads: settings.workers,
                seconds: seconds
            )
        ) { word in
            if case .note(let text) = word { say(text) }
        }
        let row = BenchReport.Row(encoderAlone: alone.use)
        let wanted = patches ?? max(alone.patchesAtOnce, (row.rate * seconds).whole)
        say("slides with \(Throughput.grouped(wanted)) patches")
        switch source {
        case .given: try await slides.tile([], patches: wanted)
        case .made(let make): try await slides.tile(make(wanted), patches: wanted)
        }
        let tiled = try BenchPatches.cut(slides.tiled, to: wanted, in: layout)
        let paths = try tiled.map { try SlidePaths.read(layout).path(of: $0.slide) }
        func settle() { if case .given = source { BenchCache.forget(paths) } }
        settle()
        say("reading alone, \(tiled.count) slides")
        let reading = try await read(tiled, in: layout)
        settle()
        say("end to end")
        let (whole, others) = try await encode(in: layout, say: say)
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
        return (report, slides.failures + others)
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

    private func encode(
        in layout: JobLayout,
        say: @escaping @Sendable (String) -> Void
    ) async throws -> (BenchReport.Row, [Failure]) {
        let stage = FeatureStage(
            layout: layout,
            encoders: [encoder],
            device: device,
            precision: precision,
            settings: settings
        )
        let report = Mutex(StageReport?.none)
        _ = try await stage.run { event in
            switch event {
            case .note(let text): say(text)
            case .ended(let ended): report.withLock { $0 = ended }
            default: break
            }
        }
        guard let ended = report.withLock({ $0 }), let throughput = ended.throughput else {
            throw Failure(.bug, nil, "the stage did not say how fast it was")
        }
        return (BenchReport.Row(throughput), ended.failures)
    }
}
