public import Records

/// What a stage did, over all its units.
public struct StageReport: Sendable {
    public var stage: String
    public var ok = 0
    public var empty = 0
    public var failures: [Failure] = []
    /// Units whose valid output was already there.
    public var cached = 0
    /// nil where there was nothing to do.
    public var throughput: Throughput?

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

    /// 0, or 3 where slides failed for reasons in their data; what is worse than that decides.
    public var exitStatus: ExitStatus {
        ExitStatus.worst(failures.map { $0.code == .notFound ? .partial : $0.code.exitStatus })
    }

    /// What its units are.
    public var noun: String { stage.hasPrefix("train_") ? "fold" : "slide" }

    /// `tile: 40 slides: 37 ok, 2 empty, 1 failed (30 were already done)`
    public func summary() -> String {
        let done = cached == 0 ? "" : cached == units ? " (all already done)" : " (\(cached) were already done)"
        return
            "\(stage): \(units) \(noun)\(units == 1 ? "" : "s"): \(ok) ok, \(empty) empty, \(failures.count) failed\(done)"
    }
}
