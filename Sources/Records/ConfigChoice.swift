/// A config that cannot be used; the message names the key path and what is allowed.
public struct ConfigError: ReportableError, Equatable {
    public let subject: String?
    public let message: String
    public var code: ErrorCode { .config }

    /// - Parameter keyPath: empty for the config as a whole.
    public init(_ keyPath: String, _ message: String) {
        self.subject = keyPath.isEmpty ? nil : keyPath
        self.message = message
    }

    /// `search.models[1]`
    public static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { text, key in
            key.intValue.map { "\(text)[\($0)]" } ?? (text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)")
        }
    }
}

/// A config value with a closed set of words: decoding names the allowed ones.
public protocol ConfigChoice: RawRepresentable, CaseIterable, Codable, Sendable where RawValue == String {}

extension ConfigChoice {
    public init(from decoder: any Decoder) throws {
        let path = ConfigError.path(decoder.codingPath)
        let allowed = Self.allCases.map(\.rawValue).joined(separator: ", ")
        guard let word = try? decoder.singleValueContainer().decode(String.self), let choice = Self(rawValue: word)
        else {
            throw ConfigError(path, "one of \(allowed) is wanted here")
        }
        self = choice
    }
}

/// A word of a config that the reference explains.
public protocol DescribedChoice: ConfigChoice {
    /// As Markdown.
    var meaning: String { get }
}

extension ConfigError {
    /// Checks a range in a `validate` step.
    public static func check(_ holds: Bool, _ keyPath: String, _ message: @autoclosure () -> String) throws {
        if !holds { throw ConfigError(keyPath, message()) }
    }

    /// An empty path is the config's own folder, which nobody means.
    public static func checkNotEmpty(_ text: String?, _ keyPath: String) throws {
        try check(text?.isEmpty != true, keyPath, "this text is empty; name what is meant, or leave the key out")
    }
}
