public import Foundation
public import Records
import Storage

/// `wsi evaluate`: a training's pooled metrics, its attention against annotations, and shortcut controls.
public struct Evaluation: Sendable {
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
    /// `JOB/training/<name>`.
    public var model: URL
    public var annotations: Annotations?
    /// Also what plain regressions on slide-level numbers reach.
    public var controls: Bool
    /// Where to write the report page; nil: nowhere.
    public var page: URL?
    public var programs: Programs

    public init(
        layout: JobLayout,
        model: URL,
        annotations: Annotations?,
        controls: Bool,
        page: URL?,
        programs: Programs
    ) {
        self.layout = layout
        self.model = model
        self.annotations = annotations
        self.controls = controls
        self.page = page
        self.programs = programs
    }

    /// - Parameter note: is told what of the annotations was not used.
    /// - Returns: the JSON text of the results.
    public func run(note: (String) -> Void = { _ in }) async throws -> Data {
        let study = try TrainedStudy.read(model, of: TrainedStudy.isEvidence)
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let output = folder.url.appending(path: "evaluation.json")
        let request = EvaluateRequest(
            model: model.path,
            folds: study.splits.map(\.fold),
            evaluation: study.config.evaluation,
            seed: study.config.training.seed,
            patches: try annotations.map { try patches(study, $0, note) },
            controls: controls ? try controlGroups(study) : nil,
            output: output.path,
            page: page?.path
        )
        _ = try await ComputeCall(verb: "evaluate", programs: programs).run(request) { _ in }
        return try Data(contentsOf: output)
    }

    private func patches(
        _ study: TrainedStudy,
        _ annotations: Annotations,
        _ note: (String) -> Void
    ) throws -> EvaluateRequest.Patches {
        var patches = EvaluateRequest.Patches(predictions: [:], annotations: [:])
        patches.scale = annotations.scale
        patches.origin = annotations.origin
        patches.classes = annotations.classes
        patches.from = annotations.from
        for (bag, slides) in study.cases ?? [:] { for slide in slides { patches.cases[slide.text] = bag } }
        let name = SeedRun.name(of: model)
        let lineage = Lineage(layout)
        var refusals: [Refusal] = []
        for outcome in try Stage.outcomes(stage: PredictStage.name(model: name), in: layout)
        where outcome.status == .ok {
            if let refusal = try lineage.refusal(ofPrediction: outcome) { refusals.append(refusal) }
            let id = outcome.unit.text
            patches.predictions[id] = layout.predictions.appending(path: "\(name)/\(id).h5").path
        }
        if let failure = Refusal.failure(refusals) { throw failure }
        let slides = try patches.predictions.keys.sorted().map { try SlideID($0) }
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
        for (slide, file) in found { patches.annotations[slide.text] = file.path }
        return patches
    }

    /// What could tell the classes apart without looking at cells.
    /// - Throws: `Failure` where bags are cases: these numbers are of slides.
    private func controlGroups(_ study: TrainedStudy) throws -> EvaluateRequest.Controls {
        guard study.cases == nil else {
            throw Failure(.usage, "--controls", "controls are for trainings by slide; this one is by case")
        }
        let groups = [
            "tissue_area": ["tissue_um2"], "file_size": ["file_bytes"],
            "mean_colour": ["mean_red", "mean_green", "mean_blue"],
        ]
        let tiled = try Stage.outcomes(stage: TileStage.name, in: layout).filter { $0.status == .ok }
        let features = try Features.read(layout, encoder: study.encoder.name)
        try features.check(Set(study.splits.flatMap { $0.train + $0.validation + $0.test }).sorted())
        return EvaluateRequest.Controls(
            groups: groups.mapValues { names in
                Dictionary(
                    uniqueKeysWithValues: tiled.map { outcome in
                        (outcome.unit.text, names.map { outcome.figures[$0] ?? 0 })
                    }
                )
            },
            features: Dictionary(uniqueKeysWithValues: features.files.map { ($0.key.text, $0.value.path) })
        )
    }
}
