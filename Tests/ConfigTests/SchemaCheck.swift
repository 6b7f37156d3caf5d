import Files

/// So much of JSON Schema as `ConfigSchema` writes.
struct SchemaCheck {
    let schema: JSONValue

    init(_ schema: JSONValue) { self.schema = schema }

    func accepts(_ value: JSONValue) -> Bool { Self.holds(schema, value) }

    /// A word that is not known here makes the check fail: it would be passed over.
    static let words: Set = [
        "$schema", "title", "description", "default", "type", "enum", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "minLength", "minItems", "maxItems", "uniqueItems", "items", "properties", "required",
        "additionalProperties", "allOf", "anyOf", "not", "if", "then", "else", "pattern",
    ]

    private static func holds(_ schema: JSONValue, _ value: JSONValue) -> Bool {
        guard case .object(let members) = schema else { return schema == .bool(true) }
        return words.isSuperset(of: members.keys) && isOfType(members, value) && isInRange(members, value)
            && hasItems(members, value) && hasProperties(members, value) && combines(members, value)
    }

    private static func isOfType(_ schema: [String: JSONValue], _ value: JSONValue) -> Bool {
        let types: [JSONValue]? =
            switch schema["type"] {
            case .array(let types): types
            case let type?: [type]
            case nil: nil
            }
        if let types, !types.contains(where: { fits(value, $0.string ?? "") }) { return false }
        if case .array(let words)? = schema["enum"] { return words.contains(value) }
        return true
    }

    private static func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let number): type == "number" || type == "integer" && number == number.rounded()
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    private static func isInRange(_ schema: [String: JSONValue], _ value: JSONValue) -> Bool {
        if case .string(let text) = value {
            let form = schema["pattern"]?.string.map { try? Regex($0) }
            return Double(text.count) >= schema["minLength"]?.number ?? 0
                && form.map { $0.map { text.firstMatch(of: $0) != nil } ?? false } ?? true
        }
        guard case .number(let number) = value else { return true }
        return number >= schema["minimum"]?.number ?? -.infinity && number <= schema["maximum"]?.number ?? .infinity
            && number > schema["exclusiveMinimum"]?.number ?? -.infinity
            && number < schema["exclusiveMaximum"]?.number ?? .infinity
    }

    private static func hasItems(_ schema: [String: JSONValue], _ value: JSONValue) -> Bool {
        guard case .array(let items) = value else { return true }
        let count = Double(items.count)
        let isDistinct = items.indices.allSatisfy { !items[..<$0].contains(items[$0]) }
        return count >= schema["minItems"]?.number ?? 0 && count <= schema["maxItems"]?.number ?? .infinity
            && (isDistinct || schema["uniqueItems"] != .bool(true))
            && items.allSatisfy { holds(schema["items"] ?? .bool(true), $0) }
    }

    private static func hasProperties(_ schema: [String: JSONValue], _ value: JSONValue) -> Bool {
        guard case .object(let members) = value else { return true }
        if case .array(let required)? = schema["required"] {
            guard required.allSatisfy({ $0.string.map { members[$0] != nil } ?? false }) else { return false }
        }
        let others = schema["additionalProperties"] ?? .bool(true)
        return members.allSatisfy { holds(schema["properties"]?[$0.key] ?? others, $0.value) }
    }

    private static func combines(_ schema: [String: JSONValue], _ value: JSONValue) -> Bool {
        func all(_ key: String) -> [JSONValue]? { if case .array(let list)? = schema[key] { list } else { nil } }
        if let parts = all("allOf"), !parts.allSatisfy({ holds($0, value) }) { return false }
        if let parts = all("anyOf"), !parts.contains(where: { holds($0, value) }) { return false }
        if let other = schema["not"], holds(other, value) { return false }
        guard let condition = schema["if"] else { return true }
        return holds(schema[holds(condition, value) ? "then" : "else"] ?? .bool(true), value)
    }
}
