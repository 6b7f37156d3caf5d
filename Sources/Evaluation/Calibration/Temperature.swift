import Foundation

/// Temperature scaling (Guo et al., ICML 2017): logits are divided by T, which changes no decision by the most probable
/// class.
public struct Temperature: Codable, Equatable, Sendable {
    /// How T came about.
    public enum Source: String, Codable, Sendable {
        /// It has the smallest log loss.
        case smallestLoss = "smallest_log_loss"
        /// The sample is told apart without a fault, so that ever smaller T would be ever better and none is best: 1, which
        /// leaves probabilities as they are.
        case separable
        /// The best T lies beyond an end of the range and stands at it.
        case endOfRange = "end_of_range"
    }

    /// T
    public var value: Double
    public var source: Source

    /// T is looked for from 1/20 to 20.
    static let range = 0.05...20.0

    init(value: Double, source: Source = .smallestLoss) {
        self.value = value
        self.source = source
    }

    /// The T with the smallest log loss on `sample`, by golden-section search over 1/T, in which the loss is convex.
    ///
    /// nil without a sample, or where it holds one class alone.
    public init?(fittedOn sample: [JudgedClass]) {
        guard Set(sample.map(\.label)).count > 1 else { return nil }
        guard sample.contains(where: { $0.probabilities.mostProbable != $0.label }) else {
            self.init(value: 1, source: .separable)
            return
        }
        func loss(_ inverse: Double) -> Double {
            let scaling = Temperature(value: 1 / inverse)
            return sample.reduce(0) { $0 - scaling.logProbability(of: $1.label, in: $1.probabilities) }
        }
        var (low, high) = (1 / Self.range.upperBound, 1 / Self.range.lowerBound)
        let golden = (5.0.squareRoot() - 1) / 2
        for _ in 0..<100 {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low))
            if loss(left) < loss(right) { high = right } else { low = left }
        }
        let inverse = (low + high) / 2
        let (value, margin) = (1 / inverse, 1e-6)
        let isInside = value > Self.range.lowerBound * (1 + margin) && value < Self.range.upperBound * (1 - margin)
        self.init(value: value, source: isInside ? .smallestLoss : .endOfRange)
    }

    /// softmax(logits / T), from the probabilities of T = 1.
    public func scaled(_ probabilities: [Double]) -> [Double] { softmax(Self.logits(probabilities).map { $0 / value }) }

    private func logProbability(of label: Int, in probabilities: [Double]) -> Double {
        let logits = Self.logits(probabilities).map { $0 / value }
        let largest = logits.max() ?? 0
        return logits[label] - largest - log(logits.reduce(0) { $0 + exp($1 - largest) })
    }

    /// Logarithms of probabilities are logits less a constant. A probability that was rounded to 0 has the smallest there is.
    private static func logits(_ probabilities: [Double]) -> [Double] {
        probabilities.map { log(max($0, Double.leastNormalMagnitude)) }
    }
}
