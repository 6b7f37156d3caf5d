import Foundation
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// The process that started this one, which holds our stdin open as long as it lives.
public enum ParentProcess {
    /// The next line that it sent; nil once it is gone.
    public static func line() -> String? { readLine() }

    /// From now on the end of stdin ends this process. No more lines can be read.
    ///
    /// A signal on the parent's death would be no help: Linux sends it when the parent's *thread* ends.
    public static func watch() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR {}
            _exit(ExitStatus.terminated.rawValue)
        }
    }

    /// Reads the request, the first line of stdin; after that the end of stdin ends this process.
    public static func request() -> String? {
        guard let line = line() else { return nil }
        watch()
        return line
    }
}
