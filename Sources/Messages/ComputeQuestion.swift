/// What `wsi-compute <verb>` can be asked.
public enum ComputeVerb: String, CaseIterable, Sendable {
    case train, predict, faithfulness, encode, bench, check, engine, machine, devices
}

/// A question to `wsi-compute`: one frame on its stdin. It says words on the way, and then one answer.
public protocol ComputeQuestion: Codable, Sendable {
    /// What is said on the way.
    associatedtype Word: Codable & Sendable = Never
    associatedtype Answer: Codable & Sendable

    static var verb: ComputeVerb { get }
}
