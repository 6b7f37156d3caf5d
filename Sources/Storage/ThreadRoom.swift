import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Whether the machine lets this process have more threads.
///
/// Where it does not, libraries wait without an end for a thread that never comes: libdispatch sleeps and tries again, and what
/// starts children queues its work for nobody. So it is asked before.
public enum ThreadRoom {
    /// What a command needs at once: the threads of dispatch, of Swift's tasks and of what starts and watches children.
    public static let ofCommand = 8
    /// What a process that works on one slide, or computes, needs.
    public static let ofWorker = 3

    /// Tries to have so many threads at a time, and ends them again.
    /// - Throws: `Failure` (`.limit`), after a second try, where the system refuses one.
    public static func check(_ count: Int) throws {
        guard refusal(of: count) != 0 else { return }
        usleep(500_000)
        let code = refusal(of: count)
        if code != 0 { throw Failure(.limit, nil, MachineLimit.words(of: "pthread_create", errno: code)) }
    }

    /// - Returns: why one of so many threads could not be had; 0 where all could.
    private static func refusal(of count: Int) -> Int32 {
        let end = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        defer { end.deallocate() }
        guard sem_init(end, 0, 0) == 0 else { return errno }
        defer { sem_destroy(end) }
        var threads: [pthread_t] = []
        defer {
            for _ in threads { sem_post(end) }
            for thread in threads { pthread_join(thread, nil) }
        }
        for _ in 0..<count {
            var thread = pthread_t()
            let refused = pthread_create(&thread, nil, waitForEnd, end)
            guard refused == 0 else { return refused }
            threads.append(thread)
        }
        return 0
    }

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
            return (limit ?? "the machine or its container has no room for more processes and threads")
                + ": end others, use fewer --workers or raise the limit"
        case EMFILE:
            let limit = value(of: RLIMIT_NOFILE).map { "this process may have \($0) files open (ulimit -n)" }
            return (limit ?? "too many files are open") + ": use fewer --workers or raise the limit"
        case ENFILE: return "the machine has no room for more open files: end other processes"
        case ENOMEM: return "the machine has no memory for it: end other processes or use fewer --workers"
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
