import Foundation
public import Records
import Storage

/// `wsi-compute evaluate`: judges a training by its folds' test parts, and writes the report.
public struct Evaluation {
    private let request: EvaluateRequest
    private let folds: [(card: CheckpointCard, predictions: FoldPredictions)]

    /// Reads the folds.
    /// - Throws: `Failure` with `.leakage` where a case stands on two sides of a fold; errors of files that do not fit.
    public init(_ request: EvaluateRequest) throws {
        self.request = request
        let model = URL(filePath: request.model, directoryHint: .isDirectory)
        folds = try request.folds.sorted().map { fold in
            let folder = model.appending(path: "fold_\(fold)")
            let card = try CanonicalJSON.read(CheckpointCard.self, from: folder.appending(path: Checkpoint.cardName))
            return (card, try FoldPredictions(folder: folder, classes: card.classes))
        }
        guard let first = folds.first?.card else {
            throw MILError.unusable(subject: request.model, reason: "no fold was named; train first")
        }
        if let other = folds.first(where: { $0.card.classes != first.classes })?.card {
            throw MILError.checkpoint(
                path: "\(request.model)/fold_\(other.fold)",
                reason: "its classes are not those of fold \(first.fold)"
            )
        }
        for (card, predictions) in folds { try Self.checkSides(card.fold, predictions) }
    }

    public func run(progress: (ComputeProgress) -> Void) throws -> ComputeResult {
        guard let first = folds.first?.card else { return ComputeResult() }
        let classes = first.classes.count
        func report(_ sample: [Judged]) -> MetricReport {
            MetricReport(sample, classes: classes, evaluation: request.evaluation, seed: request.seed)
        }
        let report = EvaluationReport(
            name: first.name,
            classes: first.classes,
            pooled: report(folds.flatMap { $0.predictions.part("test").map(\.judged) }),
            folds: folds.map { card, predictions in
                EvaluationReport.Fold(
                    fold: card.fold,
                    epoch: card.epoch,
                    threshold: card.threshold,
                    test: report(predictions.part("test").map(\.judged))
                )
            },
            patches: try request.patches.map { try PatchRanking($0, progress: progress) },
            controls: try controls(progress)
        )
        let output = URL(filePath: request.output)
        try CanonicalJSON.write(report, to: output)
        var figures: [String: Double] = [:]
        figures["slide_auc"] = report.pooled.auc.value
        figures["patch_auc"] = report.patches?.meanAUC
        figures["control_auc"] = report.controlAUC
        return ComputeResult(outputs: [output.path], figures: figures)
    }

    private func controls(_ progress: (ComputeProgress) -> Void) throws -> [String: Double?] {
        guard let wanted = request.controls else { return [:] }
        let control = ShortcutControl(folds: folds.map(\.predictions))
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

    /// The split is checked again where its numbers are reported.
    private static func checkSides(_ fold: Int, _ predictions: FoldPredictions) throws {
        let sides = Dictionary(grouping: predictions.rows, by: \.judged.caseID).mapValues { Set($0.map(\.part)) }
        if let leak = sides.filter({ $0.value.count > 1 }).keys.min() {
            throw Failure(.leakage, leak, "fold \(fold) has slides of this case on two sides; keep a case on one side")
        }
    }
}
