public import Files
import Foundation
import Records

/// What `training.plan: "auto"` fills in, key by key, with its reasons.
public struct TrainingPlan: Codable, Equatable, Sendable {
    /// One key.
    public struct Line: Codable, Equatable, Sendable {
        /// Below `training`.
        public var key: String
        /// nil where the key is left out.
        public var value: JSONValue?
        public var reason: String
        /// Whether the value stands in the config, and so wins over what would be planned.
        public var isGiven: Bool

        enum CodingKeys: String, CodingKey {
            case key, value, reason
            case isGiven = "given"
        }
    }

    /// Of the rules; another number where they give other plans.
    public var rules: Int
    public var facts: PlanFacts
    public var lines: [Line]

    /// The rules that this version has; part of what a planned training depends on.
    public static let currentRules = 2

    /// Where splits name no validation part, one is cut off the training part only of so many slides.
    public static let fewestToSplit = 200

    /// What was filled in, for people: `epochs 29 (about 4000 steps), …`.
    public var words: String {
        lines.filter { !$0.isGiven }.map { "\($0.key) \($0.value?.words ?? "left out") (\($0.reason))" }.joined(
            separator: "; "
        )
    }
}

/// A config of a training that is filled in, with a line for every key.
struct PlannedTraining {
    private(set) var training: TrainingConfig
    private(set) var lines: [TrainingPlan.Line] = []

    init(_ training: TrainingConfig) { self.training = training }

    /// Fills a key in where the config has left it out.
    /// - Parameter reason: why this value.
    mutating func set<Value: Codable>(
        _ key: TrainingConfig.CodingKeys,
        _ place: WritableKeyPath<TrainingConfig, Value?>,
        _ value: Value?,
        _ reason: String
    ) {
        let given = training[keyPath: place]
        if given == nil { training[keyPath: place] = value }
        add(key, given ?? value, given == nil ? reason : "stands in the config", isGiven: given != nil)
    }

    /// As `set`, for a key that has a word for being left out.
    mutating func choose<Value: Codable & Equatable>(
        _ key: TrainingConfig.CodingKeys,
        _ place: WritableKeyPath<TrainingConfig, Value>,
        leftOut: Value,
        _ value: Value,
        _ reason: String
    ) {
        let isGiven = training[keyPath: place] != leftOut
        if !isGiven { training[keyPath: place] = value }
        add(key, training[keyPath: place], isGiven ? "stands in the config" : reason, isGiven: isGiven)
    }

    /// A key that stands in the config, and that has no effect.
    mutating func note<Value: Codable>(
        _ key: TrainingConfig.CodingKeys,
        _ place: KeyPath<TrainingConfig, Value?>,
        _ reason: String
    ) {
        add(key, training[keyPath: place], reason, isGiven: true)
    }

    private mutating func add(
        _ key: TrainingConfig.CodingKeys,
        _ value: (some Codable)?,
        _ reason: String,
        isGiven: Bool
    ) {
        let json = value.flatMap { value in
            (try? CanonicalJSON.line(value)).flatMap { try? JSONDecoder().decode(JSONValue.self, from: $0) }
        }
        lines.append(TrainingPlan.Line(key: key.stringValue, value: json, reason: reason, isGiven: isGiven))
    }
}
