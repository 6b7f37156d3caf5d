/// One number of an answer that is explained, and followed while patches leave their bag, made of a model's outputs.
public struct Margin: Equatable, Sendable {
    /// The output that it is about, by which its row is named.
    public var output: Int
    /// Of each output that the model has.
    public var weights: [Double]

    public init(output: Int, weights: [Double]) { (self.output, self.weights) = (output, weights) }

    /// - Parameter outputs: as many as there are weights.
    public func callAsFunction(_ outputs: [Double]) -> Double {
        zip(weights, outputs).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The same the other way round, where that is wanted.
    public func turned(_ isTurned: Bool) -> Margin {
        isTurned ? Margin(output: output, weights: weights.map { -$0 }) : self
    }
}

extension Readout {
    /// What is explained of an answer; of several targets the first one's, which stands in front.
    ///
    /// Of classes the called one's logit less the mean of the others'; of labels the log odds of each; of classes in an order the log odds
    /// of being above the first; of survival the mean log odds of the hazards, or the log hazard; of a number itself, in the model's unit.
    /// - Parameter called: of classes.
    public func margins(called: Int) -> [Margin] {
        func margin(_ output: Int, _ weights: [Double]) -> Margin {
            Margin(output: output, weights: weights + Array(repeating: 0, count: outputs - weights.count))
        }
        func one(_ output: Int, of count: Int) -> Margin { margin(output, (0..<count).map { $0 == output ? 1 : 0 }) }
        switch parts.first?.readout {
        case .class(let count):
            return [margin(called, (0..<count).map { $0 == called ? 1 : -1 / Double(max(1, count - 1)) })]
        case .labels(let labels): return labels.indices.map { one($0, of: labels.count) }
        case .hazards(let hazards):
            let count = hazards.edges.count + 1
            return [margin(0, Array(repeating: 1 / Double(count), count: count))]
        case .ordinal, .number, .risk: return [one(0, of: 1)]
        case .several, nil: return []
        }
    }
}
