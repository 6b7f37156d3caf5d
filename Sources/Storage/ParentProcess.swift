import Foundation
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// The process that started this one, which holds our stdin open as long as it lives.
public enum ParentProcess {
    /// Reads the request, the first line of stdin; after that the end of stdin ends this process.
    ///
    /// A signal on the parent's death would be no help: Linux sends it when the parent's *thread* ends.
    public static func request() -> String? {
        guard let line = readLine() else { return nil }
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR {}
            _exit(ExitStatus.terminated.rawValue)
        }
        return line
    }
}
