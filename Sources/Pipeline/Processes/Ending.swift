import Files
public import Foundation
public import Records
import Storage
import Synchronization

/// How a command ends: nothing that it or its processes have begun to write is left behind.
public enum Ending {
    private struct Place {
        var folder: URL
        var isDeep: Bool

        func sweep(until deadline: ContinuousClock.Instant? = nil) {
            isDeep ? Temporaries.sweep(folder, until: deadline) : Temporaries.sweepFiles(in: folder)
        }
    }

    private struct State {
        var places: [Place] = []
        var hasLostProcess = false
        var isLeaving = false
    }

    private static let state = Mutex(State())

    /// Names a folder below which the command and its processes write, and removes what dead processes have left there.
    public static func watch(over folder: URL) { watch(Place(folder: folder, isDeep: true)) }

    /// The same for a folder that is not the command's own, below which anything may lie.
    public static func watch(overFilesIn folder: URL) { watch(Place(folder: folder, isDeep: false)) }

    private static func watch(_ place: Place) {
        state.withLock { $0.places.append(place) }
        place.sweep()
    }

    /// A process of the command has ended before its work was done, and may have left temporary files.
    static func processWasLost() { state.withLock { $0.hasLostProcess = true } }

    /// Ends the command.
    public static func leave(_ status: ExitStatus) -> Never {
        Temporaries.holdIfClosed()
        let left = state.withLock { $0 }
        if left.hasLostProcess { left.places.forEach { $0.sweep() } }
        exit(status.rawValue)
    }

    /// Ends the command because of a signal or of its time, wherever its threads stand: first its processes, then what they and it
    /// have begun. Of several reasons at once the first one counts.
    /// - Parameter say: prints the line that tells why.
    public static func leaveNow(_ status: ExitStatus, say: () -> Void) -> Never {
        let isFirst = state.withLock { state in
            defer { state.isLeaving = true }
            return !state.isLeaving
        }
        Temporaries.close()
        if !isFirst { Temporaries.holdIfClosed() }
        say()
        ChildProcesses.killAll(patience: .seconds(5))
        Turn.endAll()
        // A process may have ended by the same signal and be gone already: what it had begun is looked for in any case.
        let deadline = ContinuousClock.now + .seconds(10)
        state.withLock { $0 }.places.forEach { $0.sweep(until: deadline) }
        Temporaries.discardAll()
        // Other threads are in the middle of their work: what `exit` tears down, they still use.
        _exit(status.rawValue)
    }

    /// Before the end of a child is judged: whoever stops a whole group of processes stops this one too, at about the same
    /// time, and then the child's end says nothing.
    static func settle(_ end: ChildProcess.End) async {
        if case .signalled(let number) = end, [SIGHUP, SIGINT, SIGQUIT, SIGTERM].contains(number) {
            try? await Task.sleep(for: .seconds(1))
        }
        await Temporaries.holdTaskIfClosed()
    }
}
