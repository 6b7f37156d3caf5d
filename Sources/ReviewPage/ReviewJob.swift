import Foundation
public import Records
import Storage

/// What a job knows of its slides, as it stood when the page was started; decisions are read anew each time.
public struct ReviewJob: Sendable {
    /// What one model says of a slide.
    struct Forecast: Encodable, Sendable {
        var classes: [String]
        var probabilities: [Double]
        /// Of the last class, where there are two.
        var threshold: Double?
        /// Lowest and highest probability by class over the folds and seeds that tested the slide, where there are several.
        var ranges: [[Double]]?
        var patches: Int
        /// What a reviewer should know of it: that it is of an earlier training, say.
        var note: String?
        /// Quick digest of its file when the page was started; nil where none was on record.
        var digest: String?

        enum CodingKeys: String, CodingKey { case classes, probabilities, threshold, ranges, patches, note }
    }

    public struct SlideEntry: Sendable {
        public let id: SlideID
        /// In level-0 pixels, where the slide was tiled.
        let bounds: PixelRect?
        /// µm per level-0 pixel.
        let mpp: Double?
        /// `wsi_quality` of the patch file.
        let quality: JSONValue?
        let label: String?
        /// By the name of the predictions.
        let forecasts: [String: Forecast]
    }

    public let layout: JobLayout
    /// Sorted by id.
    public let slides: [SlideEntry]
    /// Names of predictions, sorted.
    public let models: [String]
    /// Results that cannot be read, or are not what was written.
    public let problems: [Failure]
    private let index: [SlideID: Int]

    /// - Parameter notes: what is to be said of predictions, by their name and slide.
    /// - Throws: `Failure` for a job without slides.
    public init(_ layout: JobLayout, notes: [String: [SlideID: String]] = [:]) throws {
        var problems: [Failure] = []
        func tried<Value>(_ body: () throws -> Value) -> Value? {
            do { return try body() } catch {
                problems.append(Failure(error))
                return nil
            }
        }
        self.layout = layout
        models = PredictionFolder.names(in: layout)
        var forecasts: [SlideID: [String: Forecast]] = [:]
        var grids: [SlideID: PatchGrid] = [:]
        var labels: [SlideID: String] = [:]
        for model in models {
            let tests = tried { try TestRecords(model: model, in: layout) }
            for (slide, label) in tests?.labels ?? [:] { labels[slide] = label }
            for url in PredictionFolder.files(of: model, in: layout) {
                let record = PredictionFolder.record(of: url, model: model, in: layout)
                // What is not what was written is not shown.
                guard
                    let file = tried({
                        try record?.check(in: layout)
                        return try PredictionFile(contentsOf: url)
                    })
                else { continue }
                let slide = file.prediction.slide
                forecasts[slide, default: [:]][model] = Forecast(
                    classes: file.classes,
                    probabilities: file.prediction.probabilities,
                    threshold: file.prediction.threshold,
                    ranges: tests?.ranges(of: slide, classes: file.classes),
                    patches: file.prediction.attention.count,
                    note: notes[model]?[slide],
                    digest: record?.outputs.values.first
                )
                grids[slide] = file.grid.map { grid in
                    var facts = grid
                    facts.corners = []
                    return facts
                }
            }
        }
        let tiled = try TiledSlides(layout)
        problems += tiled.problems
        slides = Set(forecasts.keys).union(tiled.slides.keys).sorted().map { id in
            SlideEntry(
                id: id,
                bounds: tiled.slides[id]?.bounds ?? grids[id]?.bounds,
                mpp: tiled.slides[id]?.mpp ?? grids[id]?.scale.mpp,
                quality: tiled.slides[id]?.quality,
                label: labels[id],
                forecasts: forecasts[id] ?? [:]
            )
        }
        guard !slides.isEmpty else {
            throw Failure(.notFound, layout.root.path, "no slide is tiled or predicted in this job; run wsi tile first")
        }
        self.problems = problems
        index = Dictionary(uniqueKeysWithValues: slides.enumerated().map { ($1.id, $0) })
    }

    /// The slide of this name; nil for one that is not of the job, whatever the name is.
    func slide(named name: String) -> SlideEntry? {
        (try? SlideID(name)).flatMap { index[$0] }.map { slides[$0] }
    }

    func prediction(_ model: String, of slide: SlideEntry) throws -> PredictionFile? {
        guard let forecast = slide.forecasts[model] else { return nil }
        let url = layout.predictions.appending(path: "\(model)/\(slide.id.text).h5")
        if let digest = forecast.digest, try Digest.quick(fileAt: url) != digest {
            throw Failure(
                .digest,
                slide.id.text,
                "its prediction of \(model) is another one than when this page was started; start wsi review again"
            )
        }
        return try PredictionFile(contentsOf: url)
    }

    /// The small picture of a slide; nil where there is none.
    /// - Throws: `Failure` where it is not what was written.
    func thumbnail(of slide: SlideEntry) throws -> Data? {
        let file = layout.thumbnails.appending(path: "\(slide.id.text).jpg")
        try layout.record(of: slide.id, stage: "tile")?.check(in: layout) { $0.hasPrefix("thumbnails/") }
        return FileManager.default.contents(atPath: file.path)
    }
}

/// `JOB/predictions/`: a folder for each model, with one for each seed in it where there are several.
private enum PredictionFolder {
    static func names(in layout: JobLayout) -> [String] {
        let models = entries(of: layout.predictions)
        let seeds = models.flatMap { model in
            entries(of: layout.predictions.appending(path: model)).filter { $0.hasPrefix("seed_") }.map {
                "\(model)/\($0)"
            }
        }
        return (models + seeds).filter { !files(of: $0, in: layout).isEmpty }.sorted()
    }

    static func files(of model: String, in layout: JobLayout) -> [URL] {
        let folder = layout.predictions.appending(path: model)
        return entries(of: folder).filter { $0.hasSuffix(".h5") }.map { folder.appending(path: $0) }
    }

    /// What is on record of a file; nil where that is nothing.
    static func record(of file: URL, model: String, in layout: JobLayout) -> Outcome? {
        let slide = try? SlideID(file.deletingPathExtension().lastPathComponent)
        return slide.flatMap { layout.record(of: $0, stage: "predict_\(model)") }.flatMap {
            $0.outputs.isEmpty ? nil : $0
        }
    }

    private static func entries(of folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }
            .sorted()
    }
}
