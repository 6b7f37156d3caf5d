public import Files
import Foundation
import Records

/// Values that keys of a section are to be tried with: an object from keys to lists.
///
/// Which keys there are and what each value may be is what the section's own declaration says; `null` stands for leaving a key out.
public struct ConfigGrid: Codable, Equatable, Sendable {
    public let values: [String: [JSONValue]]

    public init(_ values: [String: [JSONValue]]) { self.values = values }

    /// - Throws: `ConfigError` for what is no object of lists.
    public init(from decoder: any Decoder) throws {
        let path = ConfigError.path(decoder.codingPath)
        guard let members = try? decoder.singleValueContainer().decode([String: JSONValue].self) else {
            throw ConfigError(path, "an object of keys, each with a list of values, is wanted here")
        }
        values = try Dictionary(
            uniqueKeysWithValues: members.map { key, value in
                guard case .array(let list) = value else {
                    throw ConfigError(ConfigError.join(path, key), "a list of values is wanted here")
                }
                return (key, list)
            }
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    /// One key with one of its values, and where that stands.
    struct Pick: Sendable {
        var key: String
        var value: JSONValue
        /// Such as `search.training.epochs[1]`.
        var path: String
    }

    /// A key with all of its values.
    struct Axis: Sendable {
        var key: String
        var values: [JSONValue]
        var path: String

        subscript(_ place: Int) -> Pick { Pick(key: key, value: values[place], path: "\(path)[\(place)]") }
    }

    /// In the order in which the section declares its keys.
    /// - Parameters:
    ///   - refused: keys that are not to be tried, each with the reason.
    ///   - path: of the grid.
    /// - Throws: `ConfigError` for a key that the section has not, or that is refused, for a list that is empty or says something twice,
    ///   and for a value that the key does not take; each with its path.
    func axes<Section: ConfigSection>(
        of section: Section,
        refusing refused: [String: String],
        at path: String
    ) throws -> [Axis] {
        let known = Section.fields.map(\.key.stringValue)
        if let stranger = values.keys.filter({ !known.contains($0) }).min() {
            let names = known.filter { refused[$0] == nil }.sorted().joined(separator: ", ")
            throw ConfigError(ConfigError.join(path, stranger), "unknown key; known keys are \(names)")
        }
        return try Section.fields.compactMap { field in
            let key = field.key.stringValue
            guard let list = values[key] else { return nil }
            let axis = Axis(key: key, values: list, path: ConfigError.join(path, key))
            if let reason = refused[key] { throw ConfigError(axis.path, reason) }
            try ConfigError.check(!list.isEmpty, axis.path, "a list of one or more values is wanted here")
            // A value that is written is compared as it is read: null may be what another one says.
            var known: [Data] = []
            for place in list.indices {
                let own = try field.setting(axis[place], in: section)
                // What does not apply here, and may with another key, is not written.
                let applies = field.conditions.allSatisfy { $0.refusal(own) == nil }
                let read = try applies ? CanonicalJSON.line(own) : CanonicalJSON.line(axis.values[place])
                if let first = known.firstIndex(of: read) { throw ConfigError.twin(place, of: first, axis.path) }
                known.append(read)
            }
            return axis
        }
    }
}

extension ConfigSection {
    /// The same section with keys set to values, checked as if a config had said so.
    /// - Throws: `ConfigError` for a value that its key does not take, a key that this kind of the section has not, and keys that do not
    ///   go together; the last with the paths of this section.
    func setting(_ picks: [ConfigGrid.Pick], at path: String) throws -> Self {
        var section = self
        for pick in picks {
            guard let field = Self.fields.first(where: { $0.key.stringValue == pick.key }) else {
                throw ConfigError(pick.path, "unknown key")
            }
            section = try field.setting(pick, in: section)
        }
        for pick in picks where pick.value != .null {
            for condition in Self.fields.first(where: { $0.key.stringValue == pick.key })?.conditions ?? [] {
                if let reason = condition.refusal(section) { throw ConfigError(pick.path, reason) }
            }
        }
        try section.check(at: path)
        return section
    }
}

extension ConfigField {
    /// A section with one value of this key in place of its own, which is read and checked by itself.
    fileprivate func setting(_ pick: ConfigGrid.Pick, in section: Section) throws -> Section {
        var section = section
        guard pick.value != .null else {
            copy(section.defaults, &section)
            return section
        }
        let alone: Section
        do {
            alone = try JSONDecoder().decode(SingleKey<Section>.self, from: CanonicalJSON.line([pick.key: pick.value]))
                .section
        } catch let error as ConfigError {
            let below = (error.subject ?? "").dropFirst(pick.key.count)
            throw ConfigError(pick.path + below, error.message)
        }
        try check(alone, pick.path)
        copy(alone, &section)
        return section
    }
}

/// A section of which a text gives one key, whatever others it needs.
private struct SingleKey<Section: ConfigSection>: Decodable {
    var section = Section()

    init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, Section.CodingKeys.self)
        let keys = try decoder.container(keyedBy: Section.CodingKeys.self).allKeys
        for field in Section.fields where keys.contains(field.key) { try field.read(reader, &section) }
    }
}
