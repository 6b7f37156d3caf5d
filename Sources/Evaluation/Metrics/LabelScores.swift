/// How well several labels of each row are told, each of them present, absent or not known, made ready to be computed with any
/// weights. What is not known counts for nothing.
struct LabelScores: Sendable {
    /// Scores of known entries, with the row of each.
    private struct Entries {
        var rows: [Int] = []
        var scores: [Double] = []
        var truth: [Bool] = []
        var decisions: [Bool] = []

        mutating func append(_ row: Int, _ score: Double, _ truth: Bool, _ decision: Bool) {
            rows.append(row)
            scores.append(score)
            self.truth.append(truth)
            decisions.append(decision)
        }
    }

    /// Entries in order of their scores.
    private struct Ranked {
        let entries: Entries
        let order: RankedScores
        let isFinite: Bool

        init(_ entries: Entries) {
            self.entries = entries
            order = RankedScores(entries.scores, positive: entries.truth)
            isFinite = entries.scores.allSatisfy(\.isFinite)
        }
    }

    /// One label's entries, for each label.
    private let labels: [Ranked]
    /// The entries of all labels together.
    private let pooled: Ranked

    /// O(n · labels · log).
    /// - Parameters:
    ///   - truth: of each row, each label; nil where it is not known.
    ///   - scores: of each row, each label; for the micro averages of one scale. A label of which one is not finite has no figure of order.
    ///   - decisions: of each row, each label.
    init(truth: [[Bool?]], scores: [[Double]], decisions: [[Bool]]) {
        var labels = [Entries](repeating: Entries(), count: truth.first?.count ?? 0)
        var pooled = Entries()
        for (row, entries) in truth.enumerated() {
            for (label, entry) in entries.enumerated() {
                guard let entry else { continue }
                labels[label].append(row, scores[row][label], entry, decisions[row][label])
                pooled.append(row, scores[row][label], entry, decisions[row][label])
            }
        }
        (self.labels, self.pooled) = (labels.map(Ranked.init), Ranked(pooled))
    }

    /// Of each label the area under the ROC curve; nil where it is present in all rows that are known, or in none.
    func areas(_ weights: [Int]) -> [Double?] { labels.map { area($0, weights) } }

    /// Of each label; nil where it is present in no row that is known.
    func averagePrecisions(_ weights: [Int]) -> [Double?] { labels.map { averagePrecision($0, weights) } }

    /// Of each label 2·TP / (2·TP + FP + FN); nil where it neither is present nor was decided for.
    func f1s(_ weights: [Int]) -> [Double?] { labels.map { f1($0, weights) } }

    /// The same of all entries of all labels counted together.
    func microArea(_ weights: [Int]) -> Double? { area(pooled, weights) }
    func microAveragePrecision(_ weights: [Int]) -> Double? { averagePrecision(pooled, weights) }
    func microF1(_ weights: [Int]) -> Double? { f1(pooled, weights) }

    /// Mean of the labels; with a label that has no figure there is none, so that resamples are all means of the same labels.
    static func macro(_ labels: [Double?]) -> Figure {
        let absent = labels.count(where: { $0 == nil })
        guard absent == 0 else { return .undefined("\(absent) of \(labels.count) labels have no value") }
        return labels.isEmpty
            ? .undefined("there are no labels")
            : .success(labels.reduce(0) { $0 + ($1 ?? 0) } / Double(labels.count))
    }

    private func own(_ ranked: Ranked, _ weights: [Int]) -> [Int] { ranked.entries.rows.map { weights[$0] } }

    private func area(_ ranked: Ranked, _ weights: [Int]) -> Double? {
        ranked.isFinite ? ranked.order.auc(own(ranked, weights)) : nil
    }

    private func averagePrecision(_ ranked: Ranked, _ weights: [Int]) -> Double? {
        ranked.isFinite ? ranked.order.averagePrecision(own(ranked, weights)) : nil
    }

    private func f1(_ ranked: Ranked, _ weights: [Int]) -> Double? {
        var (hits, wrong) = (0, 0)
        for (index, row) in ranked.entries.rows.enumerated() {
            switch (ranked.entries.truth[index], ranked.entries.decisions[index]) {
            case (true, true): hits += weights[row]
            case (false, false): break
            default: wrong += weights[row]
            }
        }
        return hits + wrong > 0 ? 2 * Double(hits) / Double(2 * hits + wrong) : nil
    }
}
