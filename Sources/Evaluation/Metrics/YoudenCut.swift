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
