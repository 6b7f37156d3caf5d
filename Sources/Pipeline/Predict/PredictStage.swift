public import Config
import Files
public import Foundation
import Messages
public import Records
import Storage

/// Probabilities and attention of every slide with features, by the folds that have not seen it.
public struct PredictStage: Sendable {
    public var layout: JobLayout
    /// Of this job or another one.
    public var model: TrainingFolder
    public var device: DeviceChoice
    public var settings: WorkSettings
    /// Features of another tool; nil takes those that the training was made on, or the job's own.
    public var features: URL?
    /// Side of a patch in level-0 pixels, for features that do not say it.
    public var sideLevel0: Int?
    /// Whether features of another scale than the training's are gone on with.
    public var allowsScaleMismatch = false
    /// What predictions tell besides; nil: what the model's study says.
    public var explain: [Explanation]?
    /// A job with finer patches of the slides, whose attention is wanted; it gets the predictions. nil: none.
    var finer: JobLayout?

    public init(
        layout: JobLayout,
        model: TrainingFolder,
        features: URL? = nil,
        device: DeviceChoice = .auto,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.model = model
        self.features = features
        self.device = device
        self.settings = settings
    }

    init(layout: JobLayout, model: TrainingFolder, finer: JobLayout, settings: WorkSettings) {
        self.init(layout: layout, model: model, settings: settings)
        self.finer = finer
    }

    /// - Returns: of the study's training, which may have several seeds.
    init(run: StudyRun) {
        self.init(
            layout: run.layout,
            model: run.layout.training(run.study.config.name),
            features: run.study.featurePath,
            device: run.study.config.training.device,
            settings: run.settings
        )
        sideLevel0 = run.study.config.features.patchSizeLevel0
        allowsScaleMismatch = run.study.allowsScaleMismatch
        explain = run.study.config.heatmap.explain
    }

    /// Of the predictions.
    var name: TrainingName { model.name }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let study = try TrainedStudy.read(model)
        let features = try features(of: study, progress)
        let finer = try finer.map { try Features.read($0, encoder: study.encoder.name, seen: settings.seen) }
        let target = self.finer ?? layout
        var stage = Stage(name: .predict(name), layout: target, settings: settings)
        let checkpoints = try Dictionary(uniqueKeysWithValues: study.splits.map { ($0.fold, try checkpoint($0.fold)) })
        var folds: [SlideID: [Int]] = [:]
        let known = Set(features.files.keys).union(features.refused.keys)
        for slide in known where finer?.files.keys.contains(slide) ?? true {
            let chosen = study.folds(for: slide)
            if !chosen.isEmpty { folds[slide] = chosen }
        }
        let seen = known.count - folds.count
        if seen > 0, finer == nil {
            progress(.note("predict: \(seen) slide(s) served for training only and are left out"))
        }
        let bags = PredictBags(study, features)
        let side = sideLevel0 ?? (self.features == nil ? study.config.features.patchSizeLevel0 : nil)
        var common = Fingerprint(stage: StageName.Kind.predict.rawValue, parameters: [:], inputs: [:])
        common[.model] = name.text
        common[.patchSizeLevel0] = side.map { "\($0)" }
        let asked = self.finer == nil ? self.explain ?? study.config.heatmap.explain ?? [] : []
        // In one order, in which they are compared with those of earlier predictions.
        let wanted = Explanation.allCases.filter(asked.contains)
        let explain = try told(beside: wanted, study, progress)
        for explanation in explain {
            for config in try study.models(of: model) {
                guard let refusal = config.refusal(of: explanation) else { continue }
                throw Failure(.usage, name.text, "\(refusal); leave out heatmap.explain or --explain")
            }
        }
        common[.explain] = explain.isEmpty ? nil : explain.map(\.rawValue).joined(separator: ",")
        // Trainings of several jobs may share a name.
        stage.common = common.parameters.merging(checkpoints.map { (FoldName.text($0), $1) }) { $1 }
        let plan = try stage.claimed(
            folds.keys.sorted().map { slide in
                var fingerprint = common
                fingerprint[.features] = try bags.version(slide)
                fingerprint[.finer] = finer?.versions[slide]
                for fold in folds[slide] ?? [] { fingerprint[checkpoint: fold] = checkpoints[fold] }
                return Stage.Unit(
                    id: UnitID(slide),
                    fingerprint: fingerprint,
                    file: target.prediction(of: name, slide).path
                )
            },
            progress,
            refusal: { unit, scrutiny in
                for slide in bags.slides(of: unit.id.slide) {
                    // The slide that is at fault is named, whichever of its case is asked about.
                    if let refusal = try features.refusal(of: slide, scrutiny) { return refusal }
                }
                return try finer?.refusal(of: unit.id.slide, scrutiny)
            }
        )
        defer { plan.turn?.end() }
        if self.finer == nil {
            try PredictionSources.add(model: model.url, features: self.features, to: name, in: layout)
            try noteMissing(known, progress)
        }
        let join = try join(plan.waiting.map(\.id.slide), features, finer, study, bags)
        join.notes.forEach { progress(.note("predict: \($0)")) }
        let misplaced = try misplaced(plan.waiting.map(\.id.slide), features, side, bags, progress)
        let output = target.predictions(of: name)
        let progress = stage.audited(progress)
        var belongings = BelongingNotes()
        let result = try await stage.run(plan, progress: progress) { [stage] waiting, record in
            let units = Dictionary(uniqueKeysWithValues: waiting.map { ($0.id.slide, $0) })
            func end(_ slide: SlideEnd) throws {
                guard let unit = units[slide.slide] else {
                    throw Failure(.bug, slide.slide.text, "nobody asked for it")
                }
                var outcome = Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint)
                switch slide.way {
                case .written:
                    outcome.accepted = join.accepted[slide.slide]
                    let file = target.prediction(of: name, slide.slide)
                    let belonging = finer == nil ? try PredictionFile(contentsOf: file).belonging : nil
                    if belonging?.verdict == .unlike { outcome.notes = belonging?.note.map { [$0] } }
                    belongings.add(slide.slide, belonging)
                    try outcome.record([file], in: target)
                case .empty: outcome.status = .empty
                case .failed(let failure):
                    let text = failure.message.replacing(target.root.path + "/", with: "")
                    (outcome.status, outcome.failure) = (.failed, Failure(failure.code, unit.id.text, text))
                }
                try record(outcome)
            }
            let slides = waiting.map(\.id.slide)
            for slide in slides { try misplaced[slide].map { try end(SlideEnd(slide, .failed($0))) } }
            let items = try zip(slides, waiting).filter { misplaced[$0.0] == nil }.map { slide, unit in
                PredictRequest.Item(
                    slide: slide,
                    features: features.files[slide]?.path ?? "",
                    bag: bags.parts(slide: slide),
                    finer: finer?.files[slide]?.path,
                    folds: folds[slide] ?? [],
                    sideLevel0: side,
                    accepted: join.accepted[slide],
                    fingerprint: try CanonicalJSON.fingerprint(unit.fingerprint)
                )
            }
            let request = PredictRequest(
                model: model.url.path,
                items: items,
                output: output.path,
                explain: explain.isEmpty ? nil : explain
            )
            try await predict(request) { slide in
                progress(.advanced(amount: 1, of: "slides"))
                try end(slide)
            }
        }
        belongings.lines(result.outcomes).forEach { progress(.note("predict: \($0)")) }
        return result
    }

    /// What predictions that are there tell, where it is all that is wanted and more: they answer, and what is missing is made like them.
    /// With `--redo` they are made with what is wanted alone.
    private func told(
        beside wanted: [Explanation],
        _ study: TrainedStudy,
        _ progress: ProgressSink
    ) throws -> [Explanation] {
        guard finer == nil, !settings.redo else { return wanted }
        let standing = try Stage.outcomes(stage: .predict(name), in: layout) { outcome in
            outcome.hasResult ? outcome.fingerprint[.explain] ?? "" : nil
        }
        .compactMap(\.self)
        // Results of two configurations are nobody's answer.
        guard let first = standing.first, standing.allSatisfy({ $0 == first }) else { return wanted }
        let known = first.split(separator: ",").compactMap { Explanation(rawValue: String($0)) }
        let models = try study.models(of: model)
        guard known.count > wanted.count, wanted.allSatisfy(known.contains),
            known.allSatisfy({ one in models.allSatisfy { $0.refusal(of: one) == nil } })
        else { return wanted }
        let more = known.filter { !wanted.contains($0) }.map(\.rawValue).joined(separator: ", ")
        progress(.note("predict: the predictions that are there tell \(more) too, and stay; --redo leaves it out"))
        return known
    }

    /// Has slides predicted, and hands on how each ended as soon as that is said: whatever is killed costs the slide at hand.
    private func predict(_ request: PredictRequest, ended: (SlideEnd) throws -> Void) async throws {
        guard !request.items.isEmpty else { return }
        var clock = UnitClock(settings.time)
        guard clock.mayBegin else { throw TimeIsUp() }
        let parts = request.shared(among: try await device.devices(settings.programs))
        let call = ComputeCall(programs: settings.programs)
        let (ends, said) = AsyncStream.makeStream(of: SlideEnd.self)
        var left = Set(request.items.map(\.slide))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                defer { said.finish() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for part in parts { group.addTask { _ = try await call.ask(part) { said.yield($0) } } }
                    // What the other devices can do they do.
                    var ends: [Result<Void, any Error>] = []
                    while let end = await group.nextResult() { ends.append(end) }
                    for end in ends { try end.get() }
                }
                return true
            }
            if let limit = settings.time {
                group.addTask {
                    try await limit.wait()
                    said.finish()
                    return false
                }
            }
            var watch = Stopwatch()
            var isStopped = false
            for await slide in ends {
                try ended(slide)
                left.remove(slide.slide)
                clock.took(watch.lap())
                // The process would go on with the next one by itself.
                isStopped = !clock.mayBegin && !left.isEmpty
                if isStopped { break }
            }
            // What ends without a word ends with an error of its own; the time is one only where it came first.
            if isStopped { throw TimeIsUp() }
            if try await group.next() == false {
                if !left.isEmpty { throw TimeIsUp() }
                _ = try await group.next()
            }
            group.cancelAll()
        }
        if let silent = left.min() { throw Failure(.bug, silent.text, "nothing was said of the slide's prediction") }
    }

    /// - Throws: `Failure` with `.digest` where the weights are not those that `checkpoint.json` tells of.
    private func checkpoint(_ fold: Int) throws -> String {
        let weights = model.fold(fold).file(.weights)
        guard let (version, digest) = try TrainedStudy.checkpoint(fold, of: model),
            try Digest.sha256(fileAt: weights) == digest
        else {
            let command = model.job.command(of: .train(name.text))
            throw Failure(.digest, weights.path, "not the weights that checkpoint.json tells of; run \(command)")
        }
        return version
    }
}
