/// Metrics of classification, exact and without libraries; nil where a metric is not defined for the sample.
public enum Metrics {
    /// Area under the ROC curve: the share of (positive, negative) pairs in the right order, ties counting half.
    ///
    /// nil without positives or without negatives.
    public static func auc(_ scores: [Double], positive: [Bool]) -> Double? {
        let positives = positive.count { $0 }
        let negatives = positive.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var rankSum = 0.0
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let meanRank = Double(start + end + 1) / 2
            rankSum += meanRank * Double(order[start..<end].count { positive[$0] })
            start = end
        }
        let count = Double(positives)
        return (rankSum - count * (count + 1) / 2) / (count * Double(negatives))
    }

    /// One class against the rest, mean over classes; a class that the sample lacks contributes 0 (as torchmetrics does).
    ///
    /// With two classes the AUC of class 1, nil where one of them is absent. nil too where only one class is there.
    public static func macroAUC(_ sample: [Judged]) -> Double? {
        guard let classes = sample.first?.probabilities.count else { return nil }
        func against(_ label: Int) -> Double? {
            auc(sample.map { $0.probabilities[label] }, positive: sample.map { $0.label == label })
        }
        if classes == 2 { return against(1) }
        let areas = (0..<classes).map(against)
        guard areas.contains(where: { $0 != nil }) else { return nil }
        return areas.reduce(0) { $0 + ($1 ?? 0) } / Double(classes)
    }

    /// Counts by true class (row) and decision (column).
    public static func confusion(_ sample: [Judged], classes: Int) -> [[Int]] {
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
        mean(
            confusion.indices.map { label in
                let decided = confusion.reduce(0) { $0 + $1[label] }
                return ratio(2 * confusion[label][label], decided + confusion[label].reduce(0, +))
            }
        )
    }

    /// Share of a class's slides that were decided right; nil without such slides.
    public static func recall(_ confusion: [[Int]], _ label: Int) -> Double? {
        ratio(confusion[label][label], confusion[label].reduce(0, +))
    }

    private static func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }

    private static func mean(_ values: [Double?]) -> Double? {
        let defined = values.compactMap { $0 }
        return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
    }
}

/// Youden's cut on the score of the positive class.
public struct YoudenCut: Equatable, Sendable {
    /// The lowest score that counts as positive.
    public var score: Double
    /// Half way between that score and the next lower one, so that a new score near the cut falls to the nearer side.
    public var threshold: Double
    /// Sensitivity + specificity − 1.
    public var index: Double

    /// The cut with the largest index, of equal ones the highest.
    ///
    /// nil where the sample lacks a class, or where no cut is better than calling every slide positive.
    public init?(_ scores: [Double], positive: [Bool]) {
        let positives = positive.count { $0 }
        let negatives = positive.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var (hits, alarms) = (0, 0)
        var best: YoudenCut?
        for (place, index) in order.enumerated() {
            if positive[index] { hits += 1 } else { alarms += 1 }
            guard place + 1 < order.count, scores[order[place + 1]] < scores[index] else { continue }
            let gain = Double(hits) / Double(positives) - Double(alarms) / Double(negatives)
            if gain > best?.index ?? 0 {
                best = YoudenCut(
                    score: scores[index],
                    threshold: (scores[index] + scores[order[place + 1]]) / 2,
                    index: gain
                )
            }
        }
        guard let best else { return nil }
        self = best
    }

    private init(score: Double, threshold: Double, index: Double) {
        self.score = score
        self.threshold = threshold
        self.index = index
    }
}
