public import Records
import Synchronization

/// When a command has to be at its end, such as that of its job's time.
///
/// In the last minute no unit is begun; what is left then is the business of the same command, called again. What still runs when
/// `stopping` are left is stopped as by a signal, so that nothing false stays and a training goes on from its last epoch.
public struct TimeLimit: Sendable {
    /// By a clock that nobody sets.
    let end: ContinuousClock.Instant
    /// In which no unit is begun: enough for most slides to end, and twice what the slowest took is kept beside.
    var margin = Duration.seconds(60)
    /// In which what runs is stopped: children are killed and files removed within it.
    var stopping = Duration.seconds(20)
    /// In which the command ends, wherever it stands: between stages, or in a file that does not end.
    static let leaving = Duration.seconds(5)

    /// - Parameter left: from now on.
    public init(left: Duration) { end = .now + left }

    var left: Duration { end - .now }

    /// - Parameter longest: that a unit of the stage has taken so far.
    func mayBegin(after longest: Duration) -> Bool { left > max(margin, longest * 2) }

    /// Waits until what runs is to be stopped.
    /// - Throws: `CancellationError` where there was no need to.
    func wait() async throws {
        while true {
            let rest = left - stopping
            guard rest > .zero else { return }
            // A clock of some systems stands still while they sleep; nothing depends on one long wait.
            try await Task.sleep(for: min(rest, .seconds(30)))
        }
    }

    /// Ends the command shortly before the time does, wherever it stands by then.
    /// - Parameter say: prints the line that tells of it.
    public func enforce(say: @escaping @Sendable (Failure) -> Void) {
        // However little it is, a command that begins nothing says within this what is left to do.
        let patience = max(left - Self.leaving, Self.leaving)
        let deadline = Deadline(after: patience) {
            Ending.leaveNow(.temporary) {
                say(Failure(.time, nil, "the time is over before the work is; the same command goes on"))
            }
        }
        Self.enforced.withLock { $0 = deadline }
    }

    /// One that nobody holds is called off.
    private static let enforced = Mutex<Deadline?>(nil)
}

/// Work is left and the time for it is over.
struct TimeIsUp: Error {
    /// As the command says it.
    static func failure(_ stage: String, left: Int, of units: Int, _ noun: String) -> Failure {
        let all = "\(units) \(noun)\(units == 1 ? "" : "s")"
        // The same command with the same time would do nothing for ever.
        let wayOut =
            left == units
            ? "in its last minute none is begun, so give the same command more of it" : "the same command goes on"
        return Failure(.time, stage, "the time is over with \(left) of \(all) left to do; \(wayOut)")
    }
}

/// Whether another unit of a stage may be begun.
struct UnitClock {
    let limit: TimeLimit?
    private var longest = Duration.zero

    init(_ limit: TimeLimit?) { self.limit = limit }

    var mayBegin: Bool { limit?.mayBegin(after: longest) ?? true }

    mutating func took(_ time: Duration) { longest = max(longest, time) }
}
