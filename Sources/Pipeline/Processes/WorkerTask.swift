public import Config
public import Foundation
public import Records
import Slides

/// What one `wsi worker` process does: one stage of one slide.
public enum WorkerTask: Codable, Sendable {
    case tile(TileTask)
    case features(FeatureTask)
    case heatmap(HeatmapTask)
    case survey(SurveyTask)
    case view(ViewTask)

    /// The slide that it reads.
    var slidePath: String {
        switch self {
        case .tile(let task): task.entry.path
        case .features(let task): task.source.slidePath
        case .heatmap(let task): task.slidePath
        case .survey(let task): task.slidePath
        case .view(let task): task.slidePath
        }
    }
}

/// The question to a worker.
public struct WorkerRequest: Codable, Sendable {
    public var task: WorkerTask
    /// Limit on the worker's address space in bytes.
    public var memoryLimit: Int
    /// Of a slide in DICOM its files: a worker for each slide of a folder would go through all of its headers again.
    private let series: [String]?

    /// Looks for the slide's files, on a thread that no other task needs.
    public init(task: WorkerTask, memoryLimit: Int) async throws {
        self.task = task
        self.memoryLimit = memoryLimit
        let path = task.slidePath
        series = try await BlockingWork.run { _ in DICOMFolder.series(ofSlideAt: path) }
    }

    /// Has the worker know what its parent knows of the slide.
    public func tell() { if let series { DICOMFolder.tell(series, ofSlideAt: task.slidePath) } }
}

/// A word of a worker; its last words are the outcomes, in the order of its job's results.
public enum WorkerMessage: Codable, Sendable {
    /// So many more patches are done.
    case patches(Int)
    /// The slide is read; what is left waits for the encoders.
    case hasRead
    /// Where its time went, and the most resident bytes it had.
    case spent(WorkTimes, peakMemory: Int)
    case outcome(Outcome)
    /// The process that encodes is gone or does not answer: the slide has to be read again, and there are no outcomes.
    case encoderLost(Failure)
}

/// What a worker ends with whose encoders are gone.
public struct EncoderLost: Error {
    public var failure: Failure

    public init(_ failure: Failure) { self.failure = failure }
}

public struct TileTask: Codable, Sendable {
    public var entry: SlideEntry
    public var tiling: TilingConfig
    /// The slide's file of `tiling.regions`.
    public var regions: URL?
    public var job: URL
    public var fingerprint: Fingerprint
}

/// Reads a slide's patches once and has every encoder turn them into features.
public struct FeatureTask: Codable, Sendable {
    public var source: PatchSource
    public var outputs: [FeatureOutput]
    /// Of the `wsi-compute` process that holds the neural encoders; nil where none is asked for.
    public var socket: String?
}

/// The features of one slide by one encoder.
public struct FeatureOutput: Codable, Sendable {
    public var encoder: EncoderIdentity
    public var features: URL
    public var fingerprint: Fingerprint
    /// The encoder's place among those of `wsi-compute`; nil for the built-in one, which the worker computes itself.
    public var place: Int?
}

/// The patches of one tiled slide.
public struct PatchSource: Codable, Sendable {
    public var slide: SlideID
    public var slidePath: String
    public var patches: URL
    public var job: URL
    /// With which it was tiled.
    public var rules = ReadingRules()
}

public struct HeatmapTask: Codable, Sendable {
    public var slide: SlideID
    /// Name of the pictures.
    public var name: String
    public var output: HeatmapConfig.Output
    public var slidePath: String
    /// Whose predictions are drawn: one, or one of each seed.
    public var models: [TrainingName]
    /// Whether the parts in the job's regions are drawn, each alone, and not the whole slide.
    public var drawsRegions: Bool
    public var job: URL
    public var heatmap: HeatmapConfig
    public var fingerprint: Fingerprint
    /// With which the slide was tiled.
    public var rules = ReadingRules()

    var layout: JobLayout { JobLayout(root: job) }
    /// One file, or one of each seed.
    var predictions: [URL] { models.map { layout.prediction(of: $0, slide) } }
    var regions: URL? { drawsRegions ? layout.regions(of: slide) : nil }
    var folder: URL { output.folder(pictures: name, in: layout) }
}

/// The name and content of an encoder, as recorded in feature files.
public struct EncoderIdentity: Codable, Equatable, Sendable {
    public var name: String
    /// SHA-256 of the weights; for built-in encoders their name, which is their version.
    public var digest: String
    /// D.
    public var width: Int
    /// Side in pixels that the encoder takes; nil takes any.
    public var input: Int?
    public var licence: String
    /// What is done to a patch before the encoder sees it; nil where that is not known.
    public var preprocessing: String?

    public init(
        name: String,
        digest: String,
        width: Int,
        input: Int?,
        licence: String,
        preprocessing: String? = nil
    ) {
        self.name = name
        self.digest = digest
        self.width = width
        self.input = input
        self.licence = licence
        self.preprocessing = preprocessing
    }

    /// As feature files have it.
    var facts: PatchFacts.Encoder {
        PatchFacts.Encoder(name: name, digest: digest, preprocessing: preprocessing, licence: licence)
    }
}
