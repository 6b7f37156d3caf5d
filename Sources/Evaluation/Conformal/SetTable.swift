import Config
import Files
import Records

/// `sets.csv`: of every tested bag the set of classes, or the interval of a number, that `ConformalSummary` sums up.
struct SetTable {
    private struct Row {
        var slide: SlideID
        var fold: Int
        var target: String?
        /// Of classes.
        var set: String?
        /// Of numbers; empty where the interval has no end.
        var low: String?
        var high: String?
    }

    /// With their names where there are several.
    let targets: [(name: String?, trained: TrainedFolds)]
    let evaluation: EvaluationConfig

    /// nil where neither sets nor intervals are told.
    var text: String? {
        guard let coverage = evaluation.coverage else { return nil }
        let rows = targets.flatMap { Self.rows($0.trained, target: $0.name, alpha: 1 - coverage) }
        guard !rows.isEmpty else { return nil }
        let known: [(name: String, cell: (Row) -> String?)] = [
            ("slide_id", { $0.slide.text }), ("fold", { "\($0.fold)" }), ("target", { $0.target }),
            ("set", { $0.set }), ("low", { $0.low }), ("high", { $0.high }),
        ]
        let columns = known.filter { column in rows.contains { column.cell($0) != nil } }
        return Table.text(
            header: columns.map(\.name),
            rows: rows.map { row in columns.map { $0.cell(row) ?? "" } }
        )
    }

    private static func rows(_ trained: TrainedFolds, target: String?, alpha: Double) -> [Row] {
        guard let parts = ConformalSummary.parts(trained)?.parts else { return [] }
        return zip(trained.folds, parts).flatMap { fold, part -> [Row] in
            let tested = fold.predictions.part("test")
            switch trained.kind {
            case .class:
                let scores = ConformalScores(part.calibrating.compactMap(\.ofClass), classes: trained.classes.count)
                return tested.compactMap { row in
                    guard let answer = row.judged.answer.ofClass else { return nil }
                    let set = scores.set(answer.probabilities, alpha: alpha).map { trained.classes[$0] }
                    return Row(
                        slide: row.slide,
                        fold: fold.card.fold,
                        target: target,
                        set: set.joined(separator: "|")
                    )
                }
            case .number:
                let scores = ConformalScores([ConformalSummary.residuals(part.calibrating)])
                let half = scores.quantile(alpha: alpha)
                return tested.compactMap { row in
                    guard let value = row.judged.answer.ofNumber?.value else { return nil }
                    return Row(
                        slide: row.slide,
                        fold: fold.card.fold,
                        target: target,
                        low: half.map { "\(value - $0)" } ?? "",
                        high: half.map { "\(value + $0)" } ?? ""
                    )
                }
            case .ordinal, .labels, .survival: return []
            }
        }
    }
}
