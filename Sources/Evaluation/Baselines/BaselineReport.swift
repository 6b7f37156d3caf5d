import Records

/// How a baseline does on the test parts of a training, and how far the model is ahead of it.
public struct BaselineReport: Codable, Equatable, Sendable {
    /// What the validation part of a fold has chosen.
    public struct Chosen: Codable, Equatable, Sendable {
        public var fold: Int
        public var penalty: Double?
        public var width: Double?
        public var reason: String?
    }

    public var baseline: Baseline
    /// For readers.
    public var title: String
    /// Of the pooled test parts; nil where a fold's baseline says nothing.
    public var pooled: MetricReport?
    /// The model's figure less the baseline's, with the interval of both on the same resampled cases.
    public var difference: MetricFigures?
    public var chosen: [Chosen]

    /// - Parameters:
    ///   - judged: what the model says of the test bags, in the order of the folds' tables.
    ///   - context: what the model's figures are made with.
    init?(_ baseline: Baseline, of trained: TrainedFolds, beside judged: [Judged], _ context: MetricContext) {
        let fits = trained.folds.map { fold in fold.baselines?.fits.first { $0.baseline == baseline } }
        let known = fits.compactMap { $0 }
        guard !known.isEmpty, known.count == fits.count else { return nil }
        self.baseline = baseline
        title = baseline.title(trained.kind)
        chosen = zip(trained.folds, known).map { fold, fit in
            Chosen(fold: fold.card.fold, penalty: fit.penalty, width: fit.width, reason: fit.reason)
        }
        let parts = zip(trained.folds, known).map { fold, fit in
            (fold: fold, fit: fit, test: Self.answered(fold.predictions.part("test"), fit, fold.card.fold))
        }
        let own = parts.flatMap(\.test).compactMap { $0 }
        guard own.count == judged.count, !own.isEmpty else { return }
        var ownContext = context
        if trained.kind == .survival {
            ownContext.survival.cut(
                by: parts.map { part in
                    // The papers' protocol may have no other validation part than the test part.
                    let rows = part.fold.predictions.part("validation")
                    return (part.fold.card.fold, Self.answered(rows, part.fit, part.fold.card.fold).compactMap { $0 })
                }
            )
        }
        pooled = MetricReport(own, classes: trained.classes, ownContext)
        difference = Self.difference(
            (judged, MetricSample(judged, classes: trained.classes, context)),
            MetricSample(own, classes: trained.classes, ownContext),
            classes: trained.classes.count,
            context
        )
    }

    private static func answered(_ rows: [FoldPredictions.Row], _ fit: FoldBaselines.Fit, _ fold: Int) -> [Judged?] {
        rows.map { row in
            fit[row.slide].map { Judged(caseID: row.judged.caseID, target: row.judged.target, answer: $0, group: fold) }
        }
    }

    private static func difference(
        _ model: (judged: [Judged], sample: MetricSample),
        _ baseline: MetricSample,
        classes: Int,
        _ context: MetricContext
    ) -> MetricFigures {
        let slots = MetricSlot.all(context.target, classes: classes, times: []).filter { slot in
            slot.hasInterval && [.whole, .asTrained].contains(slot.part) && slot.metric.places.contains(.spread)
        }
        let estimates = Bootstrap(context.evaluation, seed: context.seed).estimates(
            cases: model.judged.map(\.caseID),
            undefined: slots.map { _ in "not defined for one of both" }
        ) { weights in
            let (own, other) = (model.sample.weighted(weights), baseline.weighted(weights))
            return slots.map { slot in
                slot.value(of: own).flatMap { value in slot.value(of: other).map { value - $0 } }
            }
        }
        return MetricFigures(Dictionary(uniqueKeysWithValues: zip(slots.map(\.metric), estimates)))
    }
}

extension BaselineReport {
    /// All of a training; nil where a fold has none, which those of earlier versions have not.
    static func all(_ trained: TrainedFolds, beside judged: [Judged], _ context: MetricContext) -> [BaselineReport]? {
        let reports = Baseline.allCases.compactMap { BaselineReport($0, of: trained, beside: judged, context) }
        return reports.isEmpty ? nil : reports
    }

    /// By the figure that stands for the report.
    public enum Verdict: Sendable { case ahead, notAhead, behind, unknown }

    /// Whether the interval of the difference has the model ahead.
    public var verdict: Verdict {
        guard let metric = pooled?.headline.metric, let estimate = difference?[metric],
            let bounds = estimate.interval, bounds.count == 2
        else { return .unknown }
        let (low, high) = metric.direction == .higher ? (bounds[0], bounds[1]) : (-bounds[1], -bounds[0])
        return low > 0 ? .ahead : high < 0 ? .behind : .notAhead
    }

    /// What the model is worth beside all of them, in a sentence.
    public static func sentence(_ reports: [BaselineReport]) -> String {
        func titles(_ verdict: Verdict) -> String {
            reports.filter { $0.verdict == verdict }.map(\.title).joined(separator: ", ")
        }
        let metric = reports.lazy.compactMap { $0.pooled?.headline.metric.title }.first ?? ""
        let (behind, notAhead) = (titles(.behind), titles(.notAhead))
        let sentences = [
            behind.isEmpty ? "" : "The model is behind: \(behind).",
            notAhead.isEmpty ? "" : "It is not shown that the model beats: \(notAhead).",
            !reports.isEmpty && reports.allSatisfy { $0.verdict == .ahead }
                ? "The model beats each of these baselines by its \(metric)." : "",
        ]
        return sentences.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
