import Foundation
import Records

/// The runtimes of Swift and C++ end a program by abort(3), or by a trap, where an allocation finds no place. Below a limit on the address
/// space that is the machine's doing, which is said and has its exit code; any other such end stays what it is.
enum MemoryEnd {
    /// Where not even so much finds a place, memory has ended.
    private static let least = 16 << 20

    // Written once, before the handler is in force; a handler may allocate nothing.
    nonisolated(unsafe) private static var line: UnsafeMutableRawBufferPointer?

    static func install() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else {
            return
        }
        let text =
            "wsi: error[\(ErrorCode.limit.rawValue)] ulimit -v: a process may have \(limit.rlim_cur >> 20) MB of address space, "
            + "and this one needs more; raise the limit\n"
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        bytes.copyBytes(from: text.utf8)
        line = bytes
        for number in [SIGABRT, SIGILL, SIGTRAP] {
            signal(number) { number in
                // The allocation was this thread's last call that failed, however large it was: what is printed of it after that succeeds.
                let hasEnded = errno == ENOMEM || MemoryEnd.isFull
                guard hasEnded, let line = MemoryEnd.line else {
                    // The end goes on as if nobody had looked.
                    signal(number, SIG_DFL)
                    return
                }
                _ = write(STDERR_FILENO, line.baseAddress, line.count)
                _exit(ExitStatus.temporary.rawValue)
            }
        }
    }

    /// Of runtimes that have called something else in vain since.
    private static var isFull: Bool {
        mmap(nil, least, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
    }
}
