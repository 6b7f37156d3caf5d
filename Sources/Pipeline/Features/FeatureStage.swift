public import Config
import Foundation
import Messages
public import Records
import Storage

/// Features of every tiled slide by one or several encoders; the patches of a slide are decoded once for all of them.
public struct FeatureStage: Sendable {
    public var layout: JobLayout
    public var encoders: [EncoderChoice]
    /// Of neural encoders.
    public var device: DeviceChoice
    public var precision: Precision
    public var settings: WorkSettings

    public init(
        layout: JobLayout,
        encoders: [EncoderChoice],
        device: DeviceChoice = .auto,
        precision: Precision = .auto,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.encoders = encoders
        self.device = device
        self.precision = precision
        self.settings = settings
    }

    /// One encoder's part: what is done, what waits, and where outcomes go.
    struct Part {
        var encoder: EncoderChoice
        var identity: EncoderIdentity
        var precision: Precision
        var stage: Stage
        var plan: Stage.Plan
    }

    /// What the stage would begin with.
    struct Plan {
        var parts: [Part]
        var tiled: [Outcome]
        /// The folder of each slide's patches, relative to the job.
        var grids: [SlideID: String]
        /// What the choice of devices means here; nil where only TorchScript or the readers compute.
        var devices: [ComputeDevice]?
    }

    /// - Parameter claims: gets the notes of `Stage.claimed`; nil where nothing will be made.
    /// - Throws: `Failure` where no slide is tiled, and as `Stage.plan`.
    func plan(claims progress: ProgressSink? = nil) async throws -> Plan {
        let tiled = try Stage.outcomes(stage: StageName.tile, in: layout).filter(\.hasResult)
        guard !tiled.isEmpty else {
            throw Failure(.notFound, layout.root.path, "no tiled slide in this job; run wsi tile first")
        }
        let grids = Dictionary(uniqueKeysWithValues: tiled.map { ($0.slide, $0[.grid] ?? "") })
        // What `auto` means here is asked before any work: bf16 and fp32 give other features, so that the one in force belongs
        // into their fingerprint.
        let call = ComputeCall(programs: settings.programs, timeout: ComputeCall.driverTimeout)
        let engine =
            encoders.contains(where: \.isNative)
            ? try await call.ask(EngineRequest(device: device, precision: precision)) : nil
        // Of processes with several encoders each, in whatever order, one is first with all that they share.
        let order = encoders.indices.sorted { encoders[$0].identity.name < encoders[$1].identity.name }
        var parts: [Int: Part] = [:]
        for index in order {
            let encoder = encoders[index]
            // TorchScript takes the user's word: `auto` is fp32 there, whatever the machine.
            let precision = encoder.isNative ? engine?.precision ?? precision : precision
            parts[index] = try part(encoder, precision, tiled, grids, progress)
        }
        return Plan(
            parts: encoders.indices.compactMap { parts[$0] },
            tiled: tiled,
            grids: grids,
            devices: engine?.devices
        )
    }

    /// - Returns: a result per encoder, in their order.
    public func run(progress: @escaping ProgressSink) async throws -> [StageResult] {
        let plan = try await plan(claims: progress)
        let (parts, tiled, grids) = (plan.parts, plan.tiled, plan.grids)
        defer { for part in parts { part.plan.turn?.end() } }
        warnOfScale(tiled, progress)
        let progress = RunAudit(stages: parts.map(\.stage.name), layout: layout, settings: settings)
            .listening(progress)
        let units = parts.reduce(0) { $0 + $1.plan.units }
        let done = parts.reduce(0) { $0 + $1.plan.done.count }
        for part in parts { part.plan.tellRefusals(of: part.stage.name, progress) }
        let stages = parts.map(\.stage.name.text).joined(separator: " + ")
        progress(.began(stage: stages, units: units, done: done))
        var ledgers = parts.map { Stage.Ledger($0.stage, $0.plan) }
        for (index, part) in parts.enumerated() { try ledgers[index].record(part.plan.faults, progress) }
        if done < units {
            do {
                try await work(on: parts, grids, plan.devices, progress) { outcome in
                    // A slide's outcomes name their stages, one per encoder.
                    for index in ledgers.indices where ledgers[index].stage.name == outcome.stage {
                        try ledgers[index].record(outcome, progress)
                    }
                }
            } catch is TimeIsUp {
                let left = units - done - ledgers.reduce(0) { $0 + $1.ended }
                throw TimeIsUp.failure(stages, left: left, of: units, "slide")
            }
        }
        return try ledgers.map { try $0.end(progress) }
    }

    private func part(
        _ encoder: EncoderChoice,
        _ precision: Precision,
        _ tiled: [Outcome],
        _ grids: [SlideID: String],
        _ progress: ProgressSink?
    ) throws -> Part {
        let identity = encoder.identity
        var stage = Stage(name: .features(identity.name), layout: layout, settings: settings)
        stage.elsewhere = "another job folder"
        var common = Fingerprint(
            stage: StageName.Kind.features.rawValue,
            parameters: try encoder.networkFacts(precision),
            inputs: [:]
        )
        common[.encoder] = identity.name
        common[.encoderDigest] = identity.digest
        common[.preprocessing] = encoder.preprocessing
        let bySlide = Dictionary(tiled.map { ($0.unit, $0) }, uniquingKeysWith: { first, _ in first })
        stage.common = common.parameters
        let units = try tiled.map { outcome in
            var fingerprint = common
            fingerprint[.patches] = try outcome.version()
            let grid = layout.grid(grids[outcome.slide] ?? "")
            let file = layout.features(in: grid, encoder: identity.name, outcome.slide)
            return Stage.Unit(id: outcome.unit, fingerprint: fingerprint, file: file.path)
        }
        func refusal(_ unit: Stage.Unit, _ scrutiny: Scrutiny) throws -> Refusal? {
            try bySlide[unit.id]?.refusal(in: layout, scrutiny, of: JobLayout.isPatchFile)
        }
        let plan =
            try progress.map { try stage.claimed(units, $0, refusal: refusal) } ?? stage.plan(units, refusal: refusal)
        return Part(encoder: encoder, identity: identity, precision: precision, stage: stage, plan: plan)
    }

    private func work(
        on parts: [Part],
        _ grids: [SlideID: String],
        _ known: [ComputeDevice]?,
        _ progress: @escaping ProgressSink,
        record: (Outcome) throws -> Void
    ) async throws {
        // To load an encoder may take longer than there is time.
        guard UnitClock(settings.time).mayBegin else { throw TimeIsUp() }
        let neural = parts.compactMap { part in
            part.encoder.file.map { EncodeRequest.Encoder(manifest: $0.path, precision: part.precision) }
        }
        guard !neural.isEmpty else {
            try await WorkerPool(settings: settings).run(
                jobs(of: parts, grids, record: record),
                progress: progress,
                onEnd: record
            )
            return
        }
        // Once for the stage: while it works `auto` may come to mean another one.
        let devices = if let known { known } else { try await device.devices(settings.programs) }
        let memory = EncodingMemory(
            devices: devices,
            threads: settings.workers,
            encoders: parts.compactMap { EncodingMemory.Encoder($0.encoder) },
            side: Set(grids.values).compactMap(JobLayout.patchSize).max() ?? 0,
            readers: settings.workers + settings.waiting
        )
        let readers = settings.beside(memory.bytes, "the batches on \(ComputeDevice.list(devices))") {
            progress(.note($0))
        }
        let pool = WorkerPool(settings: readers)
        let server = EncoderServer(
            encoders: neural,
            device: device == .auto ? DeviceChoice(devices[0]) : device,
            threads: settings.workers,
            programs: settings.programs,
            note: { progress(.note($0)) },
            progress: progress
        )
        var rounds = EncoderRounds(try jobs(of: parts, grids, record: record), server, pool, progress: progress)
        try await rounds.run(onEnd: record)
    }

    /// A job per slide that waits for any encoder, in the slides' order; a slide whose file is not known fails here.
    private func jobs(
        of parts: [Part],
        _ grids: [SlideID: String],
        record: (Outcome) throws -> Void
    ) throws -> [WorkerPool.Job] {
        var outputs: [SlideID: [(stage: Stage, output: FeatureOutput)]] = [:]
        var place = 0
        for part in parts {
            for unit in part.plan.waiting {
                let slide = unit.id.slide
                let output = FeatureOutput(
                    encoder: part.identity,
                    features: layout.features(in: folder(slide, grids), encoder: part.identity.name, slide),
                    fingerprint: unit.fingerprint,
                    place: part.encoder.file == nil ? nil : place
                )
                outputs[slide, default: []].append((part.stage, output))
            }
            if part.encoder.file != nil { place += 1 }
        }
        let paths = try SlidePaths.read(layout)
        try settings.checkStage(for: paths.places(of: outputs.keys.sorted()))
        return try outputs.keys.sorted().compactMap { slide in
            let wanted = outputs[slide] ?? []
            let results = wanted.map { WorkerPool.Job.Result(stage: $0.stage.name, fingerprint: $0.output.fingerprint) }
            do {
                let source = PatchSource(
                    slide: slide,
                    slidePath: try paths.path(of: slide),
                    patches: layout.patches(in: folder(slide, grids), slide),
                    job: layout.root,
                    rules: try TileStage.rules(of: layout.record(of: slide, stage: .tile))
                )
                // Where the encoders' process listens is known once it runs.
                let socket = wanted.contains { $0.output.place != nil } ? "" : nil
                let task = FeatureTask(source: source, outputs: wanted.map(\.output), socket: socket)
                var job = WorkerPool.Job(slide: slide, results: results, task: .features(task))
                if settings.staging != nil { job.slideDigest = try layout.tiledDigest(of: slide) }
                return job
            } catch let failure as Failure {
                try WorkerPool.Job.failed(slide, results, failure).forEach(record)
                return nil
            }
        }
    }

    private func folder(_ slide: SlideID, _ grids: [SlideID: String]) -> URL {
        layout.grid(grids[slide] ?? "")
    }

    /// An encoder sees tissue at the scale it was trained on, or its features mean something else.
    private func warnOfScale(_ tiled: [Outcome], _ progress: ProgressSink) {
        let scales = Set(tiled.compactMap { $0[.patchMPP].flatMap(Double.init) })
        for case .neural(let manifest, _) in encoders {
            let foreign = scales.filter { abs($0 - manifest.mpp) / manifest.mpp > 0.05 }.sorted()
            guard !foreign.isEmpty else { continue }
            let shown = foreign.map { "\($0)" }.joined(separator: ", ")
            progress(
                .note("warning: \(manifest.name) was made for \(manifest.mpp) µm per pixel; patches here have \(shown)")
            )
        }
    }
}
