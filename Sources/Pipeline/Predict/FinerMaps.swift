import Config
import Files
public import Foundation
import Imaging
public import Records
import Storage

/// Maps of parts of slides from patches that lie closer together: tiled, encoded and predicted again, by the same stages,
/// into a job folder of their own, `JOB/finer/<name>`.
///
/// The new patches join the slide's bag. Attention is then divided by what the slide's own patches have of it, so that these
/// still share out 1 and a colour means what it means on the slide's map. Where a model scores each patch alone (ABMIL, ACMIL,
/// CLAM, MHIM on ABMIL), that is a patch's own score over the denominator of the slide's softmax; where patches look at each
/// other (DSMIL, TransMIL) the new ones also move the others a little. Probabilities stay the slide's.
public struct FinerMaps: Sendable {
    public enum Parts: Sendable {
        /// Around so many of the patches with the highest values.
        case top(Int)
        /// Polygons of a GeoJSON file, of one slide.
        case regions(URL)
    }

    public var layout: JobLayout
    /// Name of a training of this job, and of its predictions.
    public var model: TrainingName
    /// Of neighbours, as a share of a patch's side: 0 up to 1.
    public var overlap: Double
    public var parts: Parts
    /// Only these slides; nil takes all that are predicted.
    public var slides: Set<SlideID>?
    /// As `wsi features --encoder` takes it; nil where the training's is built in.
    public var encoder: String?
    /// Name of the pictures, as in `HeatmapStage`.
    public var pictures: String
    public var heatmap: HeatmapConfig
    public var settings: WorkSettings

    public init(
        layout: JobLayout,
        model: TrainingName,
        overlap: Double,
        parts: Parts,
        slides: Set<SlideID>?,
        encoder: String?,
        pictures: String,
        heatmap: HeatmapConfig,
        settings: WorkSettings
    ) {
        self.layout = layout
        self.model = model
        self.overlap = overlap
        self.parts = parts
        self.slides = slides
        self.encoder = encoder
        self.pictures = pictures
        self.heatmap = heatmap
        self.settings = settings
    }

    /// - Throws: `Failure` where the job lacks the training, its predictions or the slides' tiles, or the encoder is another.
    public func run(progress: @escaping ProgressSink) async throws -> ExitStatus {
        let study = try TrainedStudy.read(layout.training(model))
        let encoder = try encoder(of: study)
        let tilings = try self.tilings()
        // None of the slides is of this shard.
        if tilings.isEmpty { return .ok }
        let finer = layout.finer(try name())
        var statuses: [ExitStatus] = []
        var hasPatches = false
        for (tiling, entries) in tilings {
            for entry in entries { try write(regions: entry.id, to: finer).forEach { progress(.note($0)) } }
            var tiling = tiling
            tiling.regions = finer.regions.path
            tiling.regionsOrigin = .slide
            tiling.regionsMode = .restrict
            let stage = TileStage(layout: finer, entries: entries, tiling: tiling, settings: settings)
            let tiled = try await stage.run(progress: progress)
            statuses.append(tiled.report.exitStatus)
            hasPatches = hasPatches || tiled.report.ok > 0
        }
        guard hasPatches else {
            if ExitStatus.worst(statuses) != .ok { return ExitStatus.worst(statuses) }
            throw Failure(.notFound, try name(), "no patch of these parts has enough tissue; choose others")
        }
        let features = FeatureStage(
            layout: finer,
            encoders: [encoder],
            precision: try precision(of: encoder),
            settings: settings
        )
        statuses += try await features.run(progress: progress).map(\.report.exitStatus)
        let predict = PredictStage(
            layout: layout,
            model: layout.training(model),
            finer: finer,
            settings: settings
        )
        let predicted = try await predict.run(progress: progress)
        statuses.append(predicted.report.exitStatus)
        // A slide whose parts have no patch has no finer map.
        let asked = Set(tilings.flatMap { $0.entries.map(\.id) })
        let drawn = asked.intersection(predicted.outcomes.filter { $0.status == .ok }.map(\.slide))
        for output in heatmap.outputs {
            var stage = HeatmapStage(
                layout: finer,
                model: model,
                name: pictures,
                output: output,
                heatmap: heatmap,
                slides: slides == nil ? nil : drawn,
                settings: settings
            )
            stage.drawsRegions = true
            statuses.append(try await stage.run(progress: progress).report.exitStatus)
        }
        return ExitStatus.worst(statuses)
    }

    /// The encoder that the model was trained on, to the byte.
    private func encoder(of study: TrainedStudy) throws -> EncoderChoice {
        let choice = try EncoderChoice(encoder ?? EncoderChoice.texture.identity.name)
        guard choice.identity.digest == study.encoder.digest else {
            throw Failure(
                .usage,
                model.text,
                "was trained on features of \(study.encoder.name); name that encoder's JSON file with --encoder"
            )
        }
        return choice
    }

    /// That of the job's own features.
    private func precision(of encoder: EncoderChoice) throws -> Precision {
        let stage = StageName.features(encoder.identity.name)
        let outcomes = try Stage.outcomes(stage: stage, in: layout)
        return outcomes.lazy.compactMap { $0.fingerprint[.precision].flatMap(Precision.init) }.first
            ?? .auto
    }

    /// `acmil-overlap0.5-top3`; regions have their file's digest in it.
    private func name() throws -> String {
        let part =
            switch parts {
            case .top(let count): "top\(count)"
            case .regions(let file): "regions-\(try Digest.sha256(fileAt: file).prefix(8))"
            }
        return "\(model)-overlap\(overlap)-\(part)"
    }

    /// The predicted slides by how they were tiled, with the wanted overlap.
    private func tilings() throws -> [(tiling: TilingConfig, entries: [SlideEntry])] {
        let all = try Stage.outcomes(stage: StageName.predict(model), in: layout).filter { $0.status == .ok }
        guard !all.isEmpty else {
            throw Lineage.unpredicted(model, in: layout)
        }
        let chosen = try slides.map { try ChosenSlides.find($0, among: all.map(\.slide), of: model, in: layout) }
        let predicted = all.filter { chosen?.contains($0.slide) != false }
        let lineage = Lineage(layout)
        let shard = settings.selection.shard
        let refusals = try predicted.filter { shard?.contains($0.slide) != false }
            .compactMap { try lineage.refusal(ofPrediction: $0) }
        if let failure = Refusal.failure(refusals) { throw failure }
        let paths = try SlidePaths.read(layout)
        var result: [(tiling: TilingConfig, entries: [SlideEntry])] = []
        for slide in predicted.map(\.slide) where settings.selection.shard?.contains(slide) != false {
            guard let tiled = try layout.record(of: slide, stage: .tile), tiled.hasResult else {
                throw Failure(.notFound, slide.text, "the slide was not tiled in this job; run wsi tile first")
            }
            var (tiling, mpp) = try TileStage.tiling(of: tiled)
            tiling.overlap = Int((overlap * Double(tiling.patchSize)).rounded())
            try tiling.validate()
            let entry = SlideEntry(id: slide, path: try paths.path(of: slide), mpp: mpp)
            if let place = result.firstIndex(where: { $0.tiling == tiling }) {
                result[place].entries.append(entry)
            } else {
                result.append((tiling, [entry]))
            }
        }
        return result
    }

    /// - Returns: lines on what of the regions' file is not used.
    private func write(regions slide: SlideID, to finer: JobLayout) throws -> [String] {
        let prediction = try PredictionFile(contentsOf: layout.prediction(of: model, slide))
        guard let grid = prediction.grid else {
            throw Failure(.notFound, slide.text, "its features came from another tool; finer maps need wsi features")
        }
        let (regions, notes): (GeoJSON, [String]) =
            switch parts {
            case .top(let count): (FinerRegions.around(prediction.prediction, in: grid, count: count), [])
            case .regions(let file): try FinerRegions.read(file, in: grid)
            }
        try regions.write(to: finer.regions(of: slide))
        return notes
    }
}
