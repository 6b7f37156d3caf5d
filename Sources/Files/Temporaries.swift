public import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// What this process writes under temporary names, so that it can be removed when a signal ends the process, and the names.
public enum Temporaries {
    private struct State {
        var open: Set<String> = []
        var isClosed = false
    }

    private static let state = Mutex(State())

    /// Registers a new name: `.wsi-HOST-PID-BOOT-NAMESPACE-START-N.tmp`. Its length does not depend on that of the final
    /// name: a 200-byte id plus a suffix must stay under NAME_MAX. Never returns once `close` was called.
    static func begin(in folder: URL) -> URL {
        let name = "\(prefix)\(ProcessTag.own.text)-\(UInt32.random(in: 0 ... .max))\(suffix)"
        let url = folder.appending(path: name)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.open.insert(url.path) }
            return state.isClosed
        }
        if isClosed { stop() }
        return url
    }

    /// The name was given up for a final one.
    static func end(_ url: URL) { _ = state.withLock { $0.open.remove(url.path) } }

    /// Removes a file or folder that has no final name.
    public static func discard(_ url: URL) {
        remove(url.path)
        end(url)
    }

    /// From now on whoever wants to write, or calls `holdIfClosed`, waits for the end of the process.
    public static func close() { state.withLock { $0.isClosed = true } }

    /// Waits for the end of the process where a signal is ending it, so that nothing of it is taken for a fault.
    public static func holdIfClosed() { if state.withLock(\.isClosed) { stop() } }

    /// The same for a task, whose thread is left to others.
    public static func holdTaskIfClosed() async {
        // A sleep would end at once where the task was cancelled.
        if state.withLock(\.isClosed) { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
    }

    /// Removes whatever this process has under temporary names; it must end right after.
    public static func discardAll() {
        close()
        // Threads that were about to create their file when they were stopped have done so by the second time.
        for isLast in [false, true] {
            state.withLock(\.open).forEach(remove)
            if !isLast { usleep(20_000) }
        }
    }

    private static func stop() -> Never { while true { sleep(3600) } }

    /// Tries once more where the machine fails: a network file system may have lost a server for a moment.
    static func remove(_ path: String) {
        for _ in 0..<2 {
            if unlink(path) == 0 || errno == ENOENT { return }
            if errno == EISDIR || errno == EPERM, (try? FileManager.default.removeItem(atPath: path)) != nil { return }
        }
    }

    /// Begins every temporary name; the host is in it because a process number means nothing on another one.
    static let prefix: String = {
        var name = utsname()
        guard uname(&name) == 0 else { return "\(mark)unknown-" }
        let host = withUnsafeBytes(of: &name.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return "\(mark)\(host.filter { $0.isLetter || $0.isNumber }.prefix(32))-"
    }()

    /// Of every host.
    static let mark = ".wsi-"
    static let suffix = ".tmp"
}
