/// Everything that determines an output, by name; paths, threads and times are never in it (docs/decisions/009).
public struct Fingerprint: Codable, Equatable, Sendable {
    /// Raised when the meaning of a stage's output changes.
    public var format: Int
    public var stage: String
    /// What flags and config say.
    public var parameters: [String: String]
    /// Digests of what the stage reads.
    public var inputs: [String: String]

    public enum CodingKeys: String, CodingKey { case format, stage, parameters, inputs }

    public init(format: Int = 1, stage: String, parameters: [String: String], inputs: [String: String]) {
        self.format = format
        self.stage = stage
        self.parameters = parameters
        self.inputs = inputs
    }

    /// A parameter with two values; nil where one side has none.
    public struct Difference: Equatable, Sendable {
        public var key: String
        public var old: String?
        public var new: String?

        public init(key: String, old: String?, new: String?) {
            (self.key, self.old, self.new) = (key, old, new)
        }
    }

    /// How an existing output's fingerprint relates to the wanted one.
    public enum Comparison: Equatable, Sendable {
        case same
        /// Only upstream results changed: the names of their digests.
        case inputsDiffer([String])
        /// The configuration changed.
        case parametersDiffer([Difference])
    }

    public func compared(to old: Fingerprint) -> Comparison {
        var differences: [Difference] = []
        if old.format != format {
            differences.append(Difference(key: "format", old: "\(old.format)", new: "\(format)"))
        }
        differences += Self.differing(old.parameters, parameters).map { key in
            Difference(key: key, old: old.parameters[key], new: parameters[key])
        }
        if !differences.isEmpty { return .parametersDiffer(differences) }
        let changed = Self.differing(old.inputs, inputs)
        return changed.isEmpty ? .same : .inputsDiffer(changed)
    }

    /// A result of other parameters must not stand beside those of these.
    public func hasOtherParameters(than old: Fingerprint) -> Bool {
        if case .parametersDiffer = compared(to: old) { true } else { false }
    }

    private static func differing(_ old: [String: String], _ new: [String: String]) -> [String] {
        Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }
}
