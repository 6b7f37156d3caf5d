public import Foundation

/// Names inside a job folder; TRIDENT's where TRIDENT has one. No other file spells them.
public struct JobLayout: Sendable, Hashable {
    public let root: URL

    public init(root: URL) { self.root = root }

    /// The folders right in a job, besides those of its grids.
    public enum Folder: String, CaseIterable, Sendable {
        case thumbnails, contours
        case contoursGeoJSON = "contours_geojson"
        case outcomes
        /// Everything with a time, a host or a path in it; the only part that differs between two equal runs.
        case audit
        case training, predictions
        /// How maps hold when patches leave their bags.
        case faithfulness
        case heatmaps, reports, review
        /// Jobs of finer maps.
        case finer
        /// Of the job of finer maps: the parts of slides that were asked for.
        case regions
        /// What a look at the whole cohort found.
        case cohort
    }

    /// The files in `cohort`.
    public enum CohortFile: String, CaseIterable, Sendable {
        case report = "cohort.json"
        case page = "cohort.html"
        case slides = "slides.csv"
        case patches = "patches.csv"
    }

    public func cohort(_ file: CohortFile) -> URL { folder(.cohort).appending(path: file.rawValue) }

    /// Splits that leave out one group of a column at a time.
    public func leaveOut(_ column: String) -> URL { folder(.cohort).appending(path: "\(Self.leaveOutName)/\(column)") }

    public static let leaveOutName = "leave_out"

    /// The folders in `audit`.
    public enum AuditFolder: String, CaseIterable, Sendable {
        case runs, turns
        /// Where slides lie, where another tool's features do, and what predictions took from outside the job.
        case slides, features, predictions
        /// Which files were compared with their records, and have not been touched since.
        case seen
    }

    public func audit(_ folder: AuditFolder) -> URL { audit.appending(path: folder.rawValue) }

    public func folder(_ folder: Folder) -> URL { root.appending(path: folder.rawValue) }

    public var thumbnails: URL { folder(.thumbnails) }
    public var contours: URL { folder(.contours) }
    public var contoursGeoJSON: URL { folder(.contoursGeoJSON) }
    public var audit: URL { folder(.audit) }
    public var training: URL { folder(.training) }
    public var predictions: URL { folder(.predictions) }
    public var heatmaps: URL { folder(.heatmaps) }
    public var reports: URL { folder(.reports) }
    public var regions: URL { folder(.regions) }

    /// What reviewers have said; never replaced, only added to.
    public var decisions: URL { root.appending(path: Self.decisionsPath) }

    /// `decisions`, relative to the job.
    public static let decisionsPath = "\(Folder.review.rawValue)/decisions"
}

// What stages leave of their units.
extension JobLayout {
    public func outcomes(stage: StageName) -> URL { folder(.outcomes).appending(path: stage.text) }

    public func outcome(stage: StageName, _ unit: UnitID) -> URL {
        outcomes(stage: stage).appending(path: unit.fileName)
    }

    /// The file's path relative to the job.
    public static func outcomePath(stage: StageName, _ unit: UnitID) -> String {
        "\(Folder.outcomes.rawValue)/\(stage.text)/\(unit.fileName)"
    }

    /// Of a training with one seed, or of one among several.
    public func training(_ name: String, seed: UInt64? = nil) -> TrainingFolder {
        training(TrainingName(name, seed: seed))
    }

    public func training(_ name: TrainingName) -> TrainingFolder {
        TrainingFolder(training.appending(path: name.text), name, in: self)
    }

    /// A training's folder relative to the job, with a slash at its end: what the paths of its files begin with.
    public static func trainingPath(_ name: TrainingName) -> String { "\(Folder.training.rawValue)/\(name.text)/" }

    public func predictions(of name: TrainingName) -> URL { predictions.appending(path: name.text) }

    public func prediction(of name: TrainingName, _ slide: SlideID) -> URL {
        predictions(of: name).appending(path: Self.predictionName(slide))
    }

    /// What is known of a model's maps when patches leave the bags.
    public func faithfulness(of name: TrainingName) -> URL { folder(.faithfulness).appending(path: name.text) }

    /// Of one slide.
    public func faithfulness(of name: TrainingName, _ slide: SlideID) -> URL {
        faithfulness(of: name).appending(path: "slides/\(slide.text).json")
    }

    /// Of all slides together.
    public func faithfulnessSummary(of name: TrainingName) -> URL {
        faithfulness(of: name).appending(path: Self.faithfulnessSummaryName)
    }

    public static let faithfulnessSummaryName = "summary.json"

    public static func predictionName(_ slide: SlideID) -> String { "\(slide.text).h5" }

    /// - Parameter pictures: their name, the model's or one of flags that were given.
    public func heatmaps(_ pictures: String) -> URL { heatmaps.appending(path: pictures) }

    public func reports(_ pictures: String) -> URL { reports.appending(path: pictures) }

    public func decisions(about slide: SlideID) -> URL { decisions.appending(path: "\(slide.text).jsonl") }

    /// The parts of a slide that a finer map was asked for.
    public func regions(of slide: SlideID) -> URL { regions.appending(path: "\(slide.text).geojson") }

    /// The outlines of a slide's tissue, relative to the job, as outcomes name the file.
    public static func outlines(of slide: SlideID) -> String {
        "\(Folder.contoursGeoJSON.rawValue)/\(slide.text).geojson"
    }
}

// Patches and features.
extension JobLayout {
    /// The folder of one patch geometry, e.g. `20x_256px_0px_overlap` (20 = 10 / mpp).
    public func grids(mpp: Double, patchSize: Int, overlap: Int) -> URL {
        grid(Self.gridName(mpp: mpp, patchSize: patchSize, overlap: overlap))
    }

    public func grid(_ name: String) -> URL { root.appending(path: name) }

    public static func gridName(mpp: Double, patchSize: Int, overlap: Int) -> String {
        let magnification = 10 / mpp
        let shown =
            magnification == magnification.rounded()
            ? String(Int(magnification)) : String((magnification * 10_000).rounded() / 10_000)
        return "\(shown)x_\(patchSize)px_\(overlap)px_overlap"
    }

    /// Whether a folder may be a grid's.
    public static func isGridName(_ name: String) -> Bool {
        name.wholeMatch(of: /[0-9.e-]+x_\d+px_-?\d+px_overlap/) != nil
    }

    /// Side of a patch in pixels, of a grid's name; nil where that is none.
    public static func patchSize(ofGrid name: String) -> Int? {
        name.wholeMatch(of: /[0-9.e-]+x_(\d+)px_-?\d+px_overlap/).flatMap { Int($0.1) }
    }

    /// The folders of a grid.
    public enum GridFolder: Equatable, Sendable {
        case patches, visualization, quality
        case features(encoder: String)

        private static let featuresPrefix = "features_"

        public var name: String {
            switch self {
            case .patches: "patches"
            case .visualization: "visualization"
            case .quality: "quality"
            case .features(let encoder): Self.featuresPrefix + encoder
            }
        }

        /// nil for any other folder.
        public init?(name: String) {
            if name.hasPrefix(Self.featuresPrefix) {
                self = .features(encoder: String(name.dropFirst(Self.featuresPrefix.count)))
                return
            }
            let plain: [GridFolder] = [.patches, .visualization, .quality]
            guard let folder = plain.first(where: { $0.name == name }) else { return nil }
            self = folder
        }
    }

    /// A picture of a slide's patches, `ID.jpg`.
    public func picture(_ folder: GridFolder, in grid: URL, _ slide: SlideID) -> URL {
        grid.appending(path: "\(folder.name)/\(slide.text).jpg")
    }

    private static let patchesEnding = "_patches.h5"

    public func patches(in grid: URL, _ slide: SlideID) -> URL {
        grid.appending(path: "\(GridFolder.patches.name)/\(slide.text)\(Self.patchesEnding)")
    }

    /// Whether an output is a slide's file of patches.
    public static func isPatchFile(_ path: String) -> Bool { path.hasSuffix(patchesEnding) }

    public func features(in grid: URL, encoder: String) -> URL {
        grid.appending(path: GridFolder.features(encoder: encoder).name)
    }

    public func features(in grid: URL, encoder: String, _ slide: SlideID) -> URL {
        features(in: grid, encoder: encoder).appending(path: "\(slide.text).h5")
    }
}

// Jobs in a job.
extension JobLayout {
    /// The job of finer maps of this name.
    public func finer(_ name: String) -> JobLayout { JobLayout(root: folder(.finer).appending(path: name)) }

    /// The job whose finer maps this one holds, `JOB/finer/<name>`: features and trainings are that one's. nil for any other.
    public var owner: JobLayout? {
        let folder = root.standardizedFileURL.deletingLastPathComponent()
        guard folder.lastPathComponent == Folder.finer.rawValue else { return nil }
        return JobLayout(root: folder.deletingLastPathComponent())
    }
}
