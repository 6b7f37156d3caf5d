public import Config
import Files
public import Foundation
import Records
import Storage

/// Which features the model is trained on.
public struct FeaturesConfig: Codable, Equatable, Sendable {
    /// Features that are there already, such as another tool's: a folder, or one file for all slides; relative to the config
    /// file. Default: those that this job makes of its slides.
    public var path: String?
    /// `he-texture-v1`, or the path of an encoder's JSON relative to the config file. With `path`, the encoder's name; by
    /// default the one that the files tell.
    public var encoder: String? = "he-texture-v1"
    /// Side of a patch in level-0 pixels, for features at `path` that do not say it; default: from the distance of patches.
    public var patchSizeLevel0: Int?
    /// Of neural encoders.
    public var device = DeviceChoice.auto
    /// Of neural encoders that are no TorchScript.
    public var precision = Precision.auto

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path, encoder, device, precision
        case patchSizeLevel0 = "patch_size_level0"
    }

    /// Sides that a patch can have in level-0 pixels.
    public static let sides = 1...1_048_576

    public init() {}

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.path, into: &path)
        if path != nil { encoder = nil }
        try reader.read(.encoder, into: &encoder)
        try ConfigError.checkNotEmpty(path, reader.keyPath(.path))
        try ConfigError.checkNotEmpty(encoder, reader.keyPath(.encoder))
        try reader.read(.device, into: &device)
        try reader.read(.precision, into: &precision)
        try reader.read(.patchSizeLevel0, into: &patchSizeLevel0)
        try ConfigError.check(
            patchSizeLevel0.map(Self.sides.contains) ?? true,
            reader.keyPath(.patchSizeLevel0),
            "1 to 1048576 level-0 pixels are allowed"
        )
        try ConfigError.check(
            patchSizeLevel0 == nil || path != nil,
            reader.keyPath(.patchSizeLevel0),
            "features that this job makes say their side; leave this out"
        )
    }
}

/// A whole pipeline, from slides to heatmaps; defaults are the papers'.
public struct PipelineConfig: Codable, Equatable, Sendable {
    /// Names the folders of the model's results; default: the model's kind.
    public var name: String
    public var cohort: CohortConfig
    public var tiling = TilingConfig()
    public var features = FeaturesConfig()
    public var model: ModelConfig
    public var training = TrainingConfig()
    public var evaluation = EvaluationConfig()
    public var heatmap = HeatmapConfig()

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, cohort, tiling, features, model, training, evaluation, heatmap
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        cohort = try reader.require(.cohort)
        try reader.read(.tiling, into: &tiling)
        try tiling.validate(at: reader.keyPath(.tiling))
        try reader.read(.features, into: &features)
        try ConfigError.check(
            cohort.slides != nil || features.path != nil,
            "cohort.slides",
            "this key is required, unless features.path names features that are there already"
        )
        model = try reader.require(.model)
        try reader.read(.training, into: &training)
        try reader.read(.evaluation, into: &evaluation)
        try reader.read(.heatmap, into: &heatmap)
        name = model.kind.rawValue
        try reader.read(.name, into: &name)
        do { name = try SlideID(name).text } catch {
            throw ConfigError(reader.keyPath(.name), "a name that is safe as a folder is wanted")
        }
    }

    /// - Throws: `StorageError` for a missing file or bad JSON, `ConfigError` for what is in it; all are usage errors.
    public static func read(_ url: URL) throws -> PipelineConfig {
        do { return try CanonicalJSON.read(PipelineConfig.self, written: url) } catch StorageError.malformed(
            let path,
            let reason
        ) {
            throw ConfigError(path, reason)
        }
    }
}
