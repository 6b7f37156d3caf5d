import Config
public import Evaluation
import Files
public import Foundation
public import Records
import Storage

/// How far a study came, for the last lines of `wsi train` and `wsi run`.
public struct StudyEnd: Sendable {
    public var status: ExitStatus
    /// nil where not every fold is there.
    public var training: TrainingEnd?
    /// Whether there are maps to look at.
    public var hasMaps = false
}

/// What a training came to.
public struct TrainingEnd: Equatable, Sendable {
    /// As `--model` takes it: of several seeds all of them.
    public var name: String
    public var unit: Cohort.Unit
    public var folds: Int
    /// Whose probabilities are averaged.
    public var seeds: Int
    /// Where several targets are asked the name of the one that the figure is of.
    public var target: String?
    /// The figure that stands for all, over the test parts of all folds.
    public var metric: Metric
    /// nil where it is not defined.
    public var value: Double?
    /// Bounds, lower and upper.
    public var interval: [Double]?
    public var confidence: Double
    /// What is to be known beside it, such as on how few pairs a C rests.
    public var note: String?
    public var report: URL
    /// Whether the job holds predictions of an earlier training, which only `--redo` replaces.
    public var hasOlderPredictions: Bool

    /// The head of `metrics.json`, of one seed and of several alike.
    private struct Metrics: Decodable {
        var auc: Double?
        var interval: [Double]?
        var headline: HeadlineFigure?
        var target: String?

        enum CodingKeys: String, CodingKey {
            case headline, target
            case auc = "slide_auc"
            case interval = "slide_auc_ci"
        }
    }

    /// - Parameter predicts: whether new predictions follow at once.
    /// - Throws: `StorageError` where its metrics are not there.
    init(of study: Study, in layout: JobLayout, predicts: Bool) throws {
        let runs = SeedRun.all(of: study.config, in: layout)
        let folder = layout.training(study.config.name)
        let metrics = try CanonicalJSON.read(Metrics.self, from: folder.file(.metrics))
        name = study.config.name
        unit = study.config.cohort.unit
        (folds, seeds, target) = (study.splits.count, runs.count, metrics.target)
        if let headline = metrics.headline {
            metric = Metric(rawValue: headline.metric) ?? .auc
            (value, interval, note) = (headline.value, headline.interval, headline.note)
        } else {
            (metric, value, interval, note) = (.auc, metrics.auc, metrics.interval, nil)
        }
        confidence = study.config.evaluation.confidence
        report = folder.file(.report)
        hasOlderPredictions = false
        if predicts { return }
        let lineage = Lineage(layout)
        hasOlderPredictions = runs.flatMap { (try? lineage.outcomes(.predict($0.name)).all) ?? [] }
            .contains { (try? lineage.changes(of: $0).isEmpty) == false }
    }
}
