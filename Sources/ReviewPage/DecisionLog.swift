import Foundation
public import Records
import Storage

/// `JOB/review/decisions/ID.jsonl`: every decision that was ever saved, oldest first.
public struct DecisionLog: Sendable {
    public let layout: JobLayout

    public init(_ layout: JobLayout) { self.layout = layout }

    /// On disk when this returns.
    /// - Throws: `StorageError`.
    public func append(_ decision: Decision) throws {
        try Journal.append(decision, to: layout.decisions.appending(path: "\(decision.slide.text).jsonl"))
    }

    /// All decisions of a slide.
    public func decisions(of slide: SlideID) throws -> [Decision] {
        try Journal.read(Decision.self, from: layout.decisions.appending(path: "\(slide.text).jsonl"))
            .filter { $0.slide == slide }
    }
}

extension [Decision] {
    /// The last opinion of each reader and the last adjudication, in the order of the list.
    public var latest: [Decision] {
        let last = lastIndices
        return indices.filter(last.contains).map { self[$0] }
    }

    var lastIndices: Set<Int> { last(of: { [$0.reviewer] }) }

    /// The last opinion of each reader on each model, and the last adjudication of each, in the order of the list.
    var latestByModel: [Decision] {
        let last = self.last(of: { [$0.reviewer, $0.model] })
        return indices.filter(last.contains).map { self[$0] }
    }

    private func last(of key: (Decision) -> [String?]) -> Set<Int> {
        let groups = Dictionary(grouping: indices) { place in
            self[place].kind == .adjudication ? [nil] + key(self[place]).dropFirst() : key(self[place])
        }
        return Set(groups.values.compactMap(\.last))
    }
}
