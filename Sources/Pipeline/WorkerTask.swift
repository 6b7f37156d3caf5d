public import Foundation
public import Records

/// What one `wsi worker` process does: one stage of one slide. Sent to it as one line of JSON.
public enum WorkerTask: Codable, Sendable {
    case tile(TileTask)
    case texture(TextureTask)
    case pixels(PixelTask)
    case heatmap(HeatmapTask)
    case view(ViewTask)
}

public struct WorkerRequest: Codable, Sendable {
    public var task: WorkerTask
    /// Limit on the worker's address space in bytes.
    public var memoryLimit: Int

    public init(task: WorkerTask, memoryLimit: Int) {
        self.task = task
        self.memoryLimit = memoryLimit
    }
}

/// What a worker says, one line of JSON each; the outcome is its last word.
public enum WorkerMessage: Codable, Sendable {
    /// So many more patches are done.
    case patches(Int)
    case outcome(Outcome)
}

public struct TileTask: Codable, Sendable {
    public var entry: SlideEntry
    public var tiling: TilingConfig
    public var job: URL
    public var fingerprint: Fingerprint
}

public struct TextureTask: Codable, Sendable {
    public var source: PatchSource
    public var encoder: EncoderIdentity
    public var fingerprint: Fingerprint
}

/// Sends a slide's patches to the `wsi-compute` process that listens on `socket`.
public struct PixelTask: Codable, Sendable {
    public var source: PatchSource
    public var encoder: EncoderIdentity
    public var socket: String
    public var fingerprint: Fingerprint
}

/// The patches of one tiled slide and where its features go.
public struct PatchSource: Codable, Sendable {
    public var slide: SlideID
    public var slidePath: String
    public var patches: URL
    public var features: URL
    public var job: URL
}

public struct HeatmapTask: Codable, Sendable {
    public var slide: SlideID
    /// Name of the pictures.
    public var name: String
    public var output: HeatmapConfig.Output
    public var slidePath: String
    public var prediction: URL
    public var folder: URL
    public var job: URL
    public var heatmap: HeatmapConfig
    public var fingerprint: Fingerprint
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

    public init(name: String, digest: String, width: Int, input: Int?, licence: String) {
        self.name = name
        self.digest = digest
        self.width = width
        self.input = input
        self.licence = licence
    }
}
