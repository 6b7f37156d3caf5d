/// The curves of a sample that the report draws.
enum Curves {
    /// False positive rate and true positive rate at every threshold; empty where a class is absent.
    static func roc(_ scores: [Double], positive: [Bool]) -> [(x: Double, y: Double)] {
        let positives = Double(positive.count { $0 })
        let negatives = Double(positive.count) - positives
        guard positives > 0, negatives > 0 else { return [] }
        return [(0, 0)]
            + steps(scores, positive).map { (Double($0.alarms) / negatives, Double($0.hits) / positives) }
    }

    /// Recall and precision at every threshold, as steps, whose area is the average precision; empty without positives.
    static func precisionRecall(_ scores: [Double], positive: [Bool]) -> [(x: Double, y: Double)] {
        let positives = Double(positive.count { $0 })
        guard positives > 0 else { return [] }
        var recall = 0.0
        return steps(scores, positive).flatMap { step in
            let next = (x: Double(step.hits) / positives, y: Double(step.hits) / Double(step.hits + step.alarms))
            defer { recall = next.x }
            return [(recall, next.y), next]
        }
    }

    /// Positives and negatives at or above every different score, from the highest.
    private static func steps(_ scores: [Double], _ positive: [Bool]) -> [(hits: Int, alarms: Int)] {
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var (hits, alarms) = (0, 0)
        var steps: [(hits: Int, alarms: Int)] = []
        for (place, index) in order.enumerated() {
            if positive[index] { hits += 1 } else { alarms += 1 }
            if place + 1 == order.count || scores[order[place + 1]] < scores[index] { steps.append((hits, alarms)) }
        }
        return steps
    }
}
