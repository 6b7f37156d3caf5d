import Files
public import Records

/// One key of a section: its place in the struct, its values, and what the reference says about it.
public struct ConfigField<Section: ConfigSection>: Sendable {
    let key: Section.CodingKeys
    let shape: ConfigShape
    /// As Markdown.
    let words: String
    let isRequired: Bool
    /// Whether it tells which other keys there are, or what their defaults are.
    let rulesOthers: Bool
    /// What holds where the key is left out and its default, if it has one, does not; as Markdown.
    let absent: String?
    /// Whether the section's initialiser knows the default.
    let hasDefault: Bool
    let conditions: [ConfigCondition<Section>]
    let source: String?
    let since: String
    let flags: [ConfigFlag]
    let read: @Sendable (StrictReader<Section.CodingKeys>, inout Section) throws -> Void
    let check: @Sendable (Section, _ path: String) throws -> Void
    /// `null` where there is no value.
    let text: @Sendable (Section) throws -> ConfigText
    let write: @Sendable (Section, inout KeyedEncodingContainer<Section.CodingKeys>) throws -> Void
    /// Gives the second section the value that the first one has.
    let copy: @Sendable (Section, inout Section) -> Void

    /// A key that always has a value.
    /// - Parameters:
    ///   - rulesOthers: whether it tells which other keys there are, or what their defaults are.
    ///   - absent: what holds where the key is left out and its default follows from other keys.
    ///   - when: under which the key is there; all of them must hold.
    ///   - source: the paper that the value comes from, where it is not the section's.
    ///   - since: the first release with the key.
    ///   - flags: of commands, that set the same.
    public init<Value>(
        _ key: Section.CodingKeys,
        _ place: any WritableKeyPath<Section, Value> & Sendable,
        _ values: ConfigValues<Value>,
        _ words: String,
        isRequired: Bool = false,
        rulesOthers: Bool = false,
        absent: String? = nil,
        when conditions: [ConfigCondition<Section>] = [],
        source: String? = nil,
        since: String = "0.1.0",
        flags: [ConfigFlag] = []
    ) {
        (self.key, shape, self.words, self.isRequired) = (key, values.shape, words, isRequired)
        (self.absent, hasDefault, self.rulesOthers) = (absent, absent == nil && !isRequired, rulesOthers)
        (self.conditions, self.source, self.since, self.flags) = (conditions, source, since, flags)
        read = { reader, section in
            if let value: Value = try reader.value(key, values.shape) {
                section[keyPath: place] = value
            } else if isRequired {
                throw reader.missing(key)
            }
        }
        check = { try values.check($0[keyPath: place], $1) }
        text = { try values.text($0[keyPath: place]) }
        write = { try $1.encode($0[keyPath: place], forKey: key) }
        copy = { $1[keyPath: place] = $0[keyPath: place] }
    }

    /// A key that may have no value.
    /// - Parameter absent: what holds then.
    public init<Value>(
        _ key: Section.CodingKeys,
        _ place: any WritableKeyPath<Section, Value?> & Sendable,
        _ values: ConfigValues<Value>,
        _ words: String,
        absent: String,
        when conditions: [ConfigCondition<Section>] = [],
        source: String? = nil,
        since: String = "0.1.0",
        flags: [ConfigFlag] = []
    ) {
        (self.key, shape, self.words, isRequired) = (key, values.shape, words, false)
        (self.absent, hasDefault, rulesOthers) = (absent, true, false)
        (self.conditions, self.source, self.since, self.flags) = (conditions, source, since, flags)
        read = { reader, section in
            if let value: Value = try reader.value(key, values.shape) { section[keyPath: place] = value }
        }
        check = { if let value = $0[keyPath: place] { try values.check(value, $1) } }
        text = { try $0[keyPath: place].map(values.text) ?? .value("null") }
        write = { try $1.encodeIfPresent($0[keyPath: place], forKey: key) }
        copy = { $1[keyPath: place] = $0[keyPath: place] }
    }
}

/// A flag of commands that sets what a key sets.
public struct ConfigFlag: Equatable, Sendable, ExpressibleByStringLiteral {
    /// With its dashes.
    public let name: String
    /// What the key is set to where the flag takes no value.
    public let value: String?
    /// The commands whose flag of that name means this, the one that advice names first; empty: all that have it.
    public let commands: [String]

    public init(_ name: String, _ value: String? = nil, of commands: [String] = []) {
        (self.name, self.value, self.commands) = (name, value, commands)
    }

    public init(stringLiteral name: String) { self.init(name) }
}

/// Under which a key is there at all.
public struct ConfigCondition<Section: ConfigSection>: Sendable {
    let shape: ConfigConditionShape
    /// Why the key is refused; nil where it may be there.
    let refusal: @Sendable (Section) -> String?

    /// Whether another kind of the section has no such key, so that it is not written either.
    var isOfKind: Bool { if case .only = shape { true } else { false } }

    /// With these words of another key.
    public static func only<Word: ConfigChoice & Equatable>(
        _ key: Section.CodingKeys,
        _ place: any KeyPath<Section, Word> & Sendable,
        _ allowed: [Word]
    ) -> Self {
        let words = allowed.map { JSONValue.string($0.rawValue) }
        return Self(shape: .only(key.stringValue, words, orAbsent: allowed.contains(Section()[keyPath: place]))) {
            let word = $0[keyPath: place]
            return allowed.contains(word) ? nil : "the \(key.stringValue) \(word.rawValue) has no such key"
        }
    }

    /// With this number of another key.
    public static func only(
        _ key: Section.CodingKeys,
        _ place: any KeyPath<Section, Int> & Sendable,
        _ allowed: Int
    ) -> Self {
        let isDefault = Section()[keyPath: place] == allowed
        return Self(shape: .only(key.stringValue, [.number(Double(allowed))], orAbsent: isDefault)) {
            let number = $0[keyPath: place]
            return number == allowed ? nil : "\(key.stringValue) \(number) has no such key"
        }
    }

    /// Where another key has a value.
    public static func with<Value>(
        _ key: Section.CodingKeys,
        _ place: any KeyPath<Section, Value?> & Sendable,
        because reason: String
    ) -> Self {
        Self(shape: .with(key.stringValue)) { $0[keyPath: place] == nil ? reason : nil }
    }

    /// Where none of other keys has a value.
    /// - Parameter holds: whether that is so.
    public static func without(
        _ keys: Section.CodingKeys...,
        because reason: String,
        _ holds: @escaping @Sendable (Section) -> Bool
    ) -> Self {
        Self(shape: .without(keys.map(\.stringValue))) { holds($0) ? nil : reason }
    }
}

/// The same, whatever the section.
enum ConfigConditionShape: Equatable, Sendable {
    /// - Parameter orAbsent: whether the key's default is among the words.
    case only(String, [JSONValue], orAbsent: Bool)
    case with(String)
    case without([String])

    /// The keys that it looks at.
    var keys: [String] {
        switch self {
        case .only(let key, _, _), .with(let key): [key]
        case .without(let keys): keys
        }
    }

    /// The key whose words tell kinds of the section.
    var tag: String? { if case .only(let key, _, _) = self { key } else { nil } }
}

/// What must hold between keys; a sentence for the reference and the check itself.
public struct ConfigRule<Section: ConfigSection>: Sendable {
    /// As Markdown.
    let words: String
    /// The key to blame and what is said, where the rule is broken.
    let fault: @Sendable (Section) -> (key: String, message: String)?

    /// - Parameter fault: the key to blame and what is said, where the rule is broken.
    public init(_ words: String, _ fault: @escaping @Sendable (Section) -> (Section.CodingKeys, String)?) {
        self.words = words
        self.fault = { section in fault(section).map { (key: $0.0.stringValue, message: $0.1) } }
    }

    public init(
        _ words: String,
        _ key: Section.CodingKeys,
        _ message: String,
        _ holds: @escaping @Sendable (Section) -> Bool
    ) { self.init(words, path: key.stringValue, message, holds) }

    /// - Parameter path: of a key in a section below this one.
    public init(
        _ words: String,
        path: String,
        _ message: String,
        _ holds: @escaping @Sendable (Section) -> Bool
    ) {
        self.words = words
        fault = { holds($0) ? nil : (key: path, message: message) }
    }
}
