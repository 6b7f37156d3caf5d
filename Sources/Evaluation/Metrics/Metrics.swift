/// Metrics of classification, exact and without libraries; nil where a metric is not defined for the sample.
public enum Metrics {
    /// Area under the ROC curve: the share of (positive, negative) pairs in the right order, ties counting half.
    ///
    /// nil without positives or without negatives.
    public static func auc(_ scores: [Double], positive: [Bool]) -> Double? {
        RankedScores(scores, positive: positive).auc(scores.map { _ in 1 })
    }

    /// Mean precision at every positive, in descending order of scores (non-interpolated; equal scores stand together).
    ///
    /// nil without positives.
    public static func averagePrecision(_ scores: [Double], positive: [Bool]) -> Double? {
        RankedScores(scores, positive: positive).averagePrecision(scores.map { _ in 1 })
    }

    /// One class against the rest: the scores for `label` and which slides are of it.
    public static func against(_ label: Int, _ sample: [JudgedClass]) -> (scores: [Double], positive: [Bool]) {
        (sample.map { $0.probabilities[label] }, sample.map { $0.label == label })
    }

    /// Mean AUC of every class against the rest; with two classes the AUC of class 1. nil where only one class is there.
    ///
    /// A class that the sample lacks contributes 0, as torchmetrics has it and the papers' selection relies on.
    public static func macroAUC(_ sample: [JudgedClass]) -> Double? {
        meanWithGapsAsZero(
            counted(sample).map { label in
                let (scores, positive) = against(label, sample)
                return auc(scores, positive: positive)
            }
        )
    }

    /// The classes whose one-against-rest metrics are averaged: with two classes the positive one alone.
    private static func counted(_ sample: [JudgedClass]) -> [Int] { counted(sample.first?.probabilities.count ?? 0) }

    static func counted(_ classes: Int) -> [Int] { classes == 2 ? [1] : Array(0..<classes) }

    /// nil where no value is defined.
    static func meanWithGapsAsZero(_ values: [Double?]) -> Double? {
        guard values.contains(where: { $0 != nil }) else { return nil }
        return values.reduce(0) { $0 + ($1 ?? 0) } / Double(values.count)
    }

    /// nil where one value is not defined.
    static func meanWithoutGaps(_ values: [Double?]) -> Double? {
        let defined = values.compactMap { $0 }
        return defined.count == values.count ? mean(values) : nil
    }

    /// Counts by true class (row) and decision (column).
    public static func confusion(_ sample: [JudgedClass], classes: Int) -> [[Int]] {
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        for judged in sample { counts[judged.label][judged.decision] += 1 }
        return counts
    }

    /// Share of right decisions; equal to the micro-averaged F1 where every slide has one class.
    public static func accuracy(_ confusion: [[Int]]) -> Double? {
        ratio(confusion.indices.reduce(0) { $0 + confusion[$1][$1] }, confusion.joined().reduce(0, +))
    }

    /// Mean recall of the classes that the sample has.
    public static func balancedAccuracy(_ confusion: [[Int]]) -> Double? {
        mean(confusion.indices.map { recall(confusion, $0) })
    }

    /// Mean F1 of the classes that occur among labels or decisions.
    public static func macroF1(_ confusion: [[Int]]) -> Double? {
        mean(confusion.indices.map { f1(confusion, $0) })
    }

    /// Share of a class's slides that were decided right; nil without such slides.
    public static func recall(_ confusion: [[Int]], _ label: Int) -> Double? {
        ratio(confusion[label][label], confusion[label].reduce(0, +))
    }

    /// Share of the slides decided for a class that are of it; nil without such decisions.
    public static func precision(_ confusion: [[Int]], _ label: Int) -> Double? {
        ratio(confusion[label][label], confusion.reduce(0) { $0 + $1[label] })
    }

    /// Share of the slides of all other classes that were not decided for this one; nil without such slides.
    public static func specificity(_ confusion: [[Int]], _ label: Int) -> Double? {
        let others = confusion.indices.filter { $0 != label }
        let wrong = others.reduce(0) { $0 + confusion[$1][label] }
        let all = others.reduce(0) { $0 + confusion[$1].reduce(0, +) }
        return ratio(all - wrong, all)
    }

    /// Harmonic mean of a class's precision and recall; nil where it occurs in neither labels nor decisions.
    public static func f1(_ confusion: [[Int]], _ label: Int) -> Double? {
        ratio(2 * confusion[label][label], confusion.reduce(0) { $0 + $1[label] } + confusion[label].reduce(0, +))
    }

    private static func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }

    private static func mean(_ values: [Double?]) -> Double? {
        let defined = values.compactMap { $0 }
        return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
    }
}
