/// What is known of a slide, or of a case, and a model is trained towards.
///
/// A further case leads the compiler to everything that has to know of it.
public enum Target: Hashable, Sendable {
    /// Index into the cohort's classes.
    case `class`(Int)

    /// What splits spread evenly, balanced sampling draws from alike and class weights weigh: of classes the class itself.
    public var stratum: Int {
        switch self {
        case .class(let label): label
        }
    }

    /// Whether a cohort of so many classes can have it.
    public func fits(classes: Int) -> Bool {
        switch self {
        case .class(let label): (0..<classes).contains(label)
        }
    }

    /// That of a bag of two that are joined, such as two slides of a case: of classes the higher.
    public func joined(with other: Target) -> Target {
        switch (self, other) {
        case (.class(let one), .class(let other)): .class(max(one, other))
        }
    }

    /// For tables and people.
    /// - Parameter classes: the cohort's, one of which it is.
    public func name(among classes: [String]) -> String {
        switch self {
        case .class(let label): classes[label]
        }
    }
}

/// A class is its index alone: fingerprints are taken over this text.
extension Target: Codable {
    public init(from decoder: any Decoder) throws {
        self = .class(try decoder.singleValueContainer().decode(Int.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .class(let label): try container.encode(label)
        }
    }
}
