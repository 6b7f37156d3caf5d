import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Whether the machine lets this process have more threads.
///
/// Where it does not, libraries wait without an end for a thread that never comes: libdispatch sleeps and tries again, and what
/// starts children queues its work for nobody. So it is asked before.
public enum ThreadRoom {
    /// What a process that works on one slide, or computes, needs at once.
    public static let ofWorker = 3

    /// Tries to have so many threads at a time, and ends them again.
    /// - Throws: `Failure` (`.limit`), after a second try, where the system refuses one.
    public static func check(_ count: Int) throws {
        guard make(count).count < count else { return }
        usleep(500_000)
        let (made, code) = make(count)
        if made < count { throw Failure(.limit, nil, MachineLimit.words(of: "pthread_create", errno: code)) }
    }

    /// Makes up to `wanted` threads that live at the same time and do nothing, and ends them.
    /// - Returns: how many there were, and why the next one was refused; 0 where none was.
    public static func make(_ wanted: Int) -> (count: Int, code: Int32) {
        let end = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        defer { end.deallocate() }
        guard sem_init(end, 0, 0) == 0 else { return (0, errno) }
        defer { sem_destroy(end) }
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        guard pthread_attr_init(attributes) == 0 else { return (0, ENOMEM) }
        defer { pthread_attr_destroy(attributes) }
        var stack = least
        guard pthread_attr_setstacksize(attributes, stack) == 0 else { return (0, EINVAL) }
        var threads: [pthread_t] = []
        var code: Int32 = 0
        while threads.count < wanted {
            var thread = pthread_t()
            code = pthread_create(&thread, attributes, waitForEnd, end)
            // What libraries keep for each thread lies in its stack: CUDA's keep more than the least one has.
            if code == EINVAL, stack < most {
                stack *= 2
                guard pthread_attr_setstacksize(attributes, stack) == 0 else { break }
                continue
            }
            guard code == 0 else { break }
            threads.append(thread)
        }
        for _ in threads { sem_post(end) }
        for thread in threads { pthread_join(thread, nil) }
        return (threads.count, code)
    }

    /// Bytes of a thread's stack.
    private static let (least, most) = (64 << 10, 8 << 20)

    private static let waitForEnd: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { end in
        // Interrupted by a signal it only asks again.
        if let end { while sem_wait(end.assumingMemoryBound(to: sem_t.self)) != 0, errno == EINTR {} }
        return nil
    }
}

/// Limits that a machine sets on its processes, in words.
public enum MachineLimit {
    /// `posix_spawn: Resource temporarily unavailable; this user may have 40 processes and threads (ulimit -u): …`
    public static func words(of call: String, errno code: Int32) -> String {
        "\(call): \(String(cString: strerror(code)))" + (wayOut(of: code).map { "; \($0)" } ?? "")
    }

    private static func wayOut(of code: Int32) -> String? {
        switch code {
        case EAGAIN:
            let limit = value(of: __RLIMIT_NPROC).map { "this user may have \($0) processes and threads (ulimit -u)" }
            let space = value(of: RLIMIT_AS).map { ", and a process \($0 >> 20) MB of address space (ulimit -v)" }
            return (limit ?? "the machine or its container has no room for more processes and threads") + (space ?? "")
                + ": end others, use fewer workers or raise the limit"
        case EMFILE:
            let limit = value(of: RLIMIT_NOFILE).map { "this process may have \($0) files open (ulimit -n)" }
            return (limit ?? "too many files are open") + ": use fewer workers or raise the limit"
        case ENFILE: return "the machine has no room for more open files: end other processes"
        case ENOMEM: return "the machine has no memory for it: end other processes or use fewer workers"
        default: return nil
        }
    }

    /// nil: none.
    private static func value(of resource: __rlimit_resource) -> UInt? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur < UInt.max else {
            return nil
        }
        return limit.rlim_cur
    }
}
