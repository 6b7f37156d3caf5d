/// What is known of a slide, or of a case, and a model is trained towards. What the model then says is an `Answer` of the same
/// kind.
///
/// A further case leads the compiler to everything that has to know of it; docs/adding/target.md says where that is.
public enum Target: Hashable, Sendable {
    /// Index into the cohort's classes.
    case `class`(Int)

    /// What is asked of every bag of a study.
    public enum Kind: String, CaseIterable, Codable, Sendable {
        /// Which class it is of.
        case `class`
    }

    public var kind: Kind {
        switch self {
        case .class: .class
        }
    }

    /// Index of the class, where a class is asked.
    public var label: Int? {
        switch self {
        case .class(let label): label
        }
    }

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

    /// What a cell of a table names, written as `name` has it; nil where it names nothing of this kind.
    public init?(_ kind: Kind, named cell: String, among classes: [String]) {
        switch kind {
        case .class:
            guard let label = Self.label(cell, among: classes) else { return nil }
            self = .class(label)
        }
    }

    /// Which class a cell of a table names; nil where it names none. What a spreadsheet would take for a formula is written with
    /// a leading quote mark.
    static func label(_ cell: String, among classes: [String]) -> Int? {
        classes.firstIndex { cell == $0 || cell == "'\($0)" }
    }
}

extension Target.Kind {
    /// How many numbers a model gives for a bag.
    public func outputs(classes: Int) -> Int {
        switch self {
        case .class: classes
        }
    }

    /// Whether a study of so many classes has anything that can be learned.
    public func isLearnable(classes: Int) -> Bool {
        switch self {
        case .class: classes >= 2
        }
    }

    /// What figures of how well a model does are about, as a sentence begins.
    public func question(classes: [String]) -> String {
        switch self {
        case .class:
            classes.count == 2
                ? "For \(classes[1]) against \(classes[0])"
                : "Mean over \(classes.count) classes, each against the rest"
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
