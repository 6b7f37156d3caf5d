/// One key with what belongs to it, such as `{"number": {"mean": 3, "sd": 2}}`. Checkpoints of before have it one level deeper, under `_0`.
extension Readout: Codable {
    private enum Key: String, CodingKey { case `class`, ordinal, labels, number, hazards, risk, several }

    private struct Count: Codable { var count: Int }

    /// Of before.
    private enum Old: String, CodingKey { case value = "_0" }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func value<Value: Decodable>(_ key: Key) throws -> Value {
            if let old = try? container.nestedContainer(keyedBy: Old.self, forKey: key), old.contains(.value) {
                return try old.decode(Value.self, forKey: .value)
            }
            return try container.decode(Value.self, forKey: key)
        }
        guard container.allKeys.count == 1, let key = container.allKeys.first else {
            let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "one key is wanted")
            throw DecodingError.dataCorrupted(context)
        }
        switch key {
        case .class: self = .class(count: try container.decode(Count.self, forKey: key).count)
        case .ordinal: self = .ordinal(count: try container.decode(Count.self, forKey: key).count)
        case .labels: self = .labels(try value(key))
        case .number: self = .number(try value(key))
        case .hazards: self = .hazards(try value(key))
        case .risk: self = .risk(try value(key))
        case .several: self = .several(try value(key))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .class(let count): try container.encode(Count(count: count), forKey: .class)
        case .ordinal(let count): try container.encode(Count(count: count), forKey: .ordinal)
        case .labels(let weights): try container.encode(weights, forKey: .labels)
        case .number(let scale): try container.encode(scale, forKey: .number)
        case .hazards(let hazards): try container.encode(hazards, forKey: .hazards)
        case .risk(let scale): try container.encode(scale, forKey: .risk)
        case .several(let parts): try container.encode(parts, forKey: .several)
        }
    }
}
