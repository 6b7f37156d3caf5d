public import Config
import Files
public import Foundation

/// A study's config with every default written out.
public struct ResolvedConfig {
    public let config: PipelineConfig
    /// In the order of the reference; reads back as the same config.
    public let text: ConfigText
    /// The paths of the keys that the file itself gives, in that order; the others are defaults.
    public let given: [String]

    /// - Throws: as `PipelineConfig.read`.
    public init(contentsOf url: URL) throws {
        config = try PipelineConfig.read(url)
        text = try config.shown()
        given = Self.keys(of: try CanonicalJSON.read(JSONValue.self, written: url), shown: text, below: "")
    }

    private static func keys(of value: JSONValue, shown: ConfigText, below path: String) -> [String] {
        guard case .members(let members) = shown, case .object = value else { return [path] }
        return members.flatMap { member -> [String] in
            guard let value = value[member.key], value != .null else { return [] }
            return keys(of: value, shown: member.value, below: path.isEmpty ? member.key : "\(path).\(member.key)")
        }
    }
}
