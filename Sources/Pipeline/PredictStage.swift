public import Foundation
public import Records
import Storage

/// Probabilities and attention of every slide with features, by the folds that have not seen it.
public struct PredictStage: Sendable {
    public var layout: JobLayout
    /// `JOB/training/<name>`, of this job or another one.
    public var model: URL
    public var device: TrainingConfig.DeviceChoice
    public var settings: WorkSettings
    /// Features of another tool; nil takes those that the training was made on, or the job's own.
    public var features: URL?
    /// Side of a patch in level-0 pixels, for features that do not say it.
    public var sideLevel0: Int?
    /// Whether features of another scale than the training's are gone on with.
    public var allowsScaleMismatch = false
    /// A job with finer patches of the slides, whose attention is wanted; it gets the predictions. nil: none.
    var finer: JobLayout?

    public init(
        layout: JobLayout,
        model: URL,
        features: URL? = nil,
        device: TrainingConfig.DeviceChoice = .auto,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.model = model
        self.features = features
        self.device = device
        self.settings = settings
    }

    init(layout: JobLayout, model: URL, finer: JobLayout, settings: WorkSettings) {
        self.init(layout: layout, model: model, settings: settings)
        self.finer = finer
    }

    init(run: StudyRun) {
        self.init(
            layout: run.layout,
            model: SeedRun.all(of: run.study.config, in: run.layout)[0].folder,
            features: run.study.featurePath,
            device: run.study.config.training.device,
            settings: run.settings
        )
        sideLevel0 = run.study.config.features.patchSizeLevel0
        allowsScaleMismatch = run.study.allowsScaleMismatch
    }

    static func name(model: String) -> String { "predict_\(model)" }

    /// Of the predictions: `<training>`, or `<training>/seed_S`.
    var name: String { SeedRun.name(of: model) }

    public func run(progress: @escaping ProgressSink) async throws -> StageResult {
        let study = try TrainedStudy.read(model)
        let features = try features(of: study, progress)
        let finer = try finer.map { try Features.read($0, encoder: study.encoder.name) }
        let target = self.finer ?? layout
        let stage = Stage(name: Self.name(model: name), layout: target, settings: settings)
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
        let bags = Bags(study, features)
        let side = sideLevel0 ?? (self.features == nil ? study.config.features.patchSizeLevel0 : nil)
        var parameters = ["model": name]
        parameters["patch_size_level0"] = side.map { "\($0)" }
        let plan = try stage.plan(
            folds.keys.sorted().map { slide in
                var inputs = ["features": try bags.version(slide)]
                inputs["finer"] = finer?.versions[slide]
                for fold in folds[slide] ?? [] { inputs["fold_\(fold)"] = checkpoints[fold] }
                return Stage.Unit(
                    id: slide,
                    fingerprint: Fingerprint(stage: "predict", parameters: parameters, inputs: inputs),
                    file: target.predictions.appending(path: "\(name)/\(slide.text).h5")
                )
            },
            refusal: { unit in
                for slide in bags.slides(of: unit.id) {
                    // The slide that is at fault is named, whichever of its case is asked about.
                    if let refusal = try features.refusal(of: slide) { return refusal }
                }
                return try finer?.refusal(of: unit.id)
            }
        )
        if self.finer == nil {
            try PredictionSources.add(model: model, features: self.features, to: name, in: layout)
            try noteMissing(known, progress)
        }
        let join = try join(plan.waiting.map(\.id), features, finer, study, bags)
        join.notes.forEach { progress(.note("predict: \($0)")) }
        let misplaced = try misplaced(plan.waiting.map(\.id), features, side, bags, progress)
        let output = target.predictions.appending(path: name)
        let progress = stage.audited(progress)
        return try await stage.run(plan, progress: progress) { waiting, record in
            let items = try waiting.filter { misplaced[$0.id] == nil }.compactMap { unit in
                try features.files[unit.id].map { file in
                    PredictRequest.Item(
                        slide: unit.id,
                        features: file.path,
                        bag: bags.parts(slide: unit.id),
                        finer: finer?.files[unit.id]?.path,
                        folds: folds[unit.id] ?? [],
                        sideLevel0: side,
                        accepted: join.accepted[unit.id],
                        fingerprint: try CanonicalJSON.fingerprint(unit.fingerprint)
                    )
                }
            }
            let request = PredictRequest(model: model.path, items: items, output: output.path, device: device)
            let result =
                try await items.isEmpty
                ? ComputeResult()
                : ComputeCall(verb: "predict", programs: settings.programs).run(request) { said in
                    if said.unit == "slide" { progress(.advanced(amount: 1, of: "slides")) }
                }
            var failures = Dictionary(
                result.failures.map { ($0.subject ?? "", $0) },
                uniquingKeysWith: { first, _ in first }
            )
            for (slide, failure) in misplaced { failures[slide.text] = failure }
            for unit in waiting {
                var outcome = Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint)
                if let failure = failures[unit.id.text] {
                    outcome.status = .failed
                    outcome.failure = Failure(
                        failure.code,
                        unit.id.text,
                        failure.message.replacing(target.root.path + "/", with: "")
                    )
                } else if result.empty.contains(unit.id) {
                    outcome.status = .empty
                } else {
                    outcome.accepted = join.accepted[unit.id]
                    try outcome.record([output.appending(path: "\(unit.id.text).h5")], in: target)
                }
                try record(outcome)
            }
        }
    }

    /// Compares the features with those of the training; finer ones with those of their slide, which were compared before.
    /// - Throws: `Failure`, `.usage` where `--model` or `--features` brought them together, else `.mismatch`.
    private func join(
        _ slides: [SlideID],
        _ features: Features,
        _ finer: Features?,
        _ study: TrainedStudy,
        _ bags: Bags
    ) throws -> FeatureJoin {
        let wanted = try study.facts(of: model)
        var join = FeatureJoin(with: wanted, of: "the model \(name)", allowsScale: allowsScaleMismatch)
        if let finer {
            let own = try Dictionary(
                features.shapes(of: slides).map { ($0.slide, $0.shape.facts) },
                uniquingKeysWith: { first, _ in first }
            )
            for (slide, shape) in try finer.shapes(of: slides) {
                var alone = FeatureJoin(with: own[slide] ?? wanted, of: "the slide's own features", allowsScale: false)
                alone.add(slide, shape.facts)
                if let failure = alone.failure(.mismatch) { throw failure }
            }
            return join
        }
        for (slide, shape) in try features.shapes(readableOf: Set(slides.flatMap { bags.slides(of: $0) }).sorted()) {
            join.add(slide, shape.facts)
        }
        let isOwn = self.features == nil && jobOfModel.root.standardizedFileURL == layout.root.standardizedFileURL
        if let failure = join.failure(isOwn ? .mismatch : .usage) { throw failure }
        return join
    }

    /// Slides whose features of another tool cannot be theirs. Those of this job were made of its patches.
    private func misplaced(
        _ slides: [SlideID],
        _ features: Features,
        _ side: Int?,
        _ bags: Bags,
        _ progress: ProgressSink
    ) throws -> [SlideID: Failure] {
        guard features.areForeign else { return [:] }
        var check = PlacementCheck(layout)
        var faults: [SlideID: Failure] = [:]
        for slide in Set(slides.flatMap { bags.slides(of: $0) }).sorted() {
            guard let file = features.files[slide] else { continue }
            do { faults[slide] = try check.fault(of: slide, in: file, side: side) } catch let error as StorageError {
                // Who reads the numbers says so in its own words.
                guard error.code.exitStatus != .temporary else { throw error }
            }
        }
        check.notes.forEach { progress(.note("predict: \($0)")) }
        // A bag of which one slide is not known is not that bag.
        return Dictionary(
            slides.compactMap { slide in
                bags.slides(of: slide).lazy.compactMap { faults[$0] }.first.map { (slide, $0) }
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private func features(of study: TrainedStudy, _ progress: ProgressSink) throws -> Features {
        var path = features
        if path == nil, study.config.features.path != nil {
            guard let known = FeaturePaths.read(jobOfModel).trainings[study.config.name] else {
                throw Failure(
                    .notFound,
                    model.path,
                    "its features are not known in this job; name them with --features"
                )
            }
            path = URL(filePath: known)
        }
        guard let path else {
            let features = try Features.read(layout, encoder: study.encoder.name)
            guard features.files.isEmpty else { return features }
            throw Failure(
                .notFound,
                layout.root.path,
                "no features of \(study.encoder.name) in this job; run wsi features first, or name some with --features"
            )
        }
        let folder = try FeatureFolder(path)
        let cohort = study.slides
        let found = folder.matched(to: cohort.union(SlidePaths.read(layout).ids))
        if let clash = found.clashes.first {
            throw Failure(
                .usage,
                clash.slide.text,
                "two files are of this slide: \(clash.files.map(\.path).joined(separator: " and "))"
            )
        }
        let files = found.all
        guard !files.isEmpty else { throw Failure(.notFound, path.path, "no feature file of a slide is here") }
        folder.notes.forEach { progress(.note("predict: \($0)")) }
        // New slides are judged by every fold: under other names those of the training would be, too.
        let missing = cohort.filter { found.files[$0] == nil }
        if let hint = NameHint.text(found.strangers.keys.map(\.text), slides: Array(missing)) {
            progress(
                .note(
                    "predict: \(found.strangers.count) feature file(s) are of no slide of the training and count as new; \(hint)"
                )
            )
        }
        return Features(files: files).digested(files.keys)
    }

    /// Names the tiled slides that have nothing to predict on.
    private func noteMissing(_ known: Set<SlideID>, _ progress: ProgressSink) throws {
        guard features == nil, !known.isEmpty else { return }
        let tiled = try Stage.outcomes(stage: TileStage.name, in: layout).filter { $0.status != .empty }.map(\.unit)
        let missing = tiled.filter { !known.contains($0) }.map(\.text)
        if !missing.isEmpty {
            progress(
                .note("predict: \(missing.count) slide(s) have no features and are left out: \(missing.shortened)")
            )
        }
    }

    /// The job that the model was trained in.
    private var jobOfModel: JobLayout { SeedRun.job(of: model) }

    /// - Throws: `Failure` with `.digest` where the weights are not those that `checkpoint.json` tells of.
    private func checkpoint(_ fold: Int) throws -> String {
        let weights = model.appending(path: "fold_\(fold)/checkpoint.safetensors")
        guard let (version, digest) = try TrainedStudy.checkpoint(fold, of: model),
            try Digest.sha256(fileAt: weights) == digest
        else {
            let command = jobOfModel.command(of: TrainStage.name(model: name))
            throw Failure(.digest, weights.path, "not the weights that checkpoint.json tells of; run \(command)")
        }
        return version
    }
}

/// Which slides make one bag with a slide: those of its case, where the model was trained on cases.
private struct Bags {
    private let slides: [SlideID: [SlideID]]
    private let features: Features

    init(_ study: TrainedStudy, _ features: Features) {
        self.features = features
        let bags = (study.cases ?? [:]).values.map {
            $0.filter { features.files[$0] != nil || features.refused[$0] != nil }
        }
        slides = Dictionary(
            bags.flatMap { bag in bag.map { ($0, bag) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// All of the bag.
    func slides(of slide: SlideID) -> [SlideID] { slides[slide] ?? [slide] }

    /// nil where the slide is a bag of its own.
    func parts(slide: SlideID) -> [PredictRequest.Part]? {
        slides[slide].map { bag in
            bag.compactMap { part in
                features.files[part].map { PredictRequest.Part(slide: part, features: $0.path) }
            }
        }
    }

    func version(_ slide: SlideID) throws -> String {
        guard let bag = slides[slide] else { return features.versions[slide] ?? "" }
        return try CanonicalJSON.fingerprint(bag.map { features.versions[$0] ?? "" })
    }
}
