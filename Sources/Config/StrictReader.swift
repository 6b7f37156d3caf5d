import Records

/// Reads a JSON object into a struct that already holds its defaults; refuses keys it does not know.
///
/// Each default is written once, in the struct; the keys are its `CodingKeys` (snake_case). A section of a config says more of
/// its keys (`ConfigSection`).
public struct StrictReader<Key: CodingKey & CaseIterable & Hashable> {
    private let container: KeyedDecodingContainer<Key>
    /// Of the object; empty for the config as a whole.
    public let path: String

    /// - Parameter ignored: a key that may be there and says nothing.
    /// - Throws: `ConfigError` where the value is no object or has a key that is not in `Key`.
    public init(_ decoder: any Decoder, _: Key.Type, ignoring ignored: String? = nil) throws {
        path = ConfigError.path(decoder.codingPath)
        let every: KeyedDecodingContainer<AnyKey>
        do {
            every = try decoder.container(keyedBy: AnyKey.self)
            container = try decoder.container(keyedBy: Key.self)
        } catch DecodingError.typeMismatch { throw ConfigError(path, "an object {…} is wanted here") }
        let known = Set(Key.allCases.map(\.stringValue))
        if let stranger = every.allKeys.map(\.stringValue).filter({ !known.contains($0) && $0 != ignored }).min() {
            throw ConfigError(
                ConfigError.join(path, stranger),
                "unknown key; known keys are \(known.sorted().joined(separator: ", "))"
            )
        }
    }

    /// Replaces `value` if the key is there; `null` counts as absent.
    /// - Throws: `ConfigError` naming the key path and the wanted type.
    public func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        if let found: Value = try decode(key) { value = found }
    }

    public func read<Value: Decodable>(_ key: Key, into value: inout Value?) throws {
        if let found: Value = try decode(key) { value = found }
    }

    /// - Throws: `ConfigError` where the key is absent.
    public func require<Value: Decodable>(_ key: Key, _ type: Value.Type = Value.self) throws -> Value {
        guard let value: Value = try decode(key) else { throw missing(key) }
        return value
    }

    func missing(_ key: Key) -> ConfigError { ConfigError(keyPath(key), "this key is required") }

    /// The value, where the key is there and not `null`.
    /// - Parameter shape: what is wanted.
    /// - Throws: `ConfigError` naming the key path and what is wanted.
    func value<Value: Decodable>(_ key: Key, _ shape: ConfigShape) throws -> Value? {
        do {
            return try decode(key) { path in
                let isMember = path.count > container.codingPath.count + 1
                return "\(isMember ? shape.member.wanted : shape.wanted) is wanted here"
            }
        } catch let error as ConfigError {
            // The type names all of its words, of which this key may take some.
            guard case .choice = shape, error.subject == keyPath(key) else { throw error }
            throw ConfigError(keyPath(key), "\(shape.wanted) is wanted here")
        }
    }

    /// - Throws: `ConfigError` where one of the keys is there; `null` counts as absent.
    public func refuse(_ keys: Key..., because reason: String) throws {
        for key in keys where container.contains(key) {
            guard try container.decodeNil(forKey: key) else { throw ConfigError(keyPath(key), reason) }
        }
    }

    public func keyPath(_ key: Key) -> String { ConfigError.join(path, key.stringValue) }

    /// - Parameter wanted: what is said of a value that does not fit; nil: what its type and the decoder tell.
    private func decode<Value: Decodable>(
        _ key: Key,
        wanted: (([any CodingKey]) -> String)? = nil
    ) throws -> Value? {
        do {
            return try container.decodeIfPresent(Value.self, forKey: key)
        } catch let error as any ReportableError {
            throw error
        } catch DecodingError.dataCorrupted(let context) {
            let message = wanted?(context.codingPath) ?? context.debugDescription
            throw ConfigError(ConfigError.path(context.codingPath), message)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let message = wanted?(context.codingPath) ?? "\(Self.wanted(Value.self)) is wanted here"
            throw ConfigError(ConfigError.path(context.codingPath), message)
        } catch  where !(error is DecodingError) {
            // A number that does not fit its type, such as -1 for UInt64: Foundation's error for it has no path.
            throw ConfigError(
                keyPath(key),
                wanted?(container.codingPath + [key]) ?? "\(Self.wanted(Value.self)) in range is wanted here"
            )
        }
    }

    private static func wanted(_ type: Any.Type) -> String {
        switch type {
        case is Int.Type, is UInt64.Type: "a whole number"
        case is Double.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "a string"
        default: "another type of value"
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}
