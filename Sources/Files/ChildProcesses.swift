public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The processes that this one has started, as the kernel knows them. One that leads a session of its own is another's program,
/// which may have started more: they end with it.
public enum ChildProcesses {
    /// In which another's program may put its things in order.
    private static let grace = Duration.seconds(1)

    /// Ends all of them and waits until they have ended, so that nothing is written any more.
    ///
    /// Other threads must start no more of them; one that is being started is found by the second look.
    /// - Parameter patience: a process that waits for a disk that does not answer cannot be killed.
    public static func killAll(patience: Duration) { end(patience: patience, own) }

    /// Ends what is left of a session whose leader this process has started and not yet reaped, so that its number means no other.
    public static func end(session: pid_t, patience: Duration = .seconds(5)) {
        end(patience: patience) { living().filter { $0.session == session }.map { ($0.process, true) } }
    }

    private typealias Found = [(process: pid_t, isOthers: Bool)]
    private typealias Seen = (process: pid_t, parent: pid_t, session: pid_t, hasEnded: Bool)

    /// Others' programs are asked first; what has not ended then, and this program's own, is killed.
    private static func end(patience: Duration, _ find: () -> Found) {
        let (began, deadline) = (ContinuousClock.now, ContinuousClock.now + patience)
        var asked: Set<pid_t> = []
        var quietLooks = 0
        while quietLooks < 2, ContinuousClock.now < deadline {
            let found = find()
            for (process, isOthers) in found {
                if !isOthers || ContinuousClock.now > began + grace {
                    kill(process, SIGKILL)
                } else if asked.insert(process).inserted {
                    kill(process, SIGTERM)
                    // One that is stopped does not hear it.
                    kill(process, SIGCONT)
                }
            }
            quietLooks = found.isEmpty ? quietLooks + 1 : 0
            usleep(10_000)
        }
    }

    private static func own() -> Found {
        let (own, all) = (getpid(), processes())
        let children = all.filter { $0.parent == own }
        // Also those of which the leader has ended.
        let sessions = Set(children.map(\.process)).intersection(children.map(\.session))
        return all.filter { !$0.hasEnded && ($0.parent == own || sessions.contains($0.session)) }
            .map { ($0.process, sessions.contains($0.session)) }
    }

    private static func living() -> [Seen] { processes().filter { !$0.hasEnded } }

    private static func processes() -> [Seen] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let number = pid_t(name), let state = ProcessState.of(number) else { return nil }
            return (number, state.parent, state.session, state.hasEnded)
        }
    }
}
