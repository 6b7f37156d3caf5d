import Files
import Foundation
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// The process that started this one, which holds our stdin open as long as it lives.
public enum ParentProcess {
    /// The next line that it sent; nil once it is gone.
    public static func line() -> String? { readLine() }

    /// From now on the end of stdin ends this process, with what it has begun to write. No more lines can be read.
    ///
    /// A signal on the parent's death would be no help: Linux sends it when the parent's *thread* ends.
    public static func watch() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            var count = 1
            while count > 0 || (count < 0 && errno == EINTR) { count = read(STDIN_FILENO, &byte, 1) }
            Temporaries.discardAll()
            _exit(ExitStatus.terminated.rawValue)
        }
    }

    /// A terminal sends these to every process of a command. What they mean is the parent's to decide, which ends this one.
    public static func leaveTerminalSignalsToIt() {
        for number in [SIGINT, SIGHUP, SIGQUIT] { signal(number, SIG_IGN) }
    }

    /// Reads the request, the first line of stdin; after that the end of stdin ends this process.
    public static func request() -> String? {
        guard let line = line() else { return nil }
        watch()
        return line
    }
}
