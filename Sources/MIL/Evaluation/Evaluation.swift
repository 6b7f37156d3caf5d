import Foundation
public import Records
import Storage

/// `wsi-compute evaluate`: judges a training by its folds' test parts, and writes the report.
public struct Evaluation {
    private let request: EvaluateRequest
    private let trained: TrainedFolds

    /// Reads the folds.
    /// - Throws: `Failure` with `.leakage` where a case stands on two sides of a fold; errors of files that do not fit.
    public init(_ request: EvaluateRequest) throws {
        self.request = request
        trained = try TrainedFolds(model: request.model, folds: request.folds)
    }

    public func run(progress: (ComputeProgress) -> Void) throws -> ComputeResult {
        var report = EvaluationReport(trained, evaluation: request.evaluation, seed: request.seed)
        report.patches = try request.patches.map { try localisation($0, progress) }
        report.controls = try controls(progress)
        let output = URL(filePath: request.output)
        try CanonicalJSON.write(report, to: output)
        var outputs = [output.path]
        if let page = request.page {
            let run = ReportPage.Run(seed: nil, trained: trained, report: report)
            let text = ReportPage(name: report.name, runs: [run], headline: report.pooled).text
            try AtomicFile.write(text, to: URL(filePath: page))
            outputs.append(page)
        }
        var figures: [String: Double] = [:]
        figures["slide_auc"] = report.pooled.auc.value
        figures["patch_auc"] = report.patches?.auc.value
        figures["control_auc"] = report.controlAUC
        return ComputeResult(outputs: outputs, figures: figures)
    }

    private func localisation(
        _ patches: EvaluateRequest.Patches,
        _ progress: (ComputeProgress) -> Void
    ) throws -> Localisation {
        let rows = trained.folds.flatMap { $0.predictions.part("test") }
        let judged = Dictionary(rows.map { ($0.slide, $0.judged) }, uniquingKeysWith: { first, _ in first })
        let bootstrap = Bootstrap(request.evaluation, seed: request.seed)
        return try Localisation(patches, judged: judged, bootstrap, progress: progress)
    }

    private func controls(_ progress: (ComputeProgress) -> Void) throws -> [String: Double?] {
        guard let wanted = request.controls else { return [:] }
        let control = ShortcutControl(folds: trained.folds.map(\.predictions))
        var areas: [String: Double?] = [:]
        for (name, table) in wanted.groups.sorted(by: { $0.key < $1.key }) {
            areas[name] = try control.auc(bySlide(table))
        }
        guard !wanted.features.isEmpty else { return areas }
        var means: [String: [Double]] = [:]
        let source = FeatureFileBags(wanted.features)
        for (index, name) in wanted.features.keys.sorted().enumerated() {
            let bag = try source.bag(SlideID(name)).checked(width: nil)
            if bag.count > 0 { means[name] = bag.meanFeatures }
            progress(ComputeProgress(unit: "slide", done: index + 1, total: wanted.features.count, subject: name))
        }
        areas["mean_features"] = try control.auc(bySlide(means))
        return areas
    }

    private func bySlide<Value>(_ table: [String: Value]) throws -> [SlideID: Value] {
        Dictionary(uniqueKeysWithValues: try table.map { (try SlideID($0), $1) })
    }
}
