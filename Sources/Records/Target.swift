/// What is known of a slide, or of a case, and a model is trained towards. What the model then says is an `Answer` of the same
/// kind.
///
/// A further case leads the compiler to everything that has to know of it; docs/adding/target.md says where that is.
public enum Target: Hashable, Sendable {
    /// Index into the cohort's classes.
    case `class`(Int)
    /// Index into the cohort's classes, which stand in an order that means something, such as grades.
    case ordinal(Int)
    /// Of each of the cohort's labels whether the bag has it; nil where that is not known. One at least is known.
    case labels([Bool?])
    /// A finite number.
    case number(Double)
    case survival(SurvivalTime)
    /// Several at once, in the order of the cohort's questions; nil where one is not known. One at least is known. What asks for a
    /// kind of target by name gets the first one.
    case several([Target?])

    /// What is asked of every bag of a study.
    public enum Kind: String, DescribedChoice {
        case `class`, ordinal, labels, number, survival

        public var meaning: String {
            switch self {
            case .class: "which class a bag is of"
            case .ordinal: "which of several classes that stand in an order, such as grades; `classes` gives the order"
            case .labels: "of several labels, each in a column of yes and no, which a bag has; some may be unknown"
            case .number: "a number"
            case .survival: "the time until an event, which may not have come yet"
            }
        }
    }

    public var kind: Kind {
        switch self {
        case .class: .class
        case .ordinal: .ordinal
        case .labels: .labels
        case .number: .number
        case .survival: .survival
        case .several(let targets): targets.lazy.compactMap { $0?.kind }.first ?? .class
        }
    }

    /// Index of the class, where a class is asked.
    public var label: Int? { if case .class(let label)? = main { label } else { nil } }
    /// Index of the class, where classes stand in an order.
    public var grade: Int? { if case .ordinal(let grade)? = main { grade } else { nil } }
    public var labels: [Bool?]? { if case .labels(let labels)? = main { labels } else { nil } }
    public var number: Double? { if case .number(let number)? = main { number } else { nil } }
    public var survival: SurvivalTime? { if case .survival(let survival)? = main { survival } else { nil } }

    /// Whether a cohort of so many classes, or labels, can have it.
    public func fits(classes: Int) -> Bool {
        switch self {
        case .class(let label), .ordinal(let label): (0..<classes).contains(label)
        case .labels(let labels): labels.count == classes && labels.contains { $0 != nil }
        case .number(let number): number.isFinite
        case .survival(let survival): survival.time > 0 && survival.time.isFinite
        case .several: main?.fits(classes: classes) ?? true
        }
    }

    /// That of a bag of two that are joined, such as two slides of a case: of classes the higher; a label is there where one of
    /// them has it. Numbers and times of one case are one, which the reading of labels sees to.
    public func joined(with other: Target) -> Target {
        switch (self, other) {
        case (.class(let one), .class(let other)): .class(max(one, other))
        case (.ordinal(let one), .ordinal(let other)): .ordinal(max(one, other))
        case (.labels(let one), .labels(let other)):
            .labels(zip(one, other).map { one, other in one.map { $0 || other == true } ?? other })
        case (.several(let one), .several(let other)):
            .several(zip(one, other).map { one, other in one.map { one in other.map(one.joined) ?? one } ?? other })
        default: self
        }
    }
}

extension Target.Kind {
    /// Whether a study of so many classes, or labels, has anything that can be learned.
    public func isLearnable(classes: Int) -> Bool {
        switch self {
        case .class, .ordinal: classes >= 2
        case .labels: classes >= 1
        case .number, .survival: true
        }
    }

    /// What figures of how well a model does are about, as a sentence begins.
    /// - Parameter classes: as `Cohort.classes`.
    public func question(classes: [String]) -> String {
        switch self {
        case .class:
            classes.count == 2
                ? "For \(classes[1]) against \(classes[0])"
                : "Mean over \(classes.count) classes, each against the rest"
        case .ordinal: "For the order of \(classes.joined(separator: ", "))"
        case .labels: classes.count == 1 ? "For \(classes[0])" : "Mean over \(classes.count) labels"
        case .number: "For \(classes.first ?? "the number")"
        case .survival: "For the time until the event, in \(classes.first ?? "days")"
        }
    }
}

/// A class is its index alone: fingerprints are taken over this text. Every other kind is an object with one key.
extension Target: Codable {
    private enum Key: String, CodingKey { case grade, labels, number, survival, several }

    public init(from decoder: any Decoder) throws {
        if let label = try? decoder.singleValueContainer().decode(Int.self) {
            self = .class(label)
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        if let grade = try container.decodeIfPresent(Int.self, forKey: .grade) {
            self = .ordinal(grade)
        } else if let labels = try container.decodeIfPresent([Bool?].self, forKey: .labels) {
            self = .labels(labels)
        } else if let number = try container.decodeIfPresent(Double.self, forKey: .number) {
            self = .number(number)
        } else if let targets = try container.decodeIfPresent([Target?].self, forKey: .several) {
            self = .several(targets)
        } else {
            self = .survival(try container.decode(SurvivalTime.self, forKey: .survival))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if case .class(let label) = self {
            var container = encoder.singleValueContainer()
            return try container.encode(label)
        }
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .class: break
        case .ordinal(let grade): try container.encode(grade, forKey: .grade)
        case .labels(let labels): try container.encode(labels, forKey: .labels)
        case .number(let number): try container.encode(number, forKey: .number)
        case .survival(let survival): try container.encode(survival, forKey: .survival)
        case .several(let targets): try container.encode(targets, forKey: .several)
        }
    }
}
