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
    public static func brier(_ sample: [JudgedClass]) -> Double? {
        CalibrationTerms(sample).brier(sample.map { _ in 1 })
    }

    /// Mean negative logarithm of the true class's probability, which counts as at least 1e-15.
    public static func logLoss(_ sample: [JudgedClass]) -> Double? {
        CalibrationTerms(sample).logLoss(sample.map { _ in 1 })
    }

    /// Mean distance between confidence and frequency over the bins, weighted by their slides (Guo et al., ICML 2017).
    public static func expectedError(_ sample: [JudgedClass]) -> Double? {
        CalibrationTerms(sample).expectedError(sample.map { _ in 1 })
    }

    /// By confidence in the most probable class; an empty bin has zeros.
    public static func reliability(_ sample: [JudgedClass]) -> [Bin] {
        CalibrationTerms(sample).reliability(sample.map { _ in 1 })
    }
}

/// What each slide of a sample adds to the figures of calibration; these take how often each slide counts.
struct CalibrationTerms {
    private let squares: [Double]
    private let logs: [Double]
    private let tops: [(bin: Int, confidence: Double, isRight: Bool)]

    init(_ sample: [JudgedClass]) {
        squares = sample.map { judged in
            let distances = judged.probabilities.enumerated().map { label, probability in
                let distance = probability - (label == judged.label ? 1 : 0)
                return distance * distance
            }
            return judged.probabilities.count == 2 ? distances[1] : distances.reduce(0, +)
        }
        logs = sample.map { -log(max($0.probabilities[$0.label], 1e-15)) }
        tops = sample.map { judged in
            let top = judged.probabilities.mostProbable
            let confidence = judged.probabilities[top]
            let bin = Int((confidence * Double(Calibration.bins)).rounded(.up)) - 1
            return (min(Calibration.bins - 1, max(0, bin)), confidence, top == judged.label)
        }
    }

    func brier(_ weights: [Int]) -> Double? { Self.mean(squares, weights) }

    func logLoss(_ weights: [Int]) -> Double? { Self.mean(logs, weights) }

    func expectedError(_ weights: [Int]) -> Double? {
        let bins = reliability(weights)
        let count = bins.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        return bins.reduce(0) { $0 + abs($1.confidence - $1.frequency) * Double($1.count) / Double(count) }
    }

    func reliability(_ weights: [Int]) -> [Calibration.Bin] {
        let none = Calibration.Bin(count: 0, confidence: 0, frequency: 0)
        var sums = [Calibration.Bin](repeating: none, count: Calibration.bins)
        for (top, weight) in zip(tops, weights) {
            sums[top.bin].count += weight
            sums[top.bin].confidence += Double(weight) * top.confidence
            sums[top.bin].frequency += top.isRight ? Double(weight) : 0
        }
        return sums.map { bin in
            guard bin.count > 0 else { return bin }
            let count = Double(bin.count)
            return Calibration.Bin(
                count: bin.count,
                confidence: bin.confidence / count,
                frequency: bin.frequency / count
            )
        }
    }

    private static func mean(_ terms: [Double], _ weights: [Int]) -> Double? {
        var (sum, count) = (0.0, 0)
        for (term, weight) in zip(terms, weights) {
            sum += Double(weight) * term
            count += weight
        }
        return count > 0 ? sum / Double(count) : nil
    }
}
