import Foundation

/// The answer to which of several labels a bag has.
public struct LabelsAnswer: SharesAnswer {
    /// Of each label that the bag has it.
    public let probabilities: [Double]

    public init(_ probabilities: [Double]) { self.probabilities = probabilities }

    /// Of each label whether it is more probable than not.
    public var called: [Bool] { probabilities.map { $0 >= 0.5 } }

    var answer: Answer { .labels(self) }

    static let columnPrefix = "yes_"
    static let key = "label_probabilities"

    func name(among classes: [String]) -> String { Target.text(called) }

    /// The labels that it has, the most probable first.
    func words(among classes: [String]) -> (result: String, call: String) {
        let sorted = zip(classes, probabilities).sorted { $0.1 > $1.1 }.map { "P(\($0)) " + String(format: "%.3f", $1) }
        return (sorted.prefix(3).joined(separator: ", "), sorted.count > 3 ? "the highest 3 of \(sorted.count)" : "")
    }

    func shown(folds: [LabelsAnswer]?) -> [String: AnswerValue] { shares(folds: folds) }
}
