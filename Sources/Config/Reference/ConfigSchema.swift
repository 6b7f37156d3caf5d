public import Files
import Foundation

/// A JSON Schema (draft 2020-12) of a config, made of the keys' declarations. What must hold between keys that is no word's
/// matter stands in descriptions alone.
public struct ConfigSchema {
    private let root: ConfigOutline

    public init(_ root: ConfigOutline) { self.root = root }

    public var json: JSONValue {
        var members = object(root, isNullable: false)
        members["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        members["title"] = .string("The config of a study")
        if case .object(var properties)? = members["properties"] {
            properties["$schema"] = .object([:])
            members["properties"] = .object(properties)
        }
        return .object(members)
    }

    private func object(_ outline: ConfigOutline, isNullable: Bool) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "type": type("object", isNullable),
            "description": .string(([outline.words] + outline.rules).joined(separator: " ")),
            "properties": .object(
                Dictionary(uniqueKeysWithValues: outline.entries.map { ($0.key, .object(property($0))) })
            ),
            "additionalProperties": .bool(false),
        ]
        let required = outline.entries.filter(\.isRequired).map { JSONValue.string($0.key) }
        if !required.isEmpty { members["required"] = .array(required) }
        let conditionals = outline.entries.flatMap { entry in entry.conditions.map { conditional(entry.key, $0) } }
        if !conditionals.isEmpty { members["allOf"] = .array(conditionals) }
        return members
    }

    private func property(_ entry: ConfigOutline.Entry) -> [String: JSONValue] {
        var members = value(entry.shape, isNullable: !entry.isRequired)
        members["description"] = .string(entry.words)
        if let text = Set(entry.defaults).count == 1 ? entry.defaults.first?.flatMap({ $0 }) : nil {
            members["default"] = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        }
        return members
    }

    private func value(_ shape: ConfigShape, isNullable: Bool) -> [String: JSONValue] {
        switch shape {
        case .number(let range, _):
            var members = ["type": type("number", isNullable)]
            if let lower = range.lower { members[range.isAbove ? "exclusiveMinimum" : "minimum"] = .number(lower) }
            if let upper = range.upper { members[range.isBelow ? "exclusiveMaximum" : "maximum"] = .number(upper) }
            return members
        case .whole(let range, _):
            return [
                "type": type("integer", isNullable), "minimum": .number(Double(range.lowerBound)),
                "maximum": .number(Double(range.upperBound)),
            ]
        case .flag: return ["type": type("boolean", isNullable)]
        case .text(let isEmptyAllowed):
            return ["type": type("string", isNullable)].merging(isEmptyAllowed ? [:] : ["minLength": .number(1)]) { $1 }
        case .choice(let words):
            return ["enum": .array(words.map { .string($0.word) } + (isNullable ? [.null] : []))]
        case .pattern(_, let form): return ["type": type("string", isNullable), "pattern": .string(form)]
        case .list(let shape, let count, let isDistinct):
            var members: [String: JSONValue] = [
                "type": type("array", isNullable), "items": .object(value(shape, isNullable: false)),
                "minItems": .number(Double(count.lowerBound)),
            ]
            if count.upperBound != .max { members["maxItems"] = .number(Double(count.upperBound)) }
            if isDistinct { members["uniqueItems"] = .bool(true) }
            return members
        case .table:
            return [
                "type": type("object", isNullable), "additionalProperties": .object(["type": .string("string")]),
            ]
        case .grid(let outline):
            var members: [String: JSONValue] = ["type": type("object", isNullable)]
            let values = JSONValue.object(["type": .string("array"), "minItems": .number(1)])
            guard let outline else {
                members["additionalProperties"] = values
                return members
            }
            let lists = outline.entries.map { ($0.key, JSONValue.object(list(of: $0))) }
            members["properties"] = .object(Dictionary(uniqueKeysWithValues: lists))
            members["additionalProperties"] = .bool(false)
            return members
        case .either(let shapes):
            return ["anyOf": .array(shapes.map { .object(value($0, isNullable: isNullable)) })]
        case .section(let outline): return object(outline, isNullable: isNullable)
        case .kinds(let tag, let kinds, _): return self.kinds(tag, kinds, isNullable)
        }
    }

    /// The values that a key is tried with; null for leaving it out.
    private func list(of entry: ConfigOutline.Entry) -> [String: JSONValue] {
        [
            "type": .string("array"), "minItems": .number(1), "uniqueItems": .bool(true),
            "items": .object(value(entry.shape, isNullable: !entry.isRequired)),
        ]
    }

    private func kinds(_ tag: String, _ kinds: [ConfigKind], _ isNullable: Bool) -> [String: JSONValue] {
        func isOne(of words: [String]) -> JSONValue {
            .object([tag: .object(["enum": .array(words.map(JSONValue.string))])])
        }
        return [
            "type": type("object", isNullable), "required": .array([.string(tag)]),
            "properties": isOne(of: kinds.flatMap(\.words)),
            "allOf": .array(
                kinds.map { kind in
                    .object([
                        "if": .object(["properties": isOne(of: kind.words), "required": .array([.string(tag)])]),
                        "then": .object(object(kind.outline, isNullable: false)),
                    ])
                }
            ),
        ]
    }

    /// A key is left out, or null, but under its condition.
    private func conditional(_ key: String, _ condition: ConfigConditionShape) -> JSONValue {
        let isNull = JSONValue.object(["type": .string("null")])
        let absent = JSONValue.object(["properties": .object([key: isNull])])
        func isGiven(_ other: String) -> JSONValue {
            .object([
                "properties": .object([other: .object(["not": isNull])]), "required": .array([.string(other)]),
            ])
        }
        switch condition {
        case .only(let other, let words, let orAbsent):
            let allowed = JSONValue.object(["enum": .array(words + (orAbsent ? [.null] : []))])
            var holds: [String: JSONValue] = ["properties": .object([other: allowed])]
            if !orAbsent { holds["required"] = .array([.string(other)]) }
            return .object(["if": .object(holds), "else": absent])
        case .with(let other): return .object(["if": isGiven(other), "else": absent])
        case .without(let others):
            return .object(["if": .object(["anyOf": .array(others.map(isGiven))]), "then": absent])
        }
    }

    private func type(_ name: String, _ isNullable: Bool) -> JSONValue {
        isNullable ? .array([.string(name), .string("null")]) : .string(name)
    }
}
