import Records

/// A part of a config. Every key is declared once, in `fields`: what is read and written, the ranges that are checked, the
/// messages, the reference (docs/config.md) and the JSON Schema follow from that.
///
///     public struct PenConfig: ConfigSection {
///         public var width = 2.0
///         public init() {}
///         public enum CodingKeys: String, CodingKey, CaseIterable { case width }
///         public static let words = "How a pen draws."
///         public static let fields = [Field(.width, \.width, .number(0.1...10, "µm"), "Width of a stroke.")]
///     }
public protocol ConfigSection: Codable, Equatable, Sendable {
    associatedtype CodingKeys: CodingKey, RawRepresentable, CaseIterable, Hashable where CodingKeys.RawValue == String
    typealias Field = ConfigField<Self>
    typealias Rule = ConfigRule<Self>

    /// Holds the default of every key; of a key that is required, what no config means.
    init()

    /// The section as a config has it that gives only what others' defaults follow from, such as the version of a model.
    var defaults: Self { get }

    /// Every key, in the order of the reference; a key that others depend on stands before them.
    static var fields: [ConfigField<Self>] { get }

    /// What must hold between keys.
    static var rules: [ConfigRule<Self>] { get }

    /// What the section is, as Markdown.
    static var words: String { get }

    /// What follows the section's table in the reference, as Markdown.
    static var notes: String { get }

    /// The paper whose numbers the defaults are, where a field names no other.
    static var source: String? { get }

    /// The sections that have defaults of their own, such as those of a model's versions.
    static var variants: [ConfigVariant<Self>] { get }
}

/// One of the sections that a section can be, with its defaults.
public struct ConfigVariant<Section: ConfigSection>: Sendable {
    let name: String
    let defaults: Section

    /// - Parameter name: as Markdown; empty where there is only one.
    public init(_ name: String, _ defaults: Section) { (self.name, self.defaults) = (name, defaults) }
}

extension ConfigSection {
    public var defaults: Self { Self() }
    public static var rules: [ConfigRule<Self>] { [] }
    public static var notes: String { "" }
    public static var source: String? { nil }
    public static var variants: [ConfigVariant<Self>] { [ConfigVariant("", Self())] }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        self.init()
        try reader.read(into: &self)
        try check(at: reader.path)
    }

    /// Writes the keys that this kind of the section has, as `init(from:)` wants them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        for field in Self.fields where field.conditions.allSatisfy({ !$0.isOfKind || $0.refusal(self) == nil }) {
            try field.write(self, &container)
        }
    }

    /// - Parameter path: of the section; empty for the config as a whole.
    /// - Throws: `ConfigError` naming the key whose value is out of range, or does not go with the others.
    public func check(at path: String) throws {
        func keyPath(_ key: CodingKeys) -> String { ConfigError.join(path, key.stringValue) }
        for field in Self.fields where field.conditions.allSatisfy({ $0.refusal(self) == nil }) {
            try field.check(self, keyPath(field.key))
        }
        for rule in Self.rules {
            if let (key, message) = rule.fault(self) { throw ConfigError(ConfigError.join(path, key), message) }
        }
    }

    /// Every key that a config of this kind may have, with its value, in the order of the reference.
    public func shown() throws -> ConfigText {
        .members(
            try Self.fields.filter { field in field.conditions.allSatisfy { $0.refusal(self) == nil } }
                .map { ConfigText.Member($0.key.stringValue, try $0.text(self)) }
        )
    }
}

extension StrictReader where Key: RawRepresentable, Key.RawValue == String {
    /// Reads the keys that are there. Checks no range.
    /// - Parameter keys: only these; nil: all.
    /// - Throws: `ConfigError` for a value of another type, a key that is required, and one that this kind of the section has not.
    public func read<Section: ConfigSection>(_ keys: Set<Key>? = nil, into section: inout Section) throws
    where Section.CodingKeys == Key {
        for field in Section.fields where keys?.contains(field.key) ?? true {
            for condition in field.conditions {
                if let reason = condition.refusal(section) { try refuse(field.key, because: reason) }
            }
            try field.read(self, &section)
        }
    }
}

extension ConfigError {
    static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
