import Files
public import Records
import Storage

/// What a stage did, over all its units.
public struct StageReport: Sendable {
    public var stage: StageName
    public var ok = 0
    public private(set) var empties = EmptyUnits()
    public var failures: [Failure] = []
    /// Slides that were found and could not become units.
    public var leftOut: [LeftOutFiles] = []
    /// Units whose valid output was already there.
    public var cached = 0
    /// nil where there was nothing to do.
    public var throughput: Throughput?

    public init(stage: StageName) { self.stage = stage }

    public mutating func count(_ outcome: Outcome) {
        switch outcome.status {
        case .ok: ok += 1
        case .empty: empties.add(outcome.unit, outcome.emptyReason)
        case .failed, .refused:
            failures.append(outcome.failure ?? Failure(.bug, outcome.unit.text, "no reason was recorded"))
        }
    }

    public var empty: Int { empties.count }

    public var failed: Int { leftOut.reduce(failures.count) { $0 + $1.count } }

    public var units: Int { ok + empty + failed }

    /// 0, or 3 where slides failed for reasons in their data; what is worse than that decides.
    public var exitStatus: ExitStatus {
        let own = failures.map { [.notFound, .access].contains($0.code) ? ExitStatus.partial : $0.code.exitStatus }
        return ExitStatus.worst(own + leftOut.map { $0.failure.code.isOfMachine ? .temporary : .partial })
    }

    /// What its units are.
    public var noun: String { (stage.kind?.unit == .fold ? StageName.Kind.Unit.fold : .slide).rawValue }

    /// `tile: 40 slides: 37 ok, 2 empty, 1 failed (30 were already done)`
    public func summary() -> String {
        let done = cached == 0 ? "" : cached == units ? " (all already done)" : " (\(cached) were already done)"
        return "\(stage): \(units) \(noun)\(units == 1 ? "" : "s"): \(ok) ok, \(empty) empty, \(failed) failed\(done)"
    }

    /// A line for every reason why units are empty.
    public var emptyText: [String] { empties.reasons.map(\.text) }
}

/// Units without a patch, by the reason.
public struct EmptyUnits: Sendable {
    public struct Reason: Codable, Equatable, Sendable {
        /// Of the first of these slides; the others' differs in its numbers at most.
        public var reason: String
        public var slides: [SlideID]

        /// `empty, 2 (a, b): no pixel has more saturation than 20 of 255`
        public var text: String { "empty, \(slides.count) (\(slides.map(\.text).shortened)): \(reason)" }
    }

    private var found: [(unit: UnitID, reason: String)] = []

    var count: Int { found.count }

    mutating func add(_ unit: UnitID, _ reason: String?) {
        found.append((unit, reason ?? "no patch, as in the stage before"))
    }

    /// The most frequent one first.
    var reasons: [Reason] {
        let groups = Dictionary(grouping: found) { $0.reason.replacing(/[0-9][0-9.,]*/, with: "#") }.values
        return groups.map { group in
            let units = group.sorted { $0.unit < $1.unit }
            return Reason(reason: units.first?.reason ?? "", slides: units.map(\.unit.slide))
        }
        .sorted { ($1.slides.count, $0.reason) < ($0.slides.count, $1.reason) }
    }
}
