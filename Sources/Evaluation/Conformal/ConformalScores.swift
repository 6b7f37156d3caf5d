/// How ill answers fit the truth in bags that a model was not trained on, from which sets and intervals for further ones are made.
struct ConformalScores {
    /// Rising, by class; of numbers one list.
    let byClass: [[Double]]

    init(_ byClass: [[Double]]) { self.byClass = byClass.map { $0.sorted() } }

    /// Of classes: 1 less the probability of the true class, apart by class, so that the guarantee holds in each.
    init(_ sample: [JudgedClass], classes: Int) {
        var scores = [[Double]](repeating: [], count: classes)
        for judged in sample { scores[judged.label].append(1 - judged.probabilities[judged.label]) }
        self.init(scores)
    }

    /// The share of the bags of a class, with one of that score among them, whose score is as large: (1 + k) / (n + 1).
    func p(_ score: Double, class label: Int) -> Double {
        let scores = byClass[label]
        // The first place of a score as large.
        var (low, high) = (0, scores.count)
        while low < high {
            let middle = (low + high) / 2
            if scores[middle] < score { low = middle + 1 } else { high = middle }
        }
        return Double(1 + scores.count - low) / Double(scores.count + 1)
    }

    /// The classes that cannot be ruled out at the rate `alpha`. Of a class with too few bags none can: it is in every set.
    func set(_ probabilities: [Double], alpha: Double) -> [Int] {
        probabilities.indices.filter { p(1 - probabilities[$0], class: $0) > alpha }
    }

    /// Half the width of an interval: the ⌈(n + 1)(1 − alpha)⌉-th smallest score; nil where there is none.
    func quantile(class label: Int = 0, alpha: Double) -> Double? {
        let place = Self.place(byClass[label].count, alpha: alpha)
        return place <= byClass[label].count ? byClass[label][place - 1] : nil
    }

    /// ⌈(n + 1)(1 − alpha)⌉, of a product that may end a hair above a whole number.
    static func place(_ count: Int, alpha: Double) -> Int {
        max(1, Int((Double(count + 1) * (1 - alpha) - 1e-9).rounded(.up)))
    }

    /// How few bags of a class can rule it out: 9 for 90 %, 19 for 95 %.
    static func least(alpha: Double) -> Int { (1...).first { place($0, alpha: alpha) <= $0 } ?? 1 }
}
