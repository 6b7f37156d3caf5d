import Files
import Foundation
public import Records
import Storage

/// What a job knows of its slides at one moment; decisions are read anew each time.
public struct ReviewJob: Sendable {
    public struct SlideEntry: Sendable {
        public let id: SlideID
        /// Where the slide was tiled.
        let pyramid: TilePyramid?
        /// µm per level-0 pixel.
        let mpp: Double?
        /// `wsi_quality` of the patch file.
        let quality: JSONValue?
        /// What is known of it, where all models' trainings say the same.
        let label: String?
        public let caseID: String?
        /// By the name of the predictions.
        let forecasts: [String: Forecast]
        let state: SlideState
    }

    public let layout: JobLayout
    /// Sorted by id.
    public let slides: [SlideEntry]
    /// Names of predictions, sorted.
    public let models: [String]
    /// Of all models together, in their order.
    public let classes: [String]
    /// Results that cannot be read, or are not what was written.
    public let problems: [Failure]
    /// New with each change of what is shown.
    let version: String
    let predictions: KnownPredictions
    private let index: [SlideID: Int]

    /// - Parameters:
    ///   - notes: what is to be said of predictions, by their name and slide.
    ///   - before: an earlier state of the job, of which what has not changed is kept.
    /// - Throws: `Failure` for a job without slides.
    public init(_ layout: JobLayout, notes: [String: [SlideID: String]] = [:], before: ReviewJob? = nil) throws {
        var problems: [Failure] = []
        self.layout = layout
        predictions = try KnownPredictions(layout, before: before?.predictions)
        models = predictions.models
        var forecasts: [SlideID: [String: Forecast]] = [:]
        var grids: [SlideID: PatchGrid] = [:]
        var (labels, cases, classes) = ([SlideID: Set<String>](), [SlideID: String](), [String]())
        for model in models {
            var tests: TestRecords?
            do { tests = try TestRecords(model: TrainingName(text: model), in: layout) } catch {
                problems.append(Failure(error))
            }
            for (slide, label) in tests?.labels ?? [:] { labels[slide, default: []].insert(label) }
            cases.merge(tests?.cases ?? [:]) { $1 }
            for (slide, known) in predictions.entries[model] ?? [:] {
                var forecast = known.forecast
                forecast.ranges = tests?.ranges(of: slide, like: forecast) ?? forecast.ranges
                forecast.label = tests?.labels[slide]
                let said = [notes[model]?[slide], known.doubt].compactMap(\.self)
                forecast.note = said.isEmpty ? nil : said.joined(separator: "; ")
                forecasts[slide, default: [:]][model] = forecast
                grids[slide] = known.grid ?? grids[slide]
                // Of other kinds they are no classes that a reader could name.
                guard [.class, .ordinal].contains(forecast.answer.kind) else { continue }
                for name in forecast.classes where !classes.contains(name) { classes.append(name) }
            }
            problems += (predictions.problems[model] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        }
        self.classes = classes
        let tiled = try TiledSlides(layout)
        problems += tiled.problems
        let stages = try SlideState.stages(in: layout)
        let unshown = predictions.problems.values.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        let all = Set(forecasts.keys).union(tiled.slides.keys).union(unshown.keys).sorted()
        slides = all.map { id in
            let forecasts = forecasts[id] ?? [:]
            return SlideEntry(
                id: id,
                pyramid: tiled.slides[id]?.pyramid
                    ?? grids[id].map { TilePyramid(size: $0.slideSize, bounds: $0.bounds) },
                mpp: tiled.slides[id]?.mpp ?? grids[id]?.scale.mpp,
                quality: tiled.slides[id]?.quality,
                label: labels[id].flatMap { $0.count == 1 ? $0.first : nil },
                caseID: cases[id],
                forecasts: forecasts,
                state: forecasts.isEmpty
                    ? SlideState(of: id, in: layout, stages: stages, problem: unshown[id])
                    : .predicted(but: unshown[id])
            )
        }
        guard !slides.isEmpty else {
            throw Failure(.notFound, layout.root.path, "no slide is tiled or predicted in this job; run wsi tile first")
        }
        self.problems = problems
        version = try CanonicalJSON.fingerprint(slides.map { $0.forecasts })
        index = Dictionary(uniqueKeysWithValues: slides.enumerated().map { ($1.id, $0) })
    }

    /// The slide of this name; nil for one that is not of the job, whatever the name is.
    func slide(named name: String) -> SlideEntry? {
        (try? SlideID(name)).flatMap { index[$0] }.map { slides[$0] }
    }

    /// - Throws: `Failure` with `.digest` where it is another one than this state of the job knows.
    func prediction(_ model: String, of slide: SlideEntry) throws -> PredictionFile? {
        guard let forecast = slide.forecasts[model] else { return nil }
        let file = try PredictionFile(contentsOf: layout.prediction(of: TrainingName(text: model), slide.id))
        guard try file.shownDigest() == forecast.digest else {
            throw Failure(.digest, slide.id.text, "its prediction of \(model) has changed just now; look again")
        }
        return file
    }

    /// The small picture of a slide; nil where there is none.
    /// - Throws: `Failure` where it is not what was written.
    func thumbnail(of slide: SlideEntry) throws -> Data? {
        let file = layout.thumbnails.appending(path: "\(slide.id.text).jpg")
        // First of all: what a link leads to is not even compared.
        let read = Result { () throws(StorageError) in try RegularFile.data(file) }
        if case .failure(let error) = read, error.code != .notFound { throw error }
        try layout.record(of: slide.id, stage: .tile)?.check(in: layout) {
            $0.hasPrefix("\(JobLayout.Folder.thumbnails.rawValue)/")
        }
        return try? read.get()
    }
}
