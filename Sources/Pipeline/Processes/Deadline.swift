import Config
import Dispatch
import Storage
import Synchronization

/// A moment at which something is done, unless it is called off before.
///
/// A task that sleeps would do as much, but one that is cancelled keeps its timer until the moment comes: 600 bytes for each
/// slide of a run, for half an hour. This one holds nothing once it is called off.
final class Deadline: Sendable {
    private enum State { case waiting, passed, calledOff }

    private let state = Mutex(State.waiting)
    // Safe to share: a source may be activated and cancelled from any thread, and is only that after `init`.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    init(after time: Duration, _ action: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: .global())
        let (seconds, attoseconds) = time.components
        // Some sixty years are as good as for ever, and no number overflows.
        let nanoseconds = Int(min(max(seconds, 0), 2_000_000_000)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        timer.schedule(deadline: .now() + .nanoseconds(max(0, nanoseconds)))
        timer.setEventHandler { [weak self] in
            guard let self, self.end(as: .passed) == .passed else { return }
            action()
        }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// - Returns: whether the moment had passed.
    @discardableResult func callOff() -> Bool {
        defer { timer.cancel() }
        return end(as: .calledOff) == .passed
    }

    /// The first end is the one that counts.
    private func end(as new: State) -> State {
        state.withLock { state in
            if state == .waiting { state = new }
            return state
        }
    }
}
