/// Which class a slide is called: the one rule for metrics, pictures and the review page.
public struct ClassCall: Equatable, Sendable {
    /// Index of the class that is called.
    public let called: Int
    /// Index of the class whose probability stands for the slide: the second of two, which is the positive one, else the most
    /// probable one.
    public let shown: Int
    /// What decided, on the probability of the second of two classes; nil: most probable class.
    public let threshold: Double?
    /// How far from another call: from the threshold, or the most probable class from the second. Of two classes that is half
    /// their distance, which is how far both are from 0.5.
    public let margin: Double

    /// Two classes are told apart by the threshold, which itself calls the second; where there is none, and for more classes,
    /// the most probable one is called, of equal ones the first.
    /// - Parameters:
    ///   - probabilities: one per class, no NaN; without any, class 0 is called.
    ///   - threshold: on the probability of the second of two classes; of other numbers of classes it says nothing.
    public init(_ probabilities: [Double], threshold: Double?) {
        let best = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
        let isBinary = probabilities.count == 2
        shown = isBinary ? 1 : best
        self.threshold = isBinary ? threshold : nil
        if isBinary, let threshold {
            called = probabilities[1] >= threshold ? 1 : 0
            margin = abs(probabilities[1] - threshold)
        } else if probabilities.isEmpty {
            (called, margin) = (best, 0)
        } else {
            var second = 0.0
            for (label, probability) in probabilities.enumerated() where label != best {
                second = max(second, probability)
            }
            called = best
            margin = isBinary ? (probabilities[best] - second) / 2 : probabilities[best] - second
        }
    }
}
