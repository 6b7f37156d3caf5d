/// How ill answers fit the truth in cases that a model was not trained on, from which sets and intervals for further ones are made.
///
/// A case counts once, however many slides it has: each of them has its share of the case, and what is made holds for a slide that is drawn
/// from a case that is drawn (hierarchical conformal prediction: Lee, Barber and Willett, arXiv:2306.06342, section 3).
struct ConformalScores: Equatable {
    /// How ill one slide's answer fits.
    struct Score: Equatable {
        var caseID: String
        var value: Double
    }

    private struct OneClass: Equatable {
        /// Rising.
        var values: [Double] = []
        /// From each place on to the last: the cases that have a score as large, a case with some such slides for their share. One more than
        /// values.
        var cases: [Double] = [0]

        init(_ scores: [Score]) {
            let slides = Dictionary(grouping: scores, by: \.caseID).mapValues { Double($0.count) }
            let sorted = scores.sorted { ($0.value, $0.caseID) < ($1.value, $1.caseID) }
            values = sorted.map(\.value)
            for score in sorted.reversed() { cases.append(cases[cases.count - 1] + 1 / (slides[score.caseID] ?? 1)) }
            cases.reverse()
        }

        var count: Int { Int(cases[0].rounded()) }
    }

    /// What a share of cases may lie off by rounding.
    private static let slack = 1e-9

    private let byClass: [OneClass]

    /// - Parameter byClass: of numbers one list.
    init(_ byClass: [[Score]]) { self.byClass = byClass.map(OneClass.init) }

    /// Of classes: 1 less the probability of the true class, apart by class, so that the guarantee holds in each.
    init(_ sample: [JudgedClass], classes: Int) {
        var scores = [[Score]](repeating: [], count: classes)
        for judged in sample {
            scores[judged.label].append(
                Score(caseID: judged.caseID, value: 1 - judged.probabilities[judged.label])
            )
        }
        self.init(scores)
    }

    /// Cases of a class.
    func cases(class label: Int = 0) -> Int { byClass[label].count }

    /// The share of the cases of a class, with one of that score among them, whose score is as large: (1 + k) / (n + 1).
    func p(_ score: Double, class label: Int) -> Double {
        let (values, cases) = (byClass[label].values, byClass[label].cases)
        // The first place of a score as large.
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < score { low = middle + 1 } else { high = middle }
        }
        return (1 + cases[low]) / Double(byClass[label].count + 1)
    }

    /// The classes that cannot be ruled out at the rate `alpha`. Of a class with too few cases none can: it is in every set.
    func set(_ probabilities: [Double], alpha: Double) -> [Int] {
        // 1 − 0.9 is a hair below 0.1, at which a class is ruled out.
        probabilities.indices.filter { p(1 - probabilities[$0], class: $0) > alpha + Self.slack }
    }

    /// Half the width of an interval: the smallest score that (n + 1)(1 − alpha) of the n cases do not exceed; nil where there is none.
    func quantile(class label: Int = 0, alpha: Double) -> Double? {
        let (values, cases) = (byClass[label].values, byClass[label].cases)
        let wanted = Self.place(byClass[label].count, alpha: alpha)
        return values.indices.first { cases[0] - cases[$0 + 1] >= wanted }.map { values[$0] }
    }

    /// The rank of that score where each case has one slide: ⌈(n + 1)(1 − alpha)⌉, more than n where there is none.
    static func rank(_ count: Int, alpha: Double) -> Int { max(1, Int(place(count, alpha: alpha).rounded(.up))) }

    /// (n + 1)(1 − alpha), less what a sum of shares may lie below it.
    private static func place(_ count: Int, alpha: Double) -> Double { Double(count + 1) * (1 - alpha) - slack }

    /// How few cases of a class can rule it out: 9 for 90 %, 19 for 95 %.
    static func least(alpha: Double) -> Int { (1...).first { place($0, alpha: alpha) <= Double($0) } ?? 1 }

    /// What is proved of sets of `folds` folds of equal size that have n cases together, where every fold's own model scores the new case beside
    /// its own test part: 1 − 2α − min{2(1 − 1/K)/(n/K + 1), (1 − K/n)/(K + 1)}, and no less than 0 (Barber, Candès, Ramdas and Tibshirani,
    /// Ann. Stat. 49, 2021, theorem 4).
    static func guaranteed(alpha: Double, cases: Int, folds: Int) -> Double {
        guard folds > 1, cases >= folds else { return 0 }
        let (count, folds) = (Double(cases), Double(folds))
        let lost = min(2 * (1 - 1 / folds) / (count / folds + 1), (1 - folds / count) / (folds + 1))
        return max(0, 1 - 2 * alpha - lost)
    }
}
