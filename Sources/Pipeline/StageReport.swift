public import Records

/// What a stage did, over all its units.
public struct StageReport: Sendable {
    public var stage: String
    public var ok = 0
    public var empty = 0
    public var failures: [Failure] = []
    /// Units whose valid output was already there.
    public var cached = 0

    public init(stage: String) { self.stage = stage }

    public mutating func count(_ outcome: Outcome) {
        switch outcome.status {
        case .ok: ok += 1
        case .empty: empty += 1
        case .failed, .refused:
            failures.append(outcome.failure ?? Failure(.bug, outcome.unit.text, "no reason was recorded"))
        }
    }

    public var units: Int { ok + empty + failures.count }

    /// 0, or 3 where data failed, or 75 where a retry may help, or 1 where a process of ours failed.
    public var exitStatus: ExitStatus {
        if failures.contains(where: { $0.code.exitStatus == .bug }) { return .bug }
        if failures.contains(where: { [.noSpace, .io].contains($0.code) }) { return .temporary }
        if failures.contains(where: { $0.code.exitStatus == .integrity }) { return .integrity }
        return failures.isEmpty ? .ok : .partial
    }

    /// `tile: 40 slides: 37 ok, 2 empty, 1 failed (30 were already done)`
    public func summary(of noun: String = "slide") -> String {
        let done = cached == 0 ? "" : cached == units ? " (all already done)" : " (\(cached) were already done)"
        return
            "\(stage): \(units) \(noun)\(units == 1 ? "" : "s"): \(ok) ok, \(empty) empty, \(failures.count) failed\(done)"
    }
}
