public import Config
public import Foundation
public import Records
import Storage

/// Numbers of slides that should not give the class away, for shortcut controls.
public struct ShortcutNumbers: Sendable {
    /// Named groups of numbers by slide, such as `mean_colour` → slide → [r, g, b].
    public var groups: [String: [SlideID: [Double]]]
    /// Feature file by slide, for the control on a slide's mean features; empty: without it.
    public var features: [SlideID: URL]

    public init(groups: [String: [SlideID: [Double]]], features: [SlideID: URL]) {
        self.groups = groups
        self.features = features
    }
}

/// A training that is judged by its folds' test parts.
public struct TrainingEvaluation {
    private let trained: TrainedFolds
    /// Of several targets each one's own.
    private let targets: [(name: String, trained: TrainedFolds)]
    private let evaluation: EvaluationConfig
    private let seed: UInt64

    /// Reads the folds.
    /// - Parameters:
    ///   - model: `JOB/training/<name>`, which holds the folders `fold_K`.
    ///   - seed: of the bootstrap.
    /// - Throws: `Failure` with `.leakage` where a case stands on two sides of a fold; errors of files that do not fit.
    public init(model: URL, folds: [Int], evaluation: EvaluationConfig, seed: UInt64) throws {
        trained = try TrainedFolds(model: model.path, folds: folds)
        targets = try (trained.targets ?? []).map { name in
            (name, try TrainedFolds(model: model.path, folds: folds, target: name))
        }
        (self.evaluation, self.seed) = (evaluation, seed)
    }

    /// Pooled out-of-fold metrics, and what else the evidence supports.
    /// - Throws: errors of predictions, annotations and features that cannot be used.
    public func report(maps: AnnotatedMaps? = nil, controls: ShortcutNumbers? = nil) throws -> EvaluationReport {
        var report = EvaluationReport(trained, evaluation: evaluation, seed: seed)
        if let first = targets.first {
            report.target = first.name
            report.targets = Dictionary(
                uniqueKeysWithValues: targets.map {
                    ($0.name, EvaluationReport($0.trained, evaluation: evaluation, seed: seed))
                }
            )
        }
        report.patches = try maps.map(localisation)
        report.controls = try controls.map(areas) ?? [:]
        return report
    }

    /// Every candidate of every fold as CSV; nil without a search.
    public var searchTable: String? { SearchTable(cards: trained.folds.map(\.card)).text }

    /// Of every tested bag its set of classes, or its interval of a number, as CSV; nil where none are told.
    public var setTable: String? {
        let asked: [(name: String?, trained: TrainedFolds)] =
            targets.isEmpty ? [(nil, trained)] : targets.map { ($0.name, $0.trained) }
        return SetTable(targets: asked, evaluation: evaluation).text
    }

    /// The report as a page that needs nothing else.
    public func page(of report: EvaluationReport) -> String {
        let run = ReportPage.Run(seed: nil, trained: trained, report: report)
        var page = ReportPage(name: report.name, runs: [run], headline: report.pooled, baselines: report.baselines)
        page.targets = targets.map(\.name)
        return page.text
    }

    /// A page for each of several targets beside the first, by its name.
    public func furtherPages(of report: EvaluationReport) -> [(target: String, page: String)] {
        targets.dropFirst().compactMap { name, trained in
            guard let own = report.targets?[name] else { return nil }
            let run = ReportPage.Run(seed: nil, trained: trained, report: own)
            var page = ReportPage(name: report.name, runs: [run], headline: own.pooled, baselines: own.baselines)
            (page.targets, page.target) = (targets.map(\.name), name)
            return (name, page.text)
        }
    }

    private func localisation(_ maps: AnnotatedMaps) throws -> Localisation {
        let rows = trained.folds.flatMap { $0.predictions.part("test") }
        let judged = Dictionary(rows.map { ($0.slide, $0.judged.ofClass) }, uniquingKeysWith: { first, _ in first })
            .compactMapValues { $0 }
        let caseIDs = Dictionary(rows.map { ($0.slide, $0.judged.caseID) }, uniquingKeysWith: { first, _ in first })
        return try Localisation(maps, judged: judged, caseIDs: caseIDs, Bootstrap(evaluation, seed: seed))
    }

    private func areas(_ numbers: ShortcutNumbers) throws -> [String: Double?] {
        let control = ShortcutControl(folds: trained.folds.map(\.predictions))
        var areas: [String: Double?] = [:]
        for (name, table) in numbers.groups.sorted(by: { $0.key < $1.key }) { areas[name] = try control.auc(table) }
        guard !numbers.features.isEmpty else { return areas }
        var means: [SlideID: [Double]] = [:]
        let paths = numbers.features.map { ($0.key.text, $0.value.path) }
        let source = FeatureFileBags(Dictionary(uniqueKeysWithValues: paths))
        for slide in numbers.features.keys.sorted() {
            let bag = try source.bag(slide).checked(width: nil)
            if bag.count > 0 { means[slide] = bag.meanFeatures }
        }
        areas["mean_features"] = try control.auc(means)
        return areas
    }
}
