public import Config
import Files
public import Foundation
import Records
import Storage

/// A whole pipeline, from slides to heatmaps; defaults are the papers'.
public struct PipelineConfig: ConfigSection {
    /// Names the folders of the model's results.
    public var name = ""
    public var cohort = CohortConfig()
    public var tiling = TilingConfig()
    public var features = FeaturesConfig()
    public var model = ModelConfig.acmil(ACMILConfig())
    public var training = TrainingConfig()
    /// nil: `model` and `training` are what is trained.
    public var search: SearchConfig?
    public var evaluation = EvaluationConfig()
    public var heatmap = HeatmapConfig()
    public var stage: StagingConfig?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case name, cohort, tiling, features, model, training, search, evaluation, heatmap, stage
    }

    /// What no study is: cohort and model are required.
    public init() {}

    public static let words = """
        A study's config is one JSON file, for `wsi run`, `wsi train` and `wsi check`. A key that is not known here, or that \
        stands there twice, is an error; `null` counts as left out, and a key `$schema` at the top is ignored.
        """

    public static let fields: [Field] = [
        Field(
            .name,
            \.name,
            .text,
            "Names the folders of the model's results; safe as the name of a folder.",
            absent: "the model's `kind`"
        ),
        Field(.cohort, \.cohort, .section, "The slides, their labels and how they are split.", isRequired: true),
        Field(.tiling, \.tiling, .section, TilingConfig.words),
        Field(.features, \.features, .section, FeaturesConfig.words),
        Field(.model, \.model, .model, "Which model is trained.", isRequired: true),
        Field(.training, \.training, .section, TrainingConfig.words),
        Field(.search, \.search, .section, SearchConfig.words, absent: "`model` and `training` are what is trained"),
        Field(.evaluation, \.evaluation, .section, EvaluationConfig.words),
        Field(.heatmap, \.heatmap, .section, HeatmapConfig.words),
        Field(.stage, \.stage, .section, StagingConfig.words, absent: "as the user's settings say"),
    ]

    public static let rules = [
        Rule(
            "`cohort.slides` is there, or `features.path`.",
            path: "cohort.slides",
            "this key is required, unless features.path names features that are there already"
        ) { $0.cohort.slides != nil || $0.features.path != nil },
        Rule(
            "With `search`, `evaluation.protocol` is `honest`: candidates must not be compared on the test part.",
            path: "evaluation.protocol",
            "with search, paper would compare candidates on the test part; honest is wanted"
        ) { $0.search == nil || $0.evaluation.protocol == .honest },
    ]

    /// Every key, for the reference and the schema.
    public static let outline = ConfigOutline(PipelineConfig.self)

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self, ignoring: "$schema")
        self.init()
        try reader.read([.model], into: &self)
        name = model.kind.rawValue
        try reader.read(into: &self)
        do { name = try SlideID(name).text } catch {
            throw ConfigError(reader.keyPath(.name), "a name that is safe as a folder is wanted")
        }
        try check(at: reader.path)
        _ = try candidates
    }

    /// What every fold compares, in the order of their numbers; nil without a search.
    /// - Throws: `ConfigError` with the path of what cannot be tried.
    var candidates: [SearchCandidate]? {
        get throws { try search?.candidates(of: model, training) }
    }

    /// The configs that folds may be trained with: one, or with a search one for each candidate.
    var alternatives: [(candidate: SearchCandidate?, config: PipelineConfig)] {
        get throws {
            guard let candidates = try candidates else { return [(nil, self)] }
            return candidates.map { candidate in
                var config = self
                (config.model, config.training, config.search) = (candidate.model, candidate.training, nil)
                return (candidate, config)
            }
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
