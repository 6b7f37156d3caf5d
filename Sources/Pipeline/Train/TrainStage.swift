import Config
import Foundation
import Messages
import Records
import Storage
import Synchronization

/// One model per fold and seed, the metrics of each seed's folds, and those of all seeds.
struct TrainStage: Sendable {
    var run: StudyRun
    var part = TrainingPart.whole

    private var layout: JobLayout { run.layout }
    private var config: PipelineConfig { run.study.config }
    private var stage: Stage {
        var stage = Stage(name: .train(config.name), layout: layout, settings: run.settings)
        stage.elsewhere = "another name (the config's key name)"
        return stage
    }

    /// A fold of a seed.
    private struct Job: Sendable {
        var run: SeedRun
        var split: Split
        var unit: Stage.Unit
        /// nil without a search.
        var compared: SearchComparison?
        /// Whether it stands as it is asked for, and is to be made once more.
        var isAnew: Bool
        /// Its place among all folds of all seeds.
        var number: Int
    }

    func run(progress: @escaping ProgressSink) async throws -> StageResult {
        try part.check(run.study)
        defer { self.run.settings.seen.save() }
        let material = try material(progress)
        let runs = SeedRun.all(of: config, in: layout)
        let results = TrainingResults(run: run, material: material)
        var jobs: [UnitID: Job] = [:]
        var units: [Stage.Unit] = []
        for (place, run) in runs.enumerated() {
            let compared = try material.comparison(of: run.config)
            for (number, split) in material.splits.enumerated() where part.contains(split.fold, of: run) {
                let fingerprint = try material.fingerprint(of: split, run.config, comparing: compared)
                let unit = Stage.Unit(id: run.unit(split.fold), fingerprint: fingerprint)
                jobs[unit.id] = Job(
                    run: run,
                    split: split,
                    unit: unit,
                    compared: compared,
                    isAnew: try isAnew(unit),
                    number: place * material.splits.count + number
                )
                units.append(unit)
            }
        }
        var stage = stage
        // What follows from the folds is made of all of the config, but which of the GPUs it was changes nothing.
        var config = config
        config.training.device = config.training.device.kind
        stage.common = try Fingerprint.parameters(of: config)
        if part == .join { try stage.joinOnly(units, seeds: runs.count) }
        if run.study.features != nil { try FeaturePaths.record(run.study.featurePath, of: config.name, in: layout) }
        let plan = try stage.claimed(units, always: true, progress)
        defer { plan.turn?.end() }
        // What is trained on is read anyway, so that every byte of it may be compared first.
        if !plan.waiting.isEmpty { try material.features.check(material.cohort.slides.map(\.slide), .digest) }
        try results.checkOtherLayout(than: runs)
        try results.removeOtherLayout(than: runs)
        let progress = stage.audited(progress)
        let planned = Planned(folds: plan.waiting.count, progress)
        let result = try await stage.run(plan, progress: progress) { waiting, record in
            try await train(waiting.compactMap { jobs[$0.id] }, material, planned, progress, record)
        }
        if case .folds = part { return result }
        try await results.finish(result, runs)
        return result
    }

    /// Whether `--redo` makes a fold once more that ended with the same settings. With others, what has not changed may be taken over.
    private func isAnew(_ unit: Stage.Unit) throws -> Bool {
        try run.settings.redo
            && Stage.outcome(of: unit.id, stage: stage.name, in: layout)?.fingerprint == unit.fingerprint
    }

    /// How a fold ended.
    private enum End: Sendable {
        case outcome(Outcome, FoldQueue<Job>.Turn)
        /// By what may be the fault of its device.
        case failed(Failure, FoldQueue<Job>.Turn)
        case timeIsUp
    }

    /// As many folds at a time as there are workers or, on GPUs, devices for them. A fold goes on from its last epoch, so that one is begun however long it takes, as
    /// long as there is time.
    /// - Throws: `TimeIsUp`; the failure of a fold that no device could train, when all others have ended.
    private func train(
        _ jobs: [Job],
        _ material: TrainingMaterial,
        _ planned: Planned,
        _ progress: @escaping ProgressSink,
        _ record: (Outcome) throws -> Void
    ) async throws {
        let clock = UnitClock(run.settings.time)
        guard clock.mayBegin else { throw TimeIsUp() }
        let (workers, perGPU) = (run.settings.workers, run.settings.foldsPerGPU)
        let devices = try await config.training.device.devices(run.settings.programs)
        let slots = DeviceSlots(devices, workers: workers, perGPU: perGPU, first: jobs.first?.number ?? 0)
        if devices != [.cpu] {
            progress(.note("train: folds on \(ComputeDevice.list(devices)), \(slots.count) at a time"))
        }
        let memory = run.settings.bagMemory.perFold(of: min(slots.count, jobs.count))
        var folds = FoldQueue(jobs, on: slots)
        try await withThrowingTaskGroup(of: End.self) { group in
            var running = 0
            func begin() {
                while clock.mayBegin, let turn = folds.next() {
                    running += 1
                    group.addTask { try await end(of: turn, material, memory, planned, progress) }
                }
            }
            begin()
            if let limit = run.settings.time {
                group.addTask {
                    try await limit.wait()
                    return .timeIsUp
                }
            }
            do {
                while running > 0, let end = try await group.next() {
                    switch end {
                    case .timeIsUp: throw TimeIsUp()
                    case .outcome(let outcome, let turn):
                        try record(outcome)
                        folds.ended(turn)
                    case .failed(let failure, let turn):
                        progress(.note("train: \(folds.failed(turn, turn.fold.unit.id, failure))"))
                    }
                    running -= 1
                    begin()
                }
            } catch {
                // What has ended beside it counts all the same.
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .success(.outcome(let outcome, _)) = result { try? record(outcome) }
                }
                throw error
            }
            group.cancelAll()
            if let failure = folds.failures.first { throw failure }
            if folds.waiting > 0 { throw TimeIsUp() }
        }
    }

    private func end(
        of turn: FoldQueue<Job>.Turn,
        _ material: TrainingMaterial,
        _ memory: Int,
        _ planned: Planned,
        _ progress: @escaping ProgressSink
    ) async throws -> End {
        do {
            return .outcome(try await train(turn.fold, material, on: turn.device, memory, planned, progress), turn)
        } catch let failure as Failure where FoldQueue<Job>.isOfDevice(failure, turn.device) {
            return .failed(failure, turn)
        }
    }

    /// What the folds are trained on.
    private func material(_ progress: ProgressSink) throws -> TrainingMaterial {
        var cohort = run.study.cohort
        var encoder: EncoderIdentity
        let features: Features
        let facts: PatchFacts
        if let foreign = run.study.features {
            encoder = foreign.identity
            features = try foreign.digested(cohort.slides.map(\.slide), in: layout, run.settings.seen)
            facts = foreign.facts ?? PatchFacts()
            try checkPlaces(features, of: cohort, progress)
        } else {
            encoder = try run.study.encoder().identity
            features = try Features.read(layout, encoder: encoder.name, seen: run.settings.seen)
            try features.check(cohort.slides.map(\.slide))
            cohort = try usable(features, progress)
            let shapes = try features.shapes(of: cohort.slides.map(\.slide))
            facts = PatchFacts.consensus(shapes.map(\.shape.facts))
            try compare(shapes, facts, progress)
            config.tiling.note(beside: facts).map { progress(.note("train: \($0)")) }
            // The JSON may have been written anew since the features were made.
            encoder.digest = facts.encoder.digest ?? encoder.digest
            encoder.licence = facts.encoder.licence ?? encoder.licence
            encoder.preprocessing = facts.encoder.preprocessing ?? encoder.preprocessing
            encoder.width = shapes.lazy.map(\.shape).first { $0.count > 0 }?.width ?? encoder.width
        }
        SameSlides.note(of: cohort, features).map { progress(.note("train: \($0)")) }
        let kept = Set(cohort.slides.map(\.slide))
        let splits = run.study.splits.map { $0.keeping(kept) }
        try Splits.check(splits, of: cohort, repeats: config.cohort.repeatsTests)
        return TrainingMaterial(cohort: cohort, splits: splits, features: features, encoder: encoder, facts: facts)
    }

    /// - Throws: `Failure` (`.mismatch`) where features of another tool cannot be their slide's.
    private func checkPlaces(_ features: Features, of cohort: Cohort, _ progress: ProgressSink) throws {
        var check = PlacementCheck(layout, slides: Set(cohort.slides.map(\.slide)))
        let faults = try cohort.slides.map(\.slide).compactMap { slide in
            try features.files[slide].flatMap {
                try check.fault(of: slide, in: $0, side: config.features.patchSizeLevel0)
            }
        }
        check.notes.forEach { progress(.note("train: \($0)")) }
        guard var first = faults.first else { return }
        let others = faults.dropFirst().compactMap(\.subject)
        if !others.isEmpty { first.message += " (so are those of \(others.count) more: \(others.shortened))" }
        throw first
    }

    /// - Throws: `Failure` (`.mismatch`) where the features of this job were not made alike.
    private func compare(
        _ shapes: [(slide: SlideID, shape: FeatureShape)],
        _ facts: PatchFacts,
        _ progress: ProgressSink
    ) throws {
        var join = FeatureJoin(with: facts, of: "most slides", allowsScale: run.study.allowsScaleMismatch)
        for (slide, shape) in shapes { join.add(slide, shape.facts) }
        if let failure = join.failure(.mismatch) { throw failure }
        join.notes.forEach { progress(.note("train: \($0)")) }
    }

    /// The labelled slides that have features; the others are named, not silently dropped.
    private func usable(_ features: Features, _ progress: ProgressSink) throws -> Cohort {
        let cohort = run.study.cohort
        let missing = cohort.slides.filter { features.files[$0.slide] == nil }.map(\.slide.text)
        guard missing.count < cohort.slides.count else {
            throw Failure(
                .notFound,
                layout.root.path,
                "no slide of the cohort has features here; run wsi features first"
            )
        }
        if !missing.isEmpty {
            let shown = missing.shortened
            if config.cohort.missing == .error {
                throw Failure(
                    .notFound,
                    layout.root.path,
                    "\(missing.count) labelled slide(s) have no features here (cohort.missing is error): \(shown)"
                )
            }
            progress(.note("train: \(missing.count) labelled slide(s) have no features and are left out: \(shown)"))
        }
        return cohort.with(cohort.slides.filter { features.files[$0.slide] != nil })
    }

    private func train(
        _ job: Job,
        _ material: TrainingMaterial,
        on device: ComputeDevice,
        _ memory: Int,
        _ planned: Planned,
        _ progress: @escaping ProgressSink
    ) async throws -> Outcome {
        let unit = job.unit
        var outcome = Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint)
        do {
            let (version, compared) = (run.version, job.compared)
            var request = try material.request(job.run, job.split, unit.fingerprint, comparing: compared, version)
            request.search?.isAnew = job.isAnew
            (request.device, request.memory) = (device, memory)
            request.foldsPerDevice = run.settings.foldsPerGPU
            let fold = FoldProgress(unit.id.text, candidates: request.search?.candidates.count)
            let result = try await ComputeCall(programs: run.settings.programs).ask(request) { said in
                planned.tell(said.total, of: unit.id.text)
                fold.tell(said, progress)
            }
            var times = WorkTimes()
            times.add(.seconds(result.learning), to: .learn)
            times.add(.seconds(result.baselines), to: .baselines)
            progress(.spent(times, peakMemory: 0))
            try outcome.record(result.outputs.map { URL(filePath: $0) }, in: layout)
            outcome.figures = result.figures
        } catch let failure as Failure
            where failure.code.exitStatus == .partial || failure.code.exitStatus == .integrity
        {
            outcome.status = .failed
            // Results hold no path of this machine.
            outcome.failure = Failure(
                failure.code,
                unit.id.text,
                failure.message.replacing(layout.root.path + "/", with: "")
            )
        }
        return outcome
    }
}
