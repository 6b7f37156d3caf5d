import Foundation

/// The answer to which of several classes in an order a bag is of.
public struct OrdinalAnswer: SharesAnswer {
    /// One per class, in their order, summing to 1.
    public let probabilities: [Double]

    public init(_ probabilities: [Double]) { self.probabilities = probabilities }

    /// Index of the class that was decided for: the median, the first class that is reached with a probability of a half.
    public var called: Int {
        var sum = 0.0
        for (label, probability) in probabilities.enumerated() {
            sum += probability
            if sum >= 0.5 { return label }
        }
        return max(0, probabilities.count - 1)
    }

    /// The mean of the classes' indices.
    public var expected: Double { probabilities.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } }

    var answer: Answer { .ordinal(self) }

    static let columnPrefix = "grade_"
    static let key = "grade_probabilities"

    func name(among classes: [String]) -> String { classes[called] }

    func words(among classes: [String]) -> (result: String, call: String) {
        let name = classes.indices.contains(called) ? classes[called] : "?"
        return (name, "P(\(name)) " + String(format: "%.3f", probabilities[called]) + ", the median of the classes")
    }

    func shown(folds: [OrdinalAnswer]?) -> [String: AnswerValue] {
        shares(folds: folds).merging(["called": .whole(called)]) { $1 }
    }
}
