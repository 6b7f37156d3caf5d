/// What the numbers that a model gives for a bag mean. What of it is fitted is fitted on the training part.
public enum Readout: Equatable, Sendable {
    /// The softmax of `count` logits is the probability of each class.
    case `class`(count: Int)
    /// `count` - 1 numbers: the log odds of being above the first class, and how much less those of each further class are,
    /// before the softplus.
    case ordinal(count: Int)
    /// A log odds for each label, and what its yes and its no weigh in the loss.
    case labels([LabelWeights])
    case number(NumberScale)
    /// A log odds of the hazard in each interval of time.
    case hazards(Hazards)
    /// A log relative hazard.
    case risk(RiskScale)
    /// The numbers of several targets, one behind the other.
    case several([Part])

    /// One of several targets.
    public struct Part: Codable, Equatable, Sendable {
        public var name: String
        public var readout: Readout
        /// What its part of the loss is multiplied with.
        public var weight: Double
        /// What each class's loss is multiplied with further; nil where classes weigh alike or there are none.
        public var factors: [Double]?

        public init(name: String, readout: Readout, weight: Double = 1, factors: [Double]? = nil) {
            (self.name, self.readout, self.weight, self.factors) = (name, readout, weight, factors)
        }
    }

    public struct LabelWeights: Codable, Equatable, Sendable {
        public var yes: Double
        public var no: Double

        public init(yes: Double, no: Double) { (self.yes, self.no) = (yes, no) }
    }

    /// Numbers are learned centred and scaled.
    public struct NumberScale: Codable, Equatable, Sendable {
        public var mean: Double
        /// Above 0.
        public var sd: Double
        /// Where errors, in sd, begin to count by their size and no more by its square (Huber, 1964); nil: never.
        public var huber: Double?

        public init(mean: Double, sd: Double, huber: Double?) { (self.mean, self.sd, self.huber) = (mean, sd, huber) }
    }

    /// Survival by discrete hazards.
    public struct Hazards: Codable, Equatable, Sendable {
        /// Inner ends of the intervals, rising; the first begins at 0, the last is open.
        public var edges: [Double]
        /// The last event's time of the training part: after it the model knows nothing.
        public var end: Double
        /// What more the bags with an event weigh.
        public var alpha: Double

        public init(edges: [Double], end: Double, alpha: Double) {
            (self.edges, self.end, self.alpha) = (edges, end, alpha)
        }

        /// Of the interval that a time lies in; an edge is of the later one.
        public func interval(of time: Double) -> Int { edges.count { $0 <= time } }
    }

    /// Cox's proportional hazards.
    public struct RiskScale: Codable, Equatable, Sendable {
        /// Where survival is told, rising.
        public var times: [Double]
        /// The baseline's cumulative hazard at the first of them (Breslow), of the validation part, as far as that was watched; nil before
        /// it is known.
        public var hazards: [Double]?

        public init(times: [Double], hazards: [Double]? = nil) { (self.times, self.hazards) = (times, hazards) }
    }

    /// How many numbers a model gives for a bag.
    public var outputs: Int {
        switch self {
        case .class(let count): count
        case .ordinal(let count): count - 1
        case .labels(let weights): weights.count
        case .number, .risk: 1
        case .hazards(let hazards): hazards.edges.count + 1
        case .several(let parts): parts.reduce(0) { $0 + $1.readout.outputs }
        }
    }

    /// Of each target that is asked.
    public var parts: [Part] {
        if case .several(let parts) = self { parts } else { [Part(name: "", readout: self)] }
    }

    /// Which of a model's numbers are those of each target.
    public var columns: [Range<Int>] {
        parts.reduce(into: []) { columns, part in
            let start = columns.last?.upperBound ?? 0
            columns.append(start..<start + part.readout.outputs)
        }
    }

    /// Of several targets the first's.
    public var kind: Target.Kind {
        switch self {
        case .class: .class
        case .ordinal: .ordinal
        case .labels: .labels
        case .number: .number
        case .hazards, .risk: .survival
        case .several(let parts): parts.first?.readout.kind ?? .class
        }
    }
}
