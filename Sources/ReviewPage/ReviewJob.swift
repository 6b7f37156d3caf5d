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
    let models: [String]
    /// Results that could not be read; one line each.
    public let problems: [String]
    private let index: [SlideID: Int]

    /// - Throws: `Failure` for a job without slides.
    public init(_ layout: JobLayout) throws {
        var problems: [String] = []
        func tried<Value>(_ body: () throws -> Value) -> Value? {
            do { return try body() } catch {
                problems.append(Failure(error).description)
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
                guard let file = tried({ try PredictionFile(contentsOf: url) }) else { continue }
                let slide = file.prediction.slide
                forecasts[slide, default: [:]][model] = Forecast(
                    classes: file.classes,
                    probabilities: file.prediction.probabilities,
                    threshold: file.prediction.threshold,
                    ranges: tests?.ranges(of: slide, classes: file.classes),
                    patches: file.prediction.attention.count
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
        guard slide.forecasts[model] != nil else { return nil }
        return try PredictionFile(contentsOf: layout.predictions.appending(path: "\(model)/\(slide.id.text).h5"))
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

    private static func entries(of folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }
            .sorted()
    }
}
