import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The processes that this one has started, as the kernel knows them.
public enum ChildProcesses {
    /// Kills all of them and waits until they have ended, so that nothing is written any more.
    ///
    /// Other threads must start no more of them; one that is being started is found by the second look.
    /// - Parameter patience: a process that waits for a disk that does not answer cannot be killed.
    public static func killAll(patience: Duration) {
        let deadline = ContinuousClock.now + patience
        var quietLooks = 0
        while quietLooks < 2, ContinuousClock.now < deadline {
            let alive = alive()
            alive.forEach { kill($0, SIGKILL) }
            quietLooks = alive.isEmpty ? quietLooks + 1 : 0
            usleep(10_000)
        }
    }

    private static func alive() -> [pid_t] {
        let own = getpid()
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let number = pid_t(name), let state = ProcessState.of(number) else { return nil }
            return state.parent == own && !state.hasEnded ? number : nil
        }
    }
}
