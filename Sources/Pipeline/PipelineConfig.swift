public import Foundation
public import Records
import Storage

/// The slides of a study, their labels and how they are split.
public struct CohortConfig: Codable, Equatable, Sendable {
    /// A slide list (CSV) or a folder that is searched for slides; relative to the config file.
    public var slides: String
    /// CSV with the columns slide_id, case_id and label; relative to the config file.
    public var labels: String
    /// Class names in label order; for two classes the second is the positive one. Default: those that occur, sorted.
    public var classes: [String]?
    /// Folds by case; each slide is tested once.
    public var folds = 5
    /// Share of the training cases that is kept for validation.
    public var valFraction = 0.15
    /// Slides whose id matches this pattern (`*` and `?`) are the one test part; `folds` must then be 1.
    public var testSlides: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case slides, labels, classes, folds
        case valFraction = "val_fraction"
        case testSlides = "test_slides"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        slides = try reader.require(.slides)
        labels = try reader.require(.labels)
        try reader.read(.classes, into: &classes)
        try reader.read(.folds, into: &folds)
        try reader.read(.valFraction, into: &valFraction)
        try reader.read(.testSlides, into: &testSlides)
        try ConfigError.check(
            testSlides == nil ? (2...100).contains(folds) : folds == 1,
            reader.keyPath(.folds),
            testSlides == nil ? "2 to 100 folds are allowed" : "with test_slides there is one fold: write 1"
        )
        try ConfigError.check(
            valFraction > 0 && valFraction < 0.9,
            reader.keyPath(.valFraction),
            "a share between 0 and 0.9 is wanted"
        )
        if let classes {
            try ConfigError.check(
                classes.count >= 2 && Set(classes).count == classes.count,
                reader.keyPath(.classes),
                "two or more different class names are wanted"
            )
        }
    }
}

/// Which encoder makes the features that the model is trained on.
public struct FeaturesConfig: Codable, Equatable, Sendable {
    /// `he-texture-v1`, or the path of an encoder's JSON relative to the config file.
    public var encoder = "he-texture-v1"
    /// `auto`, `cpu` or `cuda`.
    public var device = Device.auto
    /// Of neural encoders that are no TorchScript.
    public var precision = Precision.auto

    enum CodingKeys: String, CodingKey, CaseIterable { case encoder, device, precision }

    public enum Device: String, ConfigChoice { case auto, cpu, cuda }

    public init() {}

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.encoder, into: &encoder)
        try reader.read(.device, into: &device)
        try reader.read(.precision, into: &precision)
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
        do { return try CanonicalJSON.read(PipelineConfig.self, from: url) } catch StorageError.malformed(
            let path,
            let reason
        ) {
            throw ConfigError(path, reason)
        }
    }
}
