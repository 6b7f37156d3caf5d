public import Config
public import Evaluation
import Files
import Foundation
import Messages
public import Records
import Storage

/// `wsi evaluate --faithfulness`: the patches of every slide that a training's folds have tested are taken out of their bags in the order of
/// its maps, by the models that tested it. What is found of a slide is kept beside the prediction that it is of.
public struct FaithfulnessRun: Sendable {
    public var layout: JobLayout
    /// `JOB/training/<name>`, of one seed.
    public var model: TrainingFolder
    public var device: DeviceChoice
    public var settings: WorkSettings

    public init(layout: JobLayout, model: TrainingFolder, device: DeviceChoice, settings: WorkSettings) {
        (self.layout, self.model, self.device, self.settings) = (layout, model, device, settings)
    }

    private var name: TrainingName { model.name }

    /// - Returns: of all slides that could be measured.
    /// - Throws: `Failure` for a training of several seeds or by case, one without predictions, where no slide could be measured, and where
    ///   the job may not be written; errors of predictions and features that are not those that were written, or out of date.
    public func run(progress: @escaping ProgressSink) async throws -> FaithfulnessSummary {
        if try !RegularFile.exists(model.file(.study)), let seed = try SeedRun.seeds(in: model.url).first {
            throw Failure(
                .usage,
                "--faithfulness",
                "maps are measured of one seed at a time, and \(name) has several; "
                    + "name one, such as --model \(name)/\(SeedFolder.name(seed))"
            )
        }
        let study = try TrainedStudy.read(model) { TrainedStudy.isModel($0) || TrainedStudy.isEvidence($0) }
        guard study.cases == nil else {
            throw Failure(
                .usage,
                "--faithfulness",
                "maps are measured for trainings by slide; this one is by case; leave it out"
            )
        }
        let tested = try self.tested(study)
        let features = try PredictStage(layout: layout, model: model, settings: settings).features(of: study, progress)
        try features.check(tested.keys.sorted())
        let items = try self.items(tested, features)
        let known = try items.concurrentMap { try SlideFaithfulness.current(of: name, $0.slide, in: layout) }
        var found = known.compactMap(\.self)
        let waiting = zip(items, known).filter { $1 == nil }.map(\.0)
        progress(.began(stage: "faithfulness", units: items.count, done: found.count))
        var failed: [SlideID: Failure] = [:]
        try await measure(waiting) { end, item in
            switch end.way {
            case .measured(let measured):
                let slide = SlideFaithfulness(
                    slide: end.slide,
                    folds: item.folds,
                    prediction: try Digest.sha256(fileAt: URL(filePath: item.prediction)),
                    measured: measured
                )
                try keep(slide, at: layout.faithfulness(of: name, end.slide))
                found.append(slide)
                progress(.finished(unit: end.slide.text, failure: nil))
            case .failed(let failure):
                failed[end.slide] = failure
                progress(.finished(unit: end.slide.text, failure: failure))
            }
        }
        if found.isEmpty, let failure = failed.min(by: { $0.key < $1.key })?.value { throw failure }
        let summary = try self.summary(found.sorted { $0.slide < $1.slide }, failed, study)
        try keep(summary, at: layout.faithfulnessSummary(of: name))
        if summary.byPatch.keys.allSatisfy({ [SlideFaithfulness.mainMap, SlideFaithfulness.random].contains($0) }) {
            progress(
                .note("faithfulness: the predictions have no other map than attention; wsi predict --explain adds some")
            )
        }
        return summary
    }

    /// What is there already is not written again: a job that may only be read can be asked.
    private func keep(_ value: some Encodable, at url: URL) throws {
        let data = try CanonicalJSON.data(value)
        if (try? RegularFile.data(url)) == data { return }
        do { try AtomicFile.write(data, to: url) } catch let error as StorageError where error.code == .access {
            throw Failure(
                .access,
                layout.root.path,
                "what is found of its maps cannot be kept in \(JobLayout.Folder.faithfulness.rawValue)/\(name) (\(error.message)); "
                    + "give this user the right to write there, or evaluate a copy of the job"
            )
        }
    }

    /// The slides that were tested and predicted, with their folds.
    private func tested(_ study: TrainedStudy) throws -> [SlideID: [Int]] {
        let lineage = Lineage(layout)
        var refusals: [Refusal] = []
        var tested: [SlideID: [Int]] = [:]
        for outcome in try Stage.outcomes(stage: .predict(name), in: layout) where outcome.status == .ok {
            let folds = study.splits.filter { $0.test.contains(outcome.slide) }.map(\.fold)
            guard !folds.isEmpty else { continue }
            if let refusal = try lineage.refusal(ofPrediction: outcome) { refusals.append(refusal) }
            tested[outcome.slide] = folds
        }
        if let failure = Refusal.failure(refusals) { throw failure }
        guard !tested.isEmpty else {
            let command = layout.command(of: .predict(name))
            throw Failure(
                .notFound,
                name.text,
                "no slide that its folds have tested is predicted in this job; run "
                    + "\(command) first, with --explain for more maps than attention"
            )
        }
        return tested
    }

    private func items(_ tested: [SlideID: [Int]], _ features: Features) throws -> [FaithfulnessRequest.Item] {
        let slides = tested.keys.sorted()
        // Risks of different models have no common zero.
        var risks: [[Int]: [Double]] = [:]
        let answers = try slides.concurrentMap { slide in
            try PredictedVoices.all(in: layout.prediction(of: name, slide)).first?.answer
        }
        for (slide, answer) in zip(slides, answers) {
            if let risk = answer?.ofSurvival?.risk { risks[tested[slide] ?? [], default: []].append(risk) }
        }
        let medians = risks.mapValues { risks in risks.sorted()[risks.count / 2] }
        return try zip(slides, answers).map { slide, answer in
            guard let file = features.files[slide] else {
                let reason = "its features are not here; run wsi features again, or predict anew"
                throw Failure(.notFound, slide.text, reason)
            }
            let folds = tested[slide] ?? []
            let isBelow = answer?.ofSurvival.flatMap { told in medians[folds].map { told.risk < $0 } } ?? false
            return FaithfulnessRequest.Item(
                slide: slide,
                features: file.path,
                prediction: layout.prediction(of: name, slide).path,
                folds: folds,
                isBelow: isBelow
            )
        }
    }

    /// Hands on how each slide ended as soon as that is said: whatever is killed costs the slide at hand.
    private func measure(
        _ items: [FaithfulnessRequest.Item],
        ended: (FaithfulnessEnd, FaithfulnessRequest.Item) throws -> Void
    ) async throws {
        guard !items.isEmpty else { return }
        let devices = try await device.devices(settings.programs)
        let call = ComputeCall(programs: settings.programs)
        let (ends, said) = AsyncStream.makeStream(of: FaithfulnessEnd.self)
        var left = Dictionary(uniqueKeysWithValues: items.map { ($0.slide, $0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [model] in
                defer { said.finish() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (place, device) in devices.enumerated() {
                        let own = items.indices.filter { $0 % devices.count == place }.map { items[$0] }
                        guard !own.isEmpty else { continue }
                        let request = FaithfulnessRequest(model: model.url.path, items: own, device: device)
                        group.addTask { _ = try await call.ask(request) { said.yield($0) } }
                    }
                    try await group.waitForAll()
                }
            }
            for await end in ends {
                guard let item = left.removeValue(forKey: end.slide) else {
                    throw Failure(.bug, end.slide.text, "nobody asked for it")
                }
                try ended(end, item)
            }
            try await group.waitForAll()
        }
        if let silent = left.keys.min() {
            throw Failure(.bug, silent.text, "nothing was said of the slide's maps")
        }
    }

    private func summary(
        _ slides: [SlideFaithfulness],
        _ failed: [SlideID: Failure],
        _ study: TrainedStudy
    ) throws -> FaithfulnessSummary {
        let rows = try study.splits.flatMap { split in
            try FoldPredictions(folder: model.fold(split.fold).url).rows.filter { $0.part == "test" }
        }
        let cases = rows.map { ($0.slide, $0.judged.caseID) }
        let labels = rows.compactMap { row in row.judged.ofClass.map { (row.slide, $0.label) } }
        return FaithfulnessSummary(
            name: name.text,
            slides,
            failed: failed,
            cases: Dictionary(cases, uniquingKeysWith: { first, _ in first }),
            labels: Dictionary(labels, uniquingKeysWith: { first, _ in first }),
            evaluation: study.config.evaluation,
            seed: study.config.training.seed
        )
    }
}
