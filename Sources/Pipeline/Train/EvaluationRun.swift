import Config
public import Evaluation
import Files
public import Foundation
import Imaging
public import Records
import Storage

/// `wsi evaluate`: a training's pooled metrics, its attention against annotations, and shortcut controls.
public struct EvaluationRun: Sendable {
    /// What was drawn on the slides, and how it is read.
    public struct Annotations: Sendable {
        /// Holds `ID.geojson`, `ID.xml` or `ID.json`.
        public var folder: URL
        public var origin: CoordinateOrigin?
        public var scale: Double
        public var classes: [String]?
        public var from: Double

        public init(folder: URL, origin: CoordinateOrigin?, scale: Double, classes: [String]?, from: Double) {
            self.folder = folder
            self.origin = origin
            self.scale = scale
            self.classes = classes
            self.from = from
        }
    }

    public var layout: JobLayout
    /// `JOB/training/<name>`, of one seed or of several.
    public var model: TrainingFolder
    public var annotations: Annotations?
    /// Also what plain regressions on slide-level numbers reach.
    public var controls: Bool
    /// Where to write the report page; nil: nowhere.
    public var page: URL?

    public init(
        layout: JobLayout,
        model: TrainingFolder,
        annotations: Annotations?,
        controls: Bool,
        page: URL?
    ) {
        self.layout = layout
        self.model = model
        self.annotations = annotations
        self.controls = controls
        self.page = page
    }

    /// What an evaluation says.
    public enum Result {
        case one(EvaluationReport)
        /// Of every seed, and of their mean.
        case seeds(SummaryReport)
    }

    /// - Parameter note: is told what of the annotations was not used, and which seeds were not.
    /// - Throws: errors of a training, predictions or annotations that cannot be used.
    public func run(note: (String) -> Void = { _ in }) throws -> Result {
        let seeds = try TrainedSeeds(in: model)
        guard seeds.areSeeds else {
            let (evaluation, report) = try evaluated(model, controls: controls, note)
            try write(evaluation.page(of: report), evaluation.furtherPages(of: report))
            return .one(report)
        }
        let absent = Set(seeds.missing.map(\.seed)).sorted().map { "\($0)" }
        if !absent.isEmpty { note("not whole, so that they take no part: seeds \(absent.joined(separator: ", "))") }
        // The seeds have the same slides, of which everything is said once.
        var said: Set<String> = []
        let runs = try seeds.trained.enumerated().map { place, training in
            // Controls look at no model.
            let report = try evaluated(training, controls: controls && place == 0) { text in
                if said.insert(text).inserted { note(text) }
            }
            .report
            return SeedSummary.Run(seed: training.name.seed ?? 0, folder: training.url, report: report)
        }
        let summary = try SeedSummary(name: model.name.text, of: runs, missing: seeds.missing)
        try write(summary.page, summary.further.map { ($0.target, $0.summary.page) })
        return .seeds(summary.report)
    }

    private func evaluated(
        _ model: TrainingFolder,
        controls: Bool,
        _ note: (String) -> Void
    ) throws -> (evaluation: TrainingEvaluation, report: EvaluationReport) {
        let study = try TrainedStudy.read(model, of: TrainedStudy.isEvidence)
        let maps = try annotations.map { try self.maps(study, model.name, $0, note) }
        let numbers = controls ? try self.numbers(study) : nil
        let evaluation = try TrainingEvaluation(
            model: model.url,
            folds: study.splits.map(\.fold),
            evaluation: study.config.evaluation,
            seed: study.config.training.seed
        )
        return (evaluation, try evaluation.report(maps: maps, controls: numbers))
    }

    /// - Parameter further: of several targets a page for each beside the first.
    private func write(_ text: String, _ further: [(target: String, page: String)]) throws {
        guard let page else { return }
        try AtomicFile.write(text, to: page)
        let folder = page.deletingLastPathComponent()
        for (target, text) in further {
            try AtomicFile.write(text, to: folder.appending(path: TrainingFolder.reportName(of: target)))
        }
    }

    private func maps(
        _ study: TrainedStudy,
        _ name: TrainingName,
        _ annotations: Annotations,
        _ note: (String) -> Void
    ) throws -> AnnotatedMaps {
        var maps = AnnotatedMaps()
        maps.scale = annotations.scale
        maps.origin = annotations.origin
        maps.classes = annotations.classes
        maps.from = annotations.from
        for (bag, slides) in study.cases ?? [:] { for slide in slides { maps.cases[slide] = try SlideID(bag) } }
        let lineage = Lineage(layout)
        var refusals: [Refusal] = []
        for outcome in try Stage.outcomes(stage: .predict(name), in: layout)
        where outcome.status == .ok {
            if let refusal = try lineage.refusal(ofPrediction: outcome) { refusals.append(refusal) }
            maps.predictions[outcome.slide] = layout.prediction(of: name, outcome.slide)
        }
        if let failure = Refusal.failure(refusals) { throw failure }
        let slides = maps.predictions.keys.sorted()
        let folder = try AnnotationFolder(annotations.folder, for: slides)
        folder.notes.forEach(note)
        var drawn = AnnotationFiles(folder.files)
        var unusable: [String] = []
        var found: [SlideID: URL] = [:]
        try drawn.read(classes: annotations.classes, cutting: AnnotatedRegions.healthy) { slide, file, regions in
            if regions.isAllSkipped {
                unusable.append("\(file.lastPathComponent) (\(regions.skipped.words))")
            } else {
                found[slide] = file
            }
        }
        drawn.notes.forEach(note)
        if !unusable.isEmpty {
            note(
                "\(unusable.count) file(s) of annotations enclose no area, and count as absent: \(unusable.shortened)"
            )
        }
        guard !found.isEmpty else {
            throw Failure(.table, annotations.folder.path, "no file here encloses an area; draw closed polygons")
        }
        maps.annotations = found
        return maps
    }

    /// What could tell the classes apart without looking at cells.
    /// - Throws: `Failure` where bags are cases, since these numbers are of slides, and where no class is asked.
    private func numbers(_ study: TrainedStudy) throws -> ShortcutNumbers {
        guard study.cases == nil else {
            throw Failure(.usage, "--controls", "controls are for trainings by slide; this one is by case")
        }
        let asked = study.config.cohort.target
        guard asked == .class else {
            throw Failure(
                .usage,
                "--controls",
                "controls are regressions on classes, and this training asks for \(asked.rawValue); leave it out"
            )
        }
        let groups: [String: [Outcome.Figure]] = [
            "tissue_area": [.tissueUM2], "file_size": [.fileBytes], "mean_colour": TileTask.meanColour,
        ]
        let tiled = try Stage.outcomes(stage: StageName.tile, in: layout).filter { $0.status == .ok }
        let features = try Features.read(layout, encoder: study.encoder.name)
        try features.check(Set(study.splits.flatMap { $0.train + $0.validation + $0.test }).sorted())
        return ShortcutNumbers(
            groups: groups.mapValues { figures in
                Dictionary(
                    uniqueKeysWithValues: tiled.map { outcome in
                        (outcome.slide, figures.map { outcome[$0] ?? 0 })
                    }
                )
            },
            features: features.files
        )
    }
}
