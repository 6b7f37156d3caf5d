public import Config

/// `metrics.json` of a training with several seeds.
public struct SummaryReport: Codable, Equatable {
    public struct Seed: Codable, Equatable {
        public var seed: UInt64
        public var pooled: MetricReport
        public var overFolds: [String: EvaluationReport.Spread]
        /// As in the `metrics.json` of one seed.
        public var patches: Localisation?

        enum CodingKeys: String, CodingKey {
            case seed, pooled, patches
            case overFolds = "over_folds"
        }
    }

    public var name: String
    public var classes: [String]
    /// How epoch and threshold were chosen.
    public var `protocol`: EvaluationConfig.Convention
    /// Of the averaged probabilities.
    public var slideAUC: Double?
    public var slideAUCInterval: [Double]?
    /// nil where classes are asked.
    public var headline: HeadlineFigure?
    public var seeds: [Seed]
    /// Of the pooled metrics.
    public var overSeeds: [String: EvaluationReport.Spread]
    public var overFoldsAndSeeds: [String: EvaluationReport.Spread]
    /// Every test slide's mean probability over the seeds.
    public var averaged: MetricReport
    /// Which models that is of, and how sure it is; nil in summaries of earlier versions.
    public var ensemble: SeedEnsemble?
    /// Beside the averaged figures.
    public var baselines: [BaselineReport]?
    /// They do not depend on the seed; nil where none were asked for.
    public var controls: [String: Double?]?
    /// As in the `metrics.json` of one seed, of all of them.
    public var search: SearchSummary?
    /// As in the `metrics.json` of one seed.
    public var target: String?
    public var targets: [String: SummaryReport]?

    enum CodingKeys: String, CodingKey {
        case name, classes, `protocol`, seeds, averaged, headline, ensemble, baselines, controls, search, target,
            targets
        case slideAUC = "slide_auc"
        case slideAUCInterval = "slide_auc_ci"
        case overSeeds = "over_seeds"
        case overFoldsAndSeeds = "over_folds_and_seeds"
    }
}
