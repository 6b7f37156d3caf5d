/// Scores in order, made ready to be counted with any weights: the areas of a bootstrap's resamples need no sorting anew.
struct RankedScores {
    /// Slides from the highest score to the lowest, equal ones together.
    private let groups: [[(slide: Int, isPositive: Bool)]]

    init(_ scores: [Double], positive: [Bool]) {
        var groups: [[(slide: Int, isPositive: Bool)]] = []
        var last: Double?
        for index in scores.indices.sorted(by: { (scores[$1], $0) < (scores[$0], $1) }) {
            if scores[index] != last { groups.append([]) }
            groups[groups.count - 1].append((index, positive[index]))
            last = scores[index]
        }
        self.groups = groups
    }

    /// Area under the ROC curve: the share of (positive, negative) pairs in the right order, ties counting half.
    ///
    /// nil without positives or without negatives.
    /// - Parameter weights: how often each slide counts, in the order of the scores.
    func auc(_ weights: [Int]) -> Double? {
        var (hits, alarms, doubled) = (0, 0, 0)
        for group in groups {
            let counts = counts(group, weights)
            doubled += counts.alarms * (2 * hits + counts.hits)
            hits += counts.hits
            alarms += counts.alarms
        }
        guard hits > 0, alarms > 0 else { return nil }
        return Double(doubled) / (2 * Double(hits) * Double(alarms))
    }

    /// Mean precision at every positive, in descending order of scores (non-interpolated; equal scores stand together).
    ///
    /// nil without positives.
    func averagePrecision(_ weights: [Int]) -> Double? {
        var (hits, all, sum) = (0, 0, 0.0)
        for group in groups {
            let counts = counts(group, weights)
            hits += counts.hits
            all += counts.hits + counts.alarms
            if counts.hits > 0 { sum += Double(counts.hits) * Double(hits) / Double(all) }
        }
        return hits > 0 ? sum / Double(hits) : nil
    }

    private func counts(_ group: [(slide: Int, isPositive: Bool)], _ weights: [Int]) -> (hits: Int, alarms: Int) {
        var (hits, alarms) = (0, 0)
        for entry in group {
            if entry.isPositive { hits += weights[entry.slide] } else { alarms += weights[entry.slide] }
        }
        return (hits, alarms)
    }
}
