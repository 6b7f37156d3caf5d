import Foundation
public import Records

/// What of a model's outputs is followed while patches leave its bag: how far the bag is from another answer, in the model's own unit.
public enum FollowedScore: Equatable, Sendable {
    /// The logit of a class less the mean of the others.
    case margin(of: Int)
    /// One of several outputs, each with a log odds of its own.
    case logOdds(of: Int, sign: Double)
    /// A number's only output, or Cox's log hazard.
    case value(sign: Double)
    /// The mean log odds of being above each grade but the last.
    case grade(sign: Double)
    /// The mean log odds of the hazard over all intervals of time.
    case hazard(sign: Double)

    /// A score falls where what speaks for the answer leaves: numbers on the low side are followed the other way round. That side is told
    /// by the mean of the training part for numbers, by even odds for grades and labels, and for survival by what the caller says.
    /// - Parameters:
    ///   - outputs: of the whole bag.
    ///   - called: where a class is asked.
    ///   - isBelow: whether a risk is a low one.
    public init(_ readout: Readout, outputs: [Double], called: Int?, isBelow: Bool) {
        func sign(_ value: Double) -> Double { value < 0 ? -1 : 1 }
        switch readout {
        case .class: self = .margin(of: called ?? outputs.mostProbable)
        case .labels:
            let label = outputs.mostProbable
            self = .logOdds(of: label, sign: sign(outputs[label]))
        case .number: self = .value(sign: sign(outputs[0]))
        case .risk: self = .value(sign: isBelow ? -1 : 1)
        case .hazards: self = .hazard(sign: isBelow ? -1 : 1)
        case .ordinal: self = .grade(sign: sign(Self.grade(outputs)))
        case .several(let parts):
            self.init(parts[0].readout, outputs: outputs, called: called, isBelow: isBelow)
        }
    }

    /// Of the outputs that a part of the bag has.
    public func callAsFunction(_ outputs: [Double]) -> Double {
        switch self {
        case .grade(let sign): sign * Self.grade(outputs)
        default: zip(slopes(at: outputs), outputs).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// How much the score moves with each output; what an explanation tells of outputs it so tells of the score.
    public func slopes(at outputs: [Double]) -> [Double] {
        let count = outputs.count
        switch self {
        case .margin(let label):
            return outputs.indices.map { $0 == label ? 1 : -1 / Double(max(1, count - 1)) }
        case .logOdds(let label, let sign): return outputs.indices.map { $0 == label ? sign : 0 }
        case .value(let sign): return outputs.indices.map { $0 == 0 ? sign : 0 }
        case .hazard(let sign): return outputs.map { _ in sign / Double(count) }
        case .grade(let sign):
            // Output k is what the grades from k on are less.
            return outputs.enumerated().map { place, gap in
                place == 0 ? sign : -sign * Double(count - place) / Double(count) / (1 + exp(-gap))
            }
        }
    }

    /// For people.
    /// - Parameter classes: names of classes or labels.
    public func words(among classes: [String]) -> String {
        func name(_ place: Int) -> String { classes.indices.contains(place) ? classes[place] : "output \(place)" }
        func turned(_ sign: Double, _ text: String) -> String { sign < 0 ? "less \(text)" : text }
        return switch self {
        case .margin(let label): "the logit of \(name(label)) less the mean of the others"
        case .logOdds(let label, let sign): turned(sign, "the log odds of \(name(label))")
        case .value(let sign): turned(sign, "the model's output")
        case .grade(let sign): turned(sign, "the mean log odds of being above each grade")
        case .hazard(let sign): turned(sign, "the mean log odds of the hazard")
        }
    }

    /// Each grade's log odds are those of the grade before less the softplus of a gap.
    private static func grade(_ outputs: [Double]) -> Double {
        guard var logit = outputs.first else { return 0 }
        var sum = logit
        for gap in outputs.dropFirst() {
            logit -= max(gap, 0) + log1p(exp(-abs(gap)))
            sum += logit
        }
        return sum / Double(outputs.count)
    }
}
