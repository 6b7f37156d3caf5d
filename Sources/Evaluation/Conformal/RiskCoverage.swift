import Config
import Records

/// Accuracy where only the surest bags are answered: what abstaining would gain (El-Yaniv and Wiener, JMLR 11, 2010).
public struct RiskCoverage: Codable, Equatable, Sendable {
    public struct Point: Codable, Equatable, Sendable {
        /// Share of the bags that are answered, those with the largest probability of a class.
        public var coverage: Double
        public var accuracy: Estimate
    }

    public var points: [Point]

    /// nil where no class is asked.
    init?(_ sample: [Judged], _ evaluation: EvaluationConfig, seed: UInt64) {
        let judged = sample.compactMap(\.ofClass)
        guard !judged.isEmpty, judged.count == sample.count else { return nil }
        let sure = judged.map { $0.probabilities.max() ?? 0 }
        let order = judged.indices.sorted { (sure[$1], $0) < (sure[$0], $1) }
        let shares = (1...10).map { Double($0) / 10 }
        let estimates = Bootstrap(evaluation, seed: seed).estimates(
            cases: judged.map(\.caseID),
            undefined: shares.map { _ in "no bag is answered" }
        ) { weights in
            let all = weights.reduce(0, +)
            var (answered, right, place) = (0, 0, 0)
            return shares.map { share in
                let wanted = max(1, Int((share * Double(all)).rounded()))
                while place < order.count, answered < wanted {
                    let bag = judged[order[place]]
                    answered += weights[order[place]]
                    right += bag.label == bag.decision ? weights[order[place]] : 0
                    place += 1
                }
                return answered > 0 ? Double(right) / Double(answered) : nil
            }
        }
        points = zip(shares, estimates).map { Point(coverage: $0, accuracy: $1) }
    }
}
