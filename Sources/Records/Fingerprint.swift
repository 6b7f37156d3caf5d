/// Everything that determines an output, by name; paths, threads and times are never in it (design decision 9).
public struct Fingerprint: Codable, Equatable, Sendable {
    /// Raised when the meaning of a stage's output changes.
    public var format: Int
    public var stage: String
    /// What flags and config say.
    public var parameters: [String: String]
    /// Digests of what the stage reads.
    public var inputs: [String: String]

    public init(format: Int = 1, stage: String, parameters: [String: String], inputs: [String: String]) {
        self.format = format
        self.stage = stage
        self.parameters = parameters
        self.inputs = inputs
    }

    /// How an existing output's fingerprint relates to the wanted one.
    public enum Comparison: Equatable, Sendable {
        case same
        /// Only upstream results changed.
        case inputsDiffer([String])
        /// The configuration changed: these keys, with the old and the new value.
        case parametersDiffer([String])
    }

    public func compared(to old: Fingerprint) -> Comparison {
        var keys: [String] = []
        if old.format != format { keys.append("format (\(old.format), now \(format))") }
        keys += Self.differing(old.parameters, parameters).map { key in
            "\(key) (\(old.parameters[key] ?? "none"), now \(parameters[key] ?? "none"))"
        }
        if !keys.isEmpty { return .parametersDiffer(keys) }
        let changed = Self.differing(old.inputs, inputs)
        return changed.isEmpty ? .same : .inputsDiffer(changed)
    }

    private static func differing(_ old: [String: String], _ new: [String: String]) -> [String] {
        Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }
}
