import Foundation

/// Whether probabilities mean what they say.
public enum Calibration {
    /// Bins of equal width over 0...1.
    public static let bins = 15

    /// One bin of a reliability diagram.
    public struct Bin: Equatable, Sendable {
        public var count: Int
        /// Mean confidence of the bin's slides, and the share of them for which it came true.
        public var confidence: Double
        public var frequency: Double
    }

    /// Mean squared distance of the probabilities from the truth: of class 1 with two classes, else summed over classes
    /// (Brier 1950).
    public static func brier(_ sample: [Judged]) -> Double? {
        mean(sample) { judged in
            let distances = judged.probabilities.enumerated().map { label, probability in
                let distance = probability - (label == judged.label ? 1 : 0)
                return distance * distance
            }
            return judged.probabilities.count == 2 ? distances[1] : distances.reduce(0, +)
        }
    }

    /// Mean negative logarithm of the true class's probability, which counts as at least 1e-15.
    public static func logLoss(_ sample: [Judged]) -> Double? {
        mean(sample) { -log(max($0.probabilities[$0.label], 1e-15)) }
    }

    /// Mean distance between confidence and frequency over the bins, weighted by their slides (Guo et al., ICML 2017).
    public static func expectedError(_ sample: [Judged]) -> Double? {
        guard !sample.isEmpty else { return nil }
        return reliability(sample).reduce(0) { sum, bin in
            sum + abs(bin.confidence - bin.frequency) * Double(bin.count) / Double(sample.count)
        }
    }

    /// By confidence in the most probable class; an empty bin has zeros.
    public static func reliability(_ sample: [Judged]) -> [Bin] {
        var sums = [Bin](repeating: Bin(count: 0, confidence: 0, frequency: 0), count: bins)
        for judged in sample {
            let top = judged.probabilities.indices.reduce(0) {
                judged.probabilities[$1] > judged.probabilities[$0] ? $1 : $0
            }
            let confidence = judged.probabilities[top]
            let bin = min(bins - 1, max(0, Int((confidence * Double(bins)).rounded(.up)) - 1))
            sums[bin].count += 1
            sums[bin].confidence += confidence
            sums[bin].frequency += top == judged.label ? 1 : 0
        }
        return sums.map { bin in
            guard bin.count > 0 else { return bin }
            let count = Double(bin.count)
            return Bin(count: bin.count, confidence: bin.confidence / count, frequency: bin.frequency / count)
        }
    }

    private static func mean(_ sample: [Judged], _ value: (Judged) -> Double) -> Double? {
        sample.isEmpty ? nil : sample.reduce(0) { $0 + value($1) } / Double(sample.count)
    }
}

/// Temperature scaling (Guo et al., ICML 2017): logits are divided by T, which changes no decision by the most probable
/// class.
public struct Temperature: Codable, Equatable, Sendable {
    /// T
    public var value: Double
    /// Whether T stands at an end of its range, because no finite T is best: the sample that it was fitted on is told
    /// apart without a fault, or not at all.
    public var isAtBound: Bool

    enum CodingKeys: String, CodingKey {
        case value
        case isAtBound = "at_bound"
    }

    /// T is looked for from 1/20 to 20.
    static let range = 0.05...20.0

    init(value: Double, isAtBound: Bool = false) {
        self.value = value
        self.isAtBound = isAtBound
    }

    /// The T with the smallest log loss on `sample`, by golden-section search over 1/T, in which the loss is convex.
    ///
    /// nil without a sample, or where it holds one class alone.
    init?(fittedOn sample: [Judged]) {
        guard Set(sample.map(\.label)).count > 1 else { return nil }
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
        value = 1 / inverse
        let margin = 1e-6
        isAtBound = value < Self.range.lowerBound * (1 + margin) || value > Self.range.upperBound * (1 - margin)
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
